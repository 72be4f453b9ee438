/*
title = "RDS instances have a standby in another zone"
severity = "medium"
duty = "resilience.workload-design"
why = """\
Without a standby the failure or maintenance of one zone takes the database down. Instances of a \
cluster are judged through their cluster."""
fix = """
aws rds modify-db-instance --db-instance-identifier NAME --multi-az --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.5"]
"cis-aws-7.0.0" = ["3.2.4"]
nist-800-53-r5 = ["CP-10", "SC-5(2)"]
*/
select
  i.arn as resource,
  i.multi_az as ok,
  case
    when i.multi_az then 'a standby stands ready in another zone'
    else 'it lives in one zone only'
  end as reason
from rds_instance i
where i.db_cluster_identifier = ''
