/*
title = "Nobody below an administrator can become one"
severity = "high"
duty = "identity.least-privilege"
why = "Some permissions are worth all others: who may pass a strong role to a machine, rewrite a policy or take over a trusted role is an administrator with one more step."
fix = """
# The steps, each with the statements that allow it:
sharedline iam paths --from PRINCIPAL_ARN
"""
[controls]
nist-800-53-r5 = ["AC-5", "AC-6", "AC-6(10)"]
*/
select
  e.arn as resource,
  not e.reaches_admin as ok,
  case
    when e.reaches_admin then e.path
    when not e.reaches_admin then 'no way leads to an administrator'
    when e.conditions <> '' then 'depends on ' || e.conditions
    else e.unknown
  end as reason
from escalation_path e
where e.arn not like '%:role/aws-service-role/%'
