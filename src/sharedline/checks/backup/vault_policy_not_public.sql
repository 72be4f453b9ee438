/*
title = "Backup vault policies do not let everybody in"
severity = "high"
duty = "data.exposure"
why = """\
Who may copy out of the vault has the data; who may delete from it decides whether you recover."""
fix = """
aws backup put-backup-vault-access-policy --backup-vault-name NAME --policy file://policy.json
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
from backup_vault x
left join resource_policy p on p.arn = x.arn and p.account_id = x.account_id
