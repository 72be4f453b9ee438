/*
title = "Own patch baselines approve patches within the limit"
severity = "medium"
duty = "compute.guest-patching"
why = "Nodes report themselves compliant while their baseline still holds a patch back, so a long wait hides open holes behind a green report."
fix = """
aws ssm update-patch-baseline --baseline-id BASELINE --approval-rules \\
  'PatchRules=[{PatchFilterGroup={PatchFilters=[{Key=CLASSIFICATION,Values=[Security]}]},ApproveAfterDays=7}]'
"""
[controls]
nist-800-53-r5 = ["SI-2", "SI-2(5)"]
[params]
max_days = 14
*/
select
  b.arn as resource,
  case
    when b.rule_count is null then null
    when b.rule_count = 0 or b.approve_until_dates <> '' then false
    else b.approve_after_days <= $max_days
  end as ok,
  case
    when b.rule_count = 0 then 'no rule approves patches; only listed ones are installed'
    when b.approve_until_dates <> ''
      then 'patches released after ' || b.approve_until_dates || ' are never approved'
    else 'patches are approved ' || b.approve_after_days || ' days after their release'
  end as reason
from ssm_patch_baseline b
