/*
title = "RSA certificates have keys of 2048 bits or more"
severity = "high"
duty = "data.encryption-in-transit"
why = "Shorter RSA keys can be factored, and then the site can be impersonated."
fix = """
# A certificate's key cannot be changed: import or request a new one, then delete this.
aws acm delete-certificate --certificate-arn ARN
"""
[controls]
aws-fsbp = ["ACM.2"]
nist-800-53-r5 = ["SC-12", "SC-13"]
*/
select
  c.arn as resource,
  c.key_algorithm not in ('RSA_512', 'RSA-512', 'RSA_1024', 'RSA-1024') as ok,
  'its key is ' || c.key_algorithm as reason
from acm_certificate c
where c.key_algorithm is null or c.key_algorithm like 'RSA%'
