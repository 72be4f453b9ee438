/*
title = "Security services run from a delegated administrator"
severity = "low"
duty = "identity.least-privilege"
why = "Security teams that work in the management account hold more than they need, over every account."
fix = """
aws organizations register-delegated-administrator --account-id ACCOUNT --service-principal SERVICE
"""
[controls]
"cis-aws-7.0.0" = ["2.1.6"]
nist-800-53-r5 = ["AC-5", "AC-6"]
*/
select
  s.arn as resource,
  case when d.service_principal is null then false when d.found is null then null else true end as ok,
  case
    when d.service_principal is null then s.service_principal || ' has no delegated administrator'
    else s.service_principal || ' is delegated to ' || d.found
  end as reason
from organizations_service_access s
left join (
  select x.account_id, x.service_principal, min(x.delegate_id) as found
  from organizations_delegated_service x
  group by x.account_id, x.service_principal
) d on d.account_id = s.account_id and d.service_principal = s.service_principal
where s.service_principal in (
  'access-analyzer.amazonaws.com', 'cloudtrail.amazonaws.com', 'config.amazonaws.com',
  'config-multiaccountsetup.amazonaws.com', 'detective.amazonaws.com', 'fms.amazonaws.com',
  'guardduty.amazonaws.com', 'inspector2.amazonaws.com', 'macie.amazonaws.com',
  'securityhub.amazonaws.com', 'sso.amazonaws.com', 'iam.amazonaws.com'
)
