/*
title = "RDS instances have no public address"
severity = "critical"
duty = "data.exposure"
why = """\
A public address puts the database's login prompt on the internet; then only security groups and \
passwords are in the way."""
fix = """
aws rds modify-db-instance --db-instance-identifier NAME --no-publicly-accessible --apply-immediately
"""
[controls]
aws-fsbp = ["RDS.2"]
"cis-aws-7.0.0" = ["3.2.3"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  i.arn as resource,
  not i.publicly_accessible as ok,
  case
    when not i.publicly_accessible then 'it has no public address'
    else 'it has a public address'
  end as reason
from rds_instance i
