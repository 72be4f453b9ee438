/*
title = "KMS key policies do not let everybody use the key"
severity = "critical"
duty = "data.key-management"
why = """\
A key that everybody may use protects nothing: whoever gets hold of the ciphertext also gets the \
plaintext."""
fix = """
aws kms put-key-policy --key-id KEY_ID --policy-name default --policy file://policy.json
"""
[controls]
aws-fsbp = ["KMS.5"]
"cis-aws-7.0.0" = ["2.21"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  k.arn as resource,
  not p.is_public as ok,
  case
    when p.is_public then 'its policy lets everybody in: ' || p.public_reason
    else 'its policy does not let everybody in'
  end as reason
from kms_key k
left join resource_policy p on p.arn = k.arn and p.account_id = k.account_id
where k.key_manager = 'CUSTOMER'
