/*
title = "Classic load balancers use a recommended TLS policy"
severity = "medium"
duty = "data.encryption-in-transit"
why = "An old policy still speaks protocol versions and ciphers that are broken."
fix = """
aws elb create-load-balancer-policy --load-balancer-name NAME --policy-name tls12 \
  --policy-type-name SSLNegotiationPolicyType \
  --policy-attributes AttributeName=Reference-Security-Policy,AttributeValue=ELBSecurityPolicy-TLS-1-2-2017-01
aws elb set-load-balancer-policies-of-listener --load-balancer-name NAME --load-balancer-port 443 \
  --policy-names tls12
"""
[controls]
aws-fsbp = ["ELB.8"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
with listeners as (
  select
    arn,
    max(case when protocol in ('HTTPS', 'SSL') and not array_contains(policy_names, 'ELBSecurityPolicy-TLS-1-2-2017-01') then 1 else 0 end) as is_bad,
    max(case when (protocol in ('HTTPS', 'SSL') and not array_contains(policy_names, 'ELBSecurityPolicy-TLS-1-2-2017-01')) is null then 1 else 0 end) as is_unclear
  from elb_listener

  group by arn
)
select
  b.arn as resource,
  case when l.is_bad = 1 then false when l.is_unclear = 1 then null else true end as ok,
  case when l.is_bad = 1 then 'a listener has another TLS policy' else 'no listener has another TLS policy' end as reason
from elb_load_balancer b
left join listeners l on l.arn = b.arn
where b.listener_count > 0 or b.listener_count is null
