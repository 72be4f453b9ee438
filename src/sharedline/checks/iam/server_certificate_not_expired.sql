/*
title = "No expired TLS certificate is left in IAM"
severity = "medium"
duty = "identity.credential-hygiene"
why = "An expired certificate that is put on a load balancer by mistake breaks the service, or teaches its users to click warnings away."
fix = """
aws iam delete-server-certificate --server-certificate-name NAME
"""
[controls]
"cis-aws-7.0.0" = ["2.17"]
nist-800-53-r5 = ["SC-17"]
*/
select
  c.arn as resource,
  c.expiration > scan.as_of as ok,
  case
    when c.expiration > scan.as_of then 'valid until ' || cast(cast(c.expiration as date) as varchar)
    else 'expired on ' || cast(cast(c.expiration as date) as varchar)
  end as reason
from iam_server_certificate c
