/*
title = "Machine images are shared with nobody outside the organization"
severity = "medium"
duty = "data.exposure"
why = "Whoever may launch an image reads what is on its disks: code, keys, data."
fix = """
aws ec2 modify-image-attribute --image-id IMAGE_ID --launch-permission "Remove=[{UserId=ACCOUNT}]"
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-20", "AC-21"]
[params]
# Accounts ("111122223333") and organizations ("o-example") that may be let in.
trusted = [""]
*/
with outsider as (
  select
    arn,
    account_id,
    max(case when outside then 1 else 0 end) as is_outside,
    max(case when outside is null then 1 else 0 end) as is_unclear,
    min(case when outside then grantee end) as grantee
  from external_grant
  where grantee is null or grantee not in $trusted
  group by arn, account_id
)
select
  x.arn as resource,
  case when e.is_outside = 1 then false when e.is_unclear = 1 then null else true end as ok,
  case
    when e.is_outside = 1 then 'it is shared with ' || e.grantee
    when e.is_unclear = 1 then null
    else 'it is shared with nobody outside the organization'
  end as reason
from ec2_image x
left join outsider e on e.arn = x.arn and e.account_id = x.account_id
