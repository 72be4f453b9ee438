/*
title = "Classic load balancer listeners speak TLS"
severity = "medium"
duty = "data.encryption-in-transit"
why = "What a listener takes without TLS can be read and changed by anybody on the way."
fix = """
aws elb create-load-balancer-listeners --load-balancer-name NAME --listeners \
  Protocol=HTTPS,LoadBalancerPort=443,InstanceProtocol=HTTPS,InstancePort=443,SSLCertificateId=CERTIFICATE_ARN
aws elb delete-load-balancer-listeners --load-balancer-name NAME --load-balancer-ports 80
"""
[controls]
aws-fsbp = ["ELB.3"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
with listeners as (
  select
    arn,
    max(case when protocol not in ('HTTPS', 'SSL') then 1 else 0 end) as is_bad,
    max(case when (protocol not in ('HTTPS', 'SSL')) is null then 1 else 0 end) as is_unclear
  from elb_listener

  group by arn
)
select
  b.arn as resource,
  case when l.is_bad = 1 then false when l.is_unclear = 1 then null else true end as ok,
  case when l.is_bad = 1 then 'a listener speaks neither HTTPS nor SSL' else 'no listener speaks neither HTTPS nor SSL' end as reason
from elb_load_balancer b
left join listeners l on l.arn = b.arn
where b.listener_count > 0 or b.listener_count is null
