/*
title = "Certificates are renewed a month before they expire"
severity = "medium"
duty = "data.encryption-in-transit"
why = """\
An expired certificate stops the service or teaches its users to click warnings away; imported \
ones nobody renews but you."""
fix = """
# Imported: bring the new one. Issued by ACM: put the validation records back into DNS.
aws acm import-certificate --certificate-arn ARN --certificate fileb://cert.pem --private-key fileb://key.pem
aws acm describe-certificate --certificate-arn ARN --query Certificate.RenewalSummary
"""
[controls]
aws-fsbp = ["ACM.1"]
nist-800-53-r5 = ["SC-17", "SC-12"]
[params]
min_days = 30
*/
select
  c.arn as resource,
  c.not_after >= scan.as_of + interval '1' day * $min_days as ok,
  c.domain_name || ' expires on ' || substr(cast(c.not_after as varchar), 1, 10) as reason
from acm_certificate c
where c.status in ('ISSUED', 'EXPIRED', 'INACTIVE')
