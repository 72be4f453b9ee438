/*
title = "Elastic Beanstalk environments stream their logs to CloudWatch"
severity = "high"
duty = "monitoring.audit-logging"
why = "The logs of an environment live on its instances and end with them, at the next update or scale-in."
fix = """
aws elasticbeanstalk update-environment --environment-name NAME --option-settings \\
  Namespace=aws:elasticbeanstalk:cloudwatch:logs,OptionName=StreamLogs,Value=true
"""
[controls]
aws-fsbp = ["ElasticBeanstalk.3"]
nist-800-53-r5 = ["AU-2", "AU-12"]
*/
select
  e.arn as resource,
  lower(e.stream_logs) = 'true' as ok,
  case when lower(e.stream_logs) = 'true' then 'instance logs go to CloudWatch Logs' else 'instance logs stay on the instances' end as reason
from elasticbeanstalk_environment e
where e.status is null or e.status not in ('Terminating', 'Terminated')
