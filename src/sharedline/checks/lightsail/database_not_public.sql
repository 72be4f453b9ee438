/*
title = "Lightsail databases are not reachable from the internet"
severity = "high"
duty = "network.segmentation"
why = "In public mode only the database password stands between the internet and the data."
fix = """
aws lightsail update-relational-database --relational-database-name NAME --no-publicly-accessible --apply-immediately
"""
[controls]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  d.arn as resource,
  not d.publicly_accessible as ok,
  case
    when d.publicly_accessible then 'public mode is on' else 'public mode is off'
  end as reason
from lightsail_relational_database d
