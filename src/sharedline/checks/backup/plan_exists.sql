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
)
select
  r.arn as resource,
  case when p.unread = 1 then null else p.plans is not null end as ok,
  case
    when p.plans is null
      then 'there are ' || cast(b.stores as varchar) || ' data stores and no backup plan'
    else cast(p.plans as varchar) || ' backup plans exist'
  end as reason
from account_region r
join busy b on b.account_id = r.account_id and b.region = r.region
left join planned p on p.account_id = r.account_id and p.region = r.region
