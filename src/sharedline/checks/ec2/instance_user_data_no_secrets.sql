/*
title = "Instance user data holds no secrets"
severity = "critical"
duty = "application.secrets"
why = "User data is readable by everybody who may describe the instance and by every process on it."
fix = """
# Treat the secret as known: change it. Keep the new one in Secrets Manager or Parameter Store,
# let the machine fetch it with its role, and write the user data without it.
"""
[controls]
nist-800-53-r5 = ["IA-5(7)", "SC-28"]
*/
select
  i.arn as resource,
  u.secrets_found = '' as ok,
  case
    when u.secrets_found = '' then 'nothing like a secret was found'
    else 'its user data seems to hold: ' || u.secrets_found
  end as reason
from ec2_instance i
left join ec2_instance_user_data u on u.arn = i.arn
