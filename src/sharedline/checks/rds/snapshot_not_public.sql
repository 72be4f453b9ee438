/*
title = "RDS snapshots are not public"
severity = "critical"
duty = "data.exposure"
why = """\
Every AWS account can list public snapshots and restore them, that is, read the whole database; \
there are bots that do."""
fix = """
aws rds modify-db-snapshot-attribute --db-snapshot-identifier NAME \\
  --attribute-name restore --values-to-remove all
"""
[controls]
aws-fsbp = ["RDS.1"]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
select
  x.arn as resource,
  not x.is_public as ok,
  case
    when not x.is_public then 'not everybody may restore it'
    else 'every AWS account may restore it'
  end as reason
from rds_snapshot x
