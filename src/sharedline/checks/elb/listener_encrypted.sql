/*
title = "Load balancer listeners speak TLS"
severity = "medium"
duty = "data.encryption-in-transit"
why = "What a listener takes without TLS can be read and changed by anybody on the way."
fix = """
aws elbv2 modify-listener --listener-arn LISTENER_ARN --protocol HTTPS --port 443 \
  --certificates CertificateArn=CERTIFICATE_ARN --ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-2021-06
# TLS instead of HTTPS on a network load balancer.
"""
[controls]
aws-fsbp = ["ELB.18"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
select
  x.arn as resource,
  case when x.load_balancer_type = 'application' then x.protocol = 'HTTPS' else x.protocol = 'TLS' end as ok,
  'it speaks ' || x.protocol as reason
from elbv2_listener x
where x.load_balancer_type in ('application', 'network')
