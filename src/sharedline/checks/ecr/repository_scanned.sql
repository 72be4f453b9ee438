/*
title = "ECR repositories scan their images"
severity = "high"
duty = "application.vulnerability-scanning"
why = "An image carries the vulnerabilities of every layer below it, and AWS looks at none of them unless scanning is on."
fix = """
aws ecr put-registry-scanning-configuration --scan-type ENHANCED --rules \\
  '[{"scanFrequency":"CONTINUOUS_SCAN","repositoryFilters":[{"filter":"*","filterType":"WILDCARD"}]}]'
"""
[controls]
aws-fsbp = ["ECR.1"]
nist-800-53-r5 = ["RA-5"]
*/
-- The registry's rules decide; the repository's own older switch is counted too.
select
  r.arn as resource,
  r.scan_frequency in ('SCAN_ON_PUSH', 'CONTINUOUS_SCAN') or r.scan_on_push as ok,
  case
    when r.scan_frequency in ('SCAN_ON_PUSH', 'CONTINUOUS_SCAN')
      then 'scanned: ' || r.scan_frequency
    when r.scan_on_push then 'scanned on push'
    else 'images are scanned only when somebody asks'
  end as reason
from ecr_repository r
