/*
title = "Automation rules of Security Hub do not hide serious findings"
severity = "high"
duty = "monitoring.threat-detection"
why = "A rule that suppresses, resolves or plays down findings works before any person sees them."
fix = """
aws securityhub batch-update-automation-rules --update-automation-rules-request-items file://rule.json
# with Criteria.SeverityLabel limited to LOW and INFORMATIONAL
"""
[controls]
nist-800-53-r5 = ["SI-4", "SI-4(5)"]
*/
with judged as (
  select
    r.arn,
    r.rule_status = 'ENABLED'
      and (r.sets_workflow_status in ('SUPPRESSED', 'RESOLVED')
        or r.sets_severity_label in ('INFORMATIONAL', 'LOW', 'MEDIUM')) as hides,
    array_to_string(r.severity_labels, ' ') = ''
      or array_contains(r.severity_labels, 'CRITICAL')
      or array_contains(r.severity_labels, 'HIGH') as serious
  from securityhub_automation_rule r
)
select
  r.arn as resource,
  not (j.hides and j.serious) as ok,
  case
    when j.hides and j.serious
      then 'rule ' || r.rule_name || ' can take high and critical findings out of sight'
    when not (j.hides and j.serious)
      then 'rule ' || r.rule_name || ' leaves high and critical findings as they are'
  end as reason
from securityhub_automation_rule r
left join judged j on j.arn = r.arn
