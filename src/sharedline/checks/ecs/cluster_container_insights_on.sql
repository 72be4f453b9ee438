/*
title = "ECS clusters use Container Insights"
severity = "medium"
duty = "monitoring.alerting"
why = "Restarting containers, exhausted memory and odd network traffic show in metrics first; without them an incident starts with guessing."
fix = """
aws ecs update-cluster-settings --cluster CLUSTER --settings name=containerInsights,value=enhanced
"""
[controls]
aws-fsbp = ["ECS.12"]
nist-800-53-r5 = ["CA-7", "SI-4"]
*/
select
  c.arn as resource,
  c.container_insights in ('enabled', 'enhanced') as ok,
  'Container Insights is ' || c.container_insights as reason
from ecs_cluster c
