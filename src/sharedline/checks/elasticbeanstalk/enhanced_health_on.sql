/*
title = "Elastic Beanstalk environments report enhanced health"
severity = "low"
duty = "monitoring.alerting"
why = "Basic health knows only whether the load balancer is content; failing instances and slow answers show in the enhanced report first."
fix = """
aws elasticbeanstalk update-environment --environment-name NAME --option-settings \\
  Namespace=aws:elasticbeanstalk:healthreporting:system,OptionName=SystemType,Value=enhanced
"""
[controls]
aws-fsbp = ["ElasticBeanstalk.1"]
nist-800-53-r5 = ["CA-7", "SI-4"]
*/
select
  e.arn as resource,
  lower(e.health_reporting_system_type) = 'enhanced' as ok,
  case when lower(e.health_reporting_system_type) = 'enhanced' then 'health reporting is enhanced' else 'health reporting is basic' end as reason
from elasticbeanstalk_environment e
where e.status is null or e.status not in ('Terminating', 'Terminated')
