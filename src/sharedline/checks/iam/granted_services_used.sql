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
  u.unused_service_count <= $spare as ok,
  case
    when u.unused_service_count > $spare
      then cast(u.unused_service_count as varchar) || ' of '
        || cast(u.granted_services as varchar) || ' services that it may use are not used'
    when u.unused_service_count <= $spare then 'it uses the services that it may use'
  end as reason
from principal_usage u
where u.arn not like '%:role/aws-service-role/%' and u.arn not like '%:role/aws-reserved/%'
