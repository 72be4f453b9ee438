/*
title = "Parameters named as secrets are SecureString"
severity = "high"
duty = "application.secrets"
why = "A String parameter is plain text to everybody who may read parameters, in the console, in backups and in the history of the parameter."
fix = """
# The type cannot be changed in place: write a new parameter, move its readers, delete the old one.
aws ssm put-parameter --name NAME-secure --type SecureString --value file://secret.txt
aws ssm delete-parameter --name NAME
"""
[controls]
nist-800-53-r5 = ["IA-5(7)", "SC-28"]
*/
-- Names are all that is read; the values never leave AWS.
select
  p.arn as resource,
  p.type = 'SecureString' as ok,
  'its name promises a secret and its type is ' || p.type as reason
from ssm_parameter p
where (
    lower(p.name) like '%password%'
    or lower(p.name) like '%passwd%'
    or lower(p.name) like '%secret%'
    or lower(p.name) like '%token%'
    or lower(p.name) like '%apikey%'
    or lower(p.name) like '%api_key%'
    or lower(p.name) like '%private_key%'
    or lower(p.name) like '%credential%'
  )
  and not (
    lower(p.name) like '%arn'
    or lower(p.name) like '%name'
    or lower(p.name) like '%id'
    or lower(p.name) like '%url'
    or lower(p.name) like '%path'
    or lower(p.name) like '%expiry'
    or lower(p.name) like '%ttl'
  )
