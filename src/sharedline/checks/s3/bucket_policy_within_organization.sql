/*
title = "S3 bucket policies let in nobody outside the organization"
severity = "medium"
duty = "data.exposure"
why = "What an outside account reads is copied where none of your rules hold; each such grant should be one that somebody agreed to."
fix = """
aws s3api get-bucket-policy --bucket NAME --query Policy --output text > policy.json
# Take the outside principal out, or add it to this check's `trusted`, then:
aws s3api put-bucket-policy --bucket NAME --policy file://policy.json
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
    when e.is_outside = 1 then 'its policy lets in ' || e.grantee
    when e.is_unclear = 1 then null
    else 'its policy lets in nobody outside the organization'
  end as reason
from s3_bucket x
left join outsider e on e.arn = x.arn and e.account_id = x.account_id
