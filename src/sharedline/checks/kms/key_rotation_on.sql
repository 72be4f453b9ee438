/*
title = "Customer-managed symmetric KMS keys rotate every year"
severity = "medium"
duty = "data.key-management"
why = """\
Rotation limits how much data one version of the key material protects. It applies to enabled \
symmetric keys whose material KMS made."""
fix = """
aws kms enable-key-rotation --key-id KEY_ID
"""
[controls]
"cis-aws-7.0.0" = ["4.6"]
nist-800-53-r5 = ["SC-12", "SC-12(2)"]
*/
select
  k.arn as resource,
  k.key_rotation_enabled as ok,
  case
    when k.key_rotation_enabled then 'its material is rotated by KMS'
    else 'automatic rotation is off'
  end as reason
from kms_key k
where k.key_manager = 'CUSTOMER'
  and k.key_spec = 'SYMMETRIC_DEFAULT'
  and k.origin = 'AWS_KMS'
  and k.key_state = 'Enabled'
