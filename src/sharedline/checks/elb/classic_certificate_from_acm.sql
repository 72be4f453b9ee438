/*
title = "Classic load balancers use certificates of ACM"
severity = "medium"
duty = "data.encryption-in-transit"
why = "Certificates that ACM keeps are renewed by it; others expire when nobody looks."
fix = """
aws elb set-load-balancer-listener-ssl-certificate --load-balancer-name NAME \
  --load-balancer-port 443 --ssl-certificate-id ACM_CERTIFICATE_ARN
"""
[controls]
aws-fsbp = ["ELB.2"]
nist-800-53-r5 = ["SC-8", "SC-17"]
*/
with listeners as (
  select
    arn,
    max(case when protocol in ('HTTPS', 'SSL') and ssl_certificate_id not like 'arn:%:acm:%' then 1 else 0 end) as is_bad,
    max(case when (protocol in ('HTTPS', 'SSL') and ssl_certificate_id not like 'arn:%:acm:%') is null then 1 else 0 end) as is_unclear
  from elb_listener

  group by arn
)
select
  b.arn as resource,
  case when l.is_bad = 1 then false when l.is_unclear = 1 then null else true end as ok,
  case when l.is_bad = 1 then 'a listener has a certificate from elsewhere than ACM' else 'no listener has a certificate from elsewhere than ACM' end as reason
from elb_load_balancer b
left join listeners l on l.arn = b.arn
where b.listener_count > 0 or b.listener_count is null
