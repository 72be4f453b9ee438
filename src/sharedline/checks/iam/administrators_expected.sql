/*
title = "Only the expected users and roles are administrators in effect"
severity = "high"
duty = "identity.least-privilege"
why = "What counts is not the name of a policy but what all policies together allow: everybody who can give themselves anything is an administrator, and each is one stolen credential away from the whole account."
fix = """
# What makes it an administrator, and what it really uses:
sharedline iam what-can PRINCIPAL_ARN
sharedline iam rightsize ROLE
# Put the names of those that should be administrators into this check's `expected`.
"""
[controls]
nist-800-53-r5 = ["AC-2", "AC-6", "AC-6(5)"]
[params]
# Names of users and roles that may be administrators.
expected = ["OrganizationAccountAccessRole", "AWSControlTowerExecution", "AWSCloudFormationStackSetExecutionRole"]
*/
select
  p.arn as resource,
  case
    when p.name in $expected then true
    when p.is_admin then false
    else not p.is_admin
  end as ok,
  case
    when p.name in $expected then 'it may be an administrator'
    when p.is_admin then 'an administrator in effect: ' || p.admin_reason
    when not p.is_admin then 'not an administrator'
    else p.admin_reason
  end as reason
from principal_access p
where not p.is_service_linked and p.name not like 'AWSReservedSSO\_%' escape '\'
