/*
title = "Public sharing of Systems Manager documents is blocked"
severity = "critical"
duty = "data.exposure"
why = "The block keeps anybody in the account from publishing a document by mistake; the setting is per Region and off by default."
fix = """
aws ssm update-service-setting --region REGION --setting-value Disable \\
  --setting-id /ssm/documents/console/public-sharing-permission
"""
[controls]
aws-fsbp = ["SSM.7"]
nist-800-53-r5 = ["AC-3", "AC-21"]
*/
select
  s.arn as resource,
  s.setting_value = 'Disable' as ok,
  case
    when s.setting_value = 'Disable' then 'documents cannot be made public'
    else 'anybody allowed to share documents can make them public'
  end as reason
from ssm_document_sharing s
