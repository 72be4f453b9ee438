/*
title = "ElastiCache replication groups with an old engine ask for a password"
severity = "medium"
duty = "identity.database-users"
why = """\
Before version 6 Redis knows no users: without an AUTH token everyone who reaches the port reads \
and writes everything."""
fix = """
aws elasticache modify-replication-group --replication-group-id NAME --auth-token TOKEN \\
  --auth-token-update-strategy SET --apply-immediately
"""
[controls]
aws-fsbp = ["ElastiCache.6"]
nist-800-53-r5 = ["AC-3", "IA-5"]
*/
with member as (
  select
    c.replication_group_id,
    c.account_id,
    c.region,
    min(cast(split_part(c.engine_version, '.', 1) as integer)) as oldest
  from elasticache_cache_cluster c
  where c.replication_group_id <> ''
  group by c.replication_group_id, c.account_id, c.region
)
select
  g.arn as resource,
  g.auth_token_enabled or m.oldest >= 6 as ok,
  case
    when g.auth_token_enabled then 'clients need the AUTH token'
    else 'it runs version ' || cast(m.oldest as varchar) || ' and asks for no password'
  end as reason
from elasticache_replication_group g
left join member m
  on m.replication_group_id = g.replication_group_id
  and m.account_id = g.account_id
  and m.region = g.region
where m.oldest < 6 or m.oldest is null
