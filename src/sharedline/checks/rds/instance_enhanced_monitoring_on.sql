/*
title = "RDS instances report the state of their operating system"
severity = "low"
duty = "monitoring.threat-detection"
why = """\
Enhanced monitoring shows processes and load from inside the host; a database that suddenly works \
hard for somebody else shows there first."""
fix = """
aws rds modify-db-instance --db-instance-identifier NAME --monitoring-interval 60 --monitoring-role-arn ROLE_ARN
"""
[controls]
aws-fsbp = ["RDS.6"]
nist-800-53-r5 = ["SI-4", "CA-7"]
*/
select
  i.arn as resource,
  i.monitoring_interval > 0 as ok,
  case
    when i.monitoring_interval > 0 then 'metrics come every ' || cast(i.monitoring_interval as varchar) || ' seconds'
    else 'enhanced monitoring is off'
  end as reason
from rds_instance i
