/*
title = "Load balancers speak TLS to their targets"
severity = "medium"
duty = "data.encryption-in-transit"
why = "Behind the load balancer the request travels on; in plain text, whoever is in the network reads it there."
fix = """
# The protocol of a target group cannot be changed: make a new one and point the listener to it.
aws elbv2 create-target-group --name NAME --protocol HTTPS --port 443 --vpc-id VPC_ID
"""
[controls]
aws-fsbp = ["ELB.22"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  x.arn as resource,
  x.protocol in ('HTTPS', 'TLS', 'QUIC') as ok,
  'it speaks ' || x.protocol as reason
from elbv2_target_group x
where x.target_type not in ('lambda', 'alb') and (x.protocol <> 'GENEVE' or x.protocol is null)
