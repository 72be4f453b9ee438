/*
title = "S3 buckets keep versions of their objects"
severity = "low"
duty = "data.backup-recovery"
why = """\
Without versions an overwritten or deleted object is gone, whether by mistake or by ransomware."""
fix = """
aws s3api put-bucket-versioning --bucket NAME --versioning-configuration Status=Enabled
"""
[controls]
nist-800-53-r5 = ["CP-9", "SI-12"]
*/
select
  b.arn as resource,
  b.versioning_status = 'Enabled' as ok,
  case
    when b.versioning_status = 'Enabled' then 'versioning is on'
    when b.versioning_status = 'Suspended' then 'versioning is suspended'
    else 'versioning was never turned on'
  end as reason
from s3_bucket b
