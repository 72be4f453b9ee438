/*
title = "Application load balancers send HTTP to HTTPS"
severity = "medium"
duty = "data.encryption-in-transit"
why = "A listener that answers plain HTTP lets anybody on the way read and change requests, sessions and answers."
fix = """
aws elbv2 modify-listener --listener-arn LISTENER_ARN \
  --default-actions 'Type=redirect,RedirectConfig={Protocol=HTTPS,Port=443,StatusCode=HTTP_301}'
"""
[controls]
aws-fsbp = ["ELB.1"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
with plain as (
  select
    load_balancer_arn,
    max(case when protocol = 'HTTP' and redirect_protocol <> 'HTTPS' then 1 else 0 end) as is_plain,
    max(
      case
        when protocol is null then 1
        when protocol = 'HTTP' and redirect_protocol is null then 1
        else 0
      end
    ) as is_unclear
  from elbv2_listener
  group by load_balancer_arn
)
select
  b.arn as resource,
  case when p.is_plain = 1 then false when p.is_unclear = 1 then null else true end as ok,
  case
    when p.is_plain = 1 then 'an HTTP listener does not redirect to HTTPS'
    else 'no HTTP listener answers without a redirect'
  end as reason
from elbv2_load_balancer b
left join plain p on p.load_balancer_arn = b.arn
where b.type = 'application'
