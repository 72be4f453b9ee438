/*
title = "Elastic Beanstalk applies platform updates by itself"
severity = "high"
duty = "compute.guest-patching"
why = "AWS releases patched platforms every month; without managed updates each instance keeps the old operating system and runtime until somebody acts."
fix = """
aws elasticbeanstalk update-environment --environment-name NAME --option-settings \\
  Namespace=aws:elasticbeanstalk:managedactions,OptionName=ManagedActionsEnabled,Value=true
"""
[controls]
aws-fsbp = ["ElasticBeanstalk.2"]
nist-800-53-r5 = ["SI-2", "SI-2(5)"]
*/
select
  e.arn as resource,
  lower(e.managed_actions_enabled) = 'true' as ok,
  case when lower(e.managed_actions_enabled) = 'true' then 'platform updates are applied in a weekly window' else 'platform updates wait for somebody to apply them' end as reason
from elasticbeanstalk_environment e
where e.status is null or e.status not in ('Terminating', 'Terminated')
