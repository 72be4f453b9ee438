/*
title = "Users and roles have no permissions for services they do not use"
severity = "low"
duty = "identity.least-privilege"
why = "A permission that nobody uses serves only whoever steals the credentials."
fix = """
sharedline iam rightsize ROLE        # the policy cut down to what is used, with proofs
"""
[controls]
nist-800-53-r5 = ["AC-6", "AC-6(7)", "AC-2"]
[params]
# So many unused services are no finding; broad read-only policies list dozens.
spare = 0
*/
select
  u.arn as resource,
  case when u.source is null then null else array_length(u.unused_services) <= $spare end as ok,
  case
    when array_length(u.unused_services) > $spare
      then cast(array_length(u.unused_services) as varchar) || ' of '
        || cast(u.granted_services as varchar) || ' services that it may use are not used'
    when u.source is not null then 'it uses the services that it may use'
  end as reason
from principal_usage u
