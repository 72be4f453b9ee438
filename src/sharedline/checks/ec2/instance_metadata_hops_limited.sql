/*
title = "Instance metadata stays within few network hops"
severity = "low"
duty = "compute.hardening"
why = "Each hop that metadata answers may travel brings the role's credentials further: past containers, proxies and tunnels."
fix = """
aws ec2 modify-instance-metadata-options --instance-id INSTANCE_ID --http-put-response-hop-limit 1
# 2 where containers on the instance need its role.
"""
[controls]
nist-800-53-r5 = ["AC-6", "SC-7"]
[params]
max_hops = 2
*/
select
  i.arn as resource,
  case
    when i.http_endpoint = 'disabled' then true
    else i.http_put_response_hop_limit <= $max_hops
  end as ok,
  case
    when i.http_endpoint = 'disabled' then 'its metadata service is off'
    else 'answers travel ' || cast(i.http_put_response_hop_limit as varchar) || ' hops'
  end as reason
from ec2_instance i
