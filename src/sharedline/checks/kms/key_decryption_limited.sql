/*
title = "Not everybody in the account can decrypt with the key"
severity = "medium"
duty = "data.key-management"
why = "A key protects nothing from those who may all use it: the key's policy leaves the decision to IAM, and IAM gives it for every key."
fix = """
# Who can, and by which statement:
sharedline iam who-can kms:Decrypt KEY_ARN
# Name the roles in the key's policy, or the key in the roles' policies.
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-6", "SC-12"]
[params]
max_principals = 10
*/
select
  k.arn as resource,
  case
    when a.anyone_in_account then false
    else a.decrypters <= $max_principals
  end as ok,
  case
    when a.anyone_in_account then 'everybody in the account can decrypt with it'
    when a.decrypters > $max_principals
      then cast(a.decrypters as varchar) || ' users and roles can decrypt with it'
    when a.decrypters <= $max_principals
      then cast(a.decrypters as varchar) || ' users and roles can decrypt with it'
  end as reason
from kms_key k
left join resource_access a on a.arn = k.arn and a.account_id = k.account_id
where k.key_manager = 'CUSTOMER'
