/*
title = "S3 bucket policies do not let everybody in"
severity = "high"
duty = "data.exposure"
why = """\
A wildcard principal without a narrowing condition opens the bucket to all accounts of AWS and \
the internet; only the block in front of it may still hold."""
fix = """
aws s3api delete-bucket-policy --bucket NAME   # or name the principals:
aws s3api put-bucket-policy --bucket NAME --policy file://policy.json
"""
[controls]
"cis-aws-7.0.0" = ["2.21"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  x.arn as resource,
  not p.is_public as ok,
  case
    when p.is_public then 'its policy lets everybody in: ' || p.public_reason
    else 'no policy of its own lets everybody in'
  end as reason
from s3_bucket x
left join resource_policy p on p.arn = x.arn and p.account_id = x.account_id
