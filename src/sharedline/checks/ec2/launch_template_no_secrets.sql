/*
title = "Launch templates hold no secrets"
severity = "critical"
duty = "application.secrets"
why = "User data is readable by everybody who may describe the template or reaches the machine's metadata service."
fix = """
# Treat the secret as known: change it. Keep the new one in Secrets Manager or Parameter Store,
# let the machine fetch it with its role, and write the user data without it.
"""
[controls]
nist-800-53-r5 = ["IA-5(7)", "SC-28"]
*/
select
  t.arn as resource,
  v.secrets_found = '' as ok,
  case when v.secrets_found = '' then 'nothing like a secret was found' else 'its user data seems to hold: ' || v.secrets_found end as reason
from ec2_launch_template t
left join ec2_launch_template_version v on v.arn = t.arn
