/*
title = "EBS encrypts new volumes by default"
severity = "medium"
duty = "data.encryption-at-rest"
why = "Without the Region's default each volume's encryption depends on who makes it remembering."
fix = """
aws ec2 enable-ebs-encryption-by-default --region REGION
"""
[controls]
aws-fsbp = ["EC2.7"]
"cis-aws-7.0.0" = ["6.1.1"]
nist-800-53-r5 = ["SC-28", "SC-28(1)"]
*/
select
  r.arn as resource,
  d.ebs_encryption_by_default as ok,
  case when d.ebs_encryption_by_default then 'new volumes are encrypted' else 'new volumes are encrypted only when asked for' end as reason
from account_region r
left join ec2_ebs_default_encryption d on d.arn = r.arn
