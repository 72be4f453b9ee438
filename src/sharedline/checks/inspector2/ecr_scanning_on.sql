/*
title = "Amazon Inspector scans container images in ECR"
severity = "high"
duty = "application.vulnerability-scanning"
why = "Basic scanning knows operating system packages at the moment of a push; Inspector also sees language packages and vulnerabilities published later."
fix = """
aws inspector2 enable --region REGION --account-ids ACCOUNT --resource-types ECR
"""
[controls]
aws-fsbp = ["Inspector.2"]
nist-800-53-r5 = ["RA-5", "SI-2"]
*/
select
  a.arn as resource,
  a.ecr_status = 'ENABLED' as ok,
  'ECR scanning is ' || lower(a.ecr_status) as reason
from inspector2_account a
