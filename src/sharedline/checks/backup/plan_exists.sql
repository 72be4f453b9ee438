/*
title = "Regions with data have a backup plan"
severity = "medium"
duty = "data.backup-recovery"
why = """\
Where databases, tables or file systems live and no plan exists, backups depend on somebody \
remembering."""
fix = """
aws backup create-backup-plan --backup-plan file://plan.json
aws backup create-backup-selection --backup-plan-id ID --backup-selection file://selection.json
"""
[controls]
nist-800-53-r5 = ["CP-9"]
*/
with data_store as (
  select d.account_id, d.region from rds_instance d
  union all
  select d.account_id, d.region from rds_cluster d
  union all
  select d.account_id, d.region from dynamodb_table d
  union all
  select d.account_id, d.region from efs_file_system d
),
busy as (
  select d.account_id, d.region, count(*) as stores
  from data_store d
  group by d.account_id, d.region
),
planned as (
  select
    p.account_id,
    p.region,
    count(*) as plans,
    max(case when p.backup_plan_id is null then 1 else 0 end) as unread
  from backup_plan p
  group by p.account_id, p.region
),
-- A Region of which the stores could not all be listed may hold some: it stays, as unknown.
unlisted as (
  select l.account_id, l.region, min(l.table_name) as store
  from listing l
  where l.table_name in ('rds_instance', 'rds_cluster', 'dynamodb_table', 'efs_file_system')
    and l.status in ('failed', 'partial')
  group by l.account_id, l.region
)
select
  r.arn as resource,
  case
    when p.unread = 1 then null
    when p.plans is not null then true
    when b.stores is not null then false
  end as ok,
  case
    when p.plans is not null then cast(p.plans as varchar) || ' backup plans exist'
    when b.stores is not null
      then 'there are ' || cast(b.stores as varchar) || ' data stores and no backup plan'
    else u.store || ' could not be listed'
  end as reason
from account_region r
left join busy b on b.account_id = r.account_id and b.region = r.region
left join planned p on p.account_id = r.account_id and p.region = r.region
left join unlisted u on u.account_id = r.account_id and u.region = r.region
where b.stores is not null or u.store is not null
