/*
title = "Suppression filters of GuardDuty do not hide high severities"
severity = "high"
duty = "monitoring.threat-detection"
why = "A filter that archives whatever matches also archives the one finding that mattered; it is gone before anybody sees it."
fix = """
aws guardduty update-filter --detector-id ID --filter-name NAME --finding-criteria \\
  '{"Criterion": {"type": {"Equals": ["Recon:EC2/Portscan"]}, "severity": {"LessThan": 7}}}'
"""
[controls]
nist-800-53-r5 = ["SI-4", "SI-4(5)"]
*/
select
  f.arn as resource,
  not f.hides_high as ok,
  f.reason as reason
from guardduty_suppression f
where f.action is null or f.action = 'ARCHIVE'
