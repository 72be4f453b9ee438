/*
title = "RDS clusters are not days away from forced maintenance"
severity = "medium"
duty = "database.engine-patching"
why = """\
When AWS names a date on which it applies a patch by itself, the quiet choice of the moment is \
nearly gone."""
fix = """
aws rds describe-pending-maintenance-actions
aws rds apply-pending-maintenance-action --resource-identifier ARN \\
  --apply-action system-update --opt-in-type next-maintenance
"""
[controls]
nist-800-53-r5 = ["SI-2"]
[params]
notice_days = 14
*/
with waiting as (
  select m.arn, min(m.forced_apply_date) as forced
  from rds_pending_maintenance_action m
  group by m.arn
)
select
  c.arn as resource,
  case
    when c.status is null then null
    when w.forced < scan.as_of + interval '1' day * $notice_days then false
    else true
  end as ok,
  case
    when w.forced is null then 'no maintenance has a date on which it is forced'
    else 'maintenance is forced on ' || substr(cast(w.forced as varchar), 1, 10)
  end as reason
from rds_cluster c
left join waiting w on w.arn = c.arn
