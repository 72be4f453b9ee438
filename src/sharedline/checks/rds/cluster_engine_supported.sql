/*
title = "RDS clusters run an engine version under standard support"
severity = "high"
duty = "database.engine-patching"
why = """\
After standard support ends there are no more fixes without paying for extended support, and in \
the end AWS upgrades by force."""
fix = """
aws rds modify-db-cluster --db-cluster-identifier NAME --engine-version NEW \\
  --allow-major-version-upgrade --apply-immediately
"""
[controls]
nist-800-53-r5 = ["SI-2", "SA-22"]
*/
with supported as (
  select
    x.arn,
    count(*) as listed,
    min(v.standard_support_end) as ends
  from rds_cluster x
  join rds_major_engine_version v
    on v.account_id = x.account_id
    and v.region = x.region
    and v.engine = x.engine
    and (
      x.engine_version = v.major_engine_version
      or x.engine_version like v.major_engine_version || '.%'
    )
  group by x.arn
)
select
  c.arn as resource,
  case when s.ends is not null then s.ends >= scan.as_of end as ok,
  case
    when s.listed is null then 'AWS says nothing about ' || c.engine || ' ' || c.engine_version
    else c.engine || ' ' || c.engine_version || ' has standard support until '
      || substr(cast(s.ends as varchar), 1, 10)
  end as reason
from rds_cluster c
left join supported s on s.arn = c.arn
