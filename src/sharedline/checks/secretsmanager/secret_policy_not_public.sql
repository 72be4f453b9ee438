/*
title = "Secret policies do not let everybody in"
severity = "critical"
duty = "data.exposure"
why = "A resource policy with a wildcard principal hands the secret to whoever asks."
fix = """
aws secretsmanager delete-resource-policy --secret-id NAME
aws secretsmanager put-resource-policy --secret-id NAME --block-public-policy --resource-policy file://policy.json
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
from secretsmanager_secret x
left join resource_policy p on p.arn = x.arn and p.account_id = x.account_id
