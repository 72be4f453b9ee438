/*
title = "The account names a security contact"
severity = "medium"
duty = "response.ownership"
why = "AWS reports abuse and compromised credentials to this contact; without it the message goes to whoever reads the root mailbox."
fix = """
aws account put-alternate-contact --alternate-contact-type SECURITY --name "NAME" \\
  --title "TITLE" --email-address security@EXAMPLE --phone-number "+1 000"
"""
[controls]
aws-fsbp = ["Account.1"]
"cis-aws-7.0.0" = ["2.3"]
nist-800-53-r5 = ["CM-2", "CM-2(2)", "IR-6"]
*/
select
  a.arn as resource,
  a.security_contact_email <> '' as ok,
  case
    when a.security_contact_email = '' then 'no security contact is on file'
    else 'the security contact is ' || a.security_contact_email
  end as reason
from account a
