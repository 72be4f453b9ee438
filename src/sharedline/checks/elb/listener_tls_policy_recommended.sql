/*
title = "Load balancer listeners use a recommended TLS policy"
severity = "medium"
duty = "data.encryption-in-transit"
why = "An old policy still speaks protocol versions and ciphers that are broken, and clients can be talked down to them."
fix = """
aws elbv2 modify-listener --listener-arn LISTENER_ARN --ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-2021-06
"""
[controls]
aws-fsbp = ["ELB.17"]
nist-800-53-r5 = ["SC-8", "SC-8(1)", "SC-13", "SC-23"]
*/
select
  x.arn as resource,
  x.ssl_policy in (
    'ELBSecurityPolicy-TLS13-1-3-2021-06',
    'ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04',
    'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    'ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04',
    'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
    'ELBSecurityPolicy-TLS13-1-3-PQ-2025-09',
    'ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09',
    'ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09'
  ) as ok,
  'its policy is ' || x.ssl_policy as reason
from elbv2_listener x
where x.protocol in ('HTTPS', 'TLS')
