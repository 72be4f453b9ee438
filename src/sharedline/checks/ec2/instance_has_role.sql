/*
title = "Instances have a role"
severity = "medium"
duty = "identity.credential-hygiene"
why = "A machine without a role reaches AWS with keys that somebody stored on it, which do not expire and are easily copied."
fix = """
aws ec2 associate-iam-instance-profile --instance-id INSTANCE_ID --iam-instance-profile Name=PROFILE
"""
[controls]
"cis-aws-7.0.0" = ["2.16"]
nist-800-53-r5 = ["IA-5", "AC-6"]
*/
select
  i.arn as resource,
  i.iam_instance_profile_arn <> '' as ok,
  case
    when i.iam_instance_profile_arn <> '' then 'its profile is ' || i.iam_instance_profile_arn
    else 'it has no instance profile'
  end as reason
from ec2_instance i
