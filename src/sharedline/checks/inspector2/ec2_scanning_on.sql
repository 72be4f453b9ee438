/*
title = "Amazon Inspector scans EC2 instances"
severity = "high"
duty = "application.vulnerability-scanning"
why = "Vulnerable packages on instances stay unknown where nothing looks for them, and a Region nobody uses is where intruders start machines."
fix = """
aws inspector2 enable --region REGION --account-ids ACCOUNT --resource-types EC2
"""
[controls]
aws-fsbp = ["Inspector.1"]
nist-800-53-r5 = ["RA-5", "SI-2"]
*/
select
  a.arn as resource,
  a.ec2_status = 'ENABLED' as ok,
  'EC2 scanning is ' || lower(a.ec2_status) as reason
from inspector2_account a
