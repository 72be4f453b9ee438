/*
title = "SQS queue policies let in nobody outside the organization"
severity = "medium"
duty = "data.exposure"
why = "An outside account that may send can inject work; one that may receive takes messages away."
fix = """
aws sqs get-queue-attributes --queue-url URL --attribute-names Policy
aws sqs set-queue-attributes --queue-url URL --attributes file://attributes.json
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
from sqs_queue x
left join outsider e on e.arn = x.arn and e.account_id = x.account_id
