/*
title = "S3 buckets ask for MFA before versions are deleted"
severity = "low"
duty = "data.retention-deletion"
why = """\
With MFA delete a stolen key cannot erase the versions that recovery depends on. S3 refuses it \
for buckets with lifecycle rules, so those are not judged."""
fix = """
# Only the root user can do this, with its MFA device.
aws s3api put-bucket-versioning --bucket NAME --mfa "DEVICE_ARN CODE" \\
  --versioning-configuration Status=Enabled,MFADelete=Enabled
"""
[controls]
"cis-aws-7.0.0" = ["3.1.2"]
nist-800-53-r5 = ["CM-3", "SC-5(2)"]
*/
select
  b.arn as resource,
  case
    when b.mfa_delete = 'Enabled' and b.versioning_status = 'Enabled' then true
    when b.mfa_delete <> 'Enabled' and b.has_lifecycle is null then null
    else b.mfa_delete = 'Enabled' and b.versioning_status = 'Enabled'
  end as ok,
  case
    when b.versioning_status <> 'Enabled' then 'versioning is not on'
    when b.mfa_delete = 'Enabled' then 'MFA delete is on'
    else 'MFA delete is off'
  end as reason
from s3_bucket b
where b.has_lifecycle is null or not b.has_lifecycle
