/*
title = "Vulnerabilities that Inspector finds are fixed within the limit"
severity = "high"
duty = "response.remediation"
why = "A vulnerability that everybody can read about is attacked within days; finding it is worth nothing until it is fixed."
fix = """
aws inspector2 list-findings --filter-criteria '{"findingArns":[{"comparison":"EQUALS","value":"FINDING"}]}' \\
  --query 'findings[].[title,resources[0].id,remediation.recommendation.text]'
# Update the package it names, rebuild and redeploy; Inspector closes the finding by itself.
"""
[controls]
nist-800-53-r5 = ["SI-2", "RA-5", "CA-5"]
[params]
max_days_critical = 15
max_days_high = 30
*/
-- A delegated administrator also lists the findings of its members, which their own scan reports.
select
  f.arn as resource,
  case
    when f.severity = 'CRITICAL'
      then f.first_observed_at >= scan.as_of - interval '1' day * $max_days_critical
    else f.first_observed_at >= scan.as_of - interval '1' day * $max_days_high
  end as ok,
  lower(f.severity) || ' on ' || f.resource_id || ' since '
    || substr(cast(f.first_observed_at as varchar), 1, 10) || ': ' || f.title as reason
from inspector2_finding f
where f.aws_account_id is null or f.aws_account_id = f.account_id
