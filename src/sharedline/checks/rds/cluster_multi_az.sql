/*
title = "RDS clusters have instances in several zones"
severity = "medium"
duty = "resilience.workload-design"
why = """\
Without a reader in another zone the failure of one zone takes the cluster down until a new \
instance is made."""
fix = """
aws rds create-db-instance --db-instance-identifier NAME-reader --db-cluster-identifier NAME \\
  --engine ENGINE --db-instance-class CLASS --availability-zone OTHER_ZONE
"""
[controls]
aws-fsbp = ["RDS.15"]
"cis-aws-7.0.0" = ["3.2.4"]
nist-800-53-r5 = ["CP-10", "SC-5(2)"]
*/
select
  c.arn as resource,
  c.multi_az as ok,
  case
    when c.multi_az then 'its instances are in several zones'
    else 'its instances are in one zone'
  end as reason
from rds_cluster c
