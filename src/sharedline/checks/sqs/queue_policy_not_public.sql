/*
title = "SQS queue policies do not let everybody in"
severity = "critical"
duty = "data.exposure"
why = "Whoever may send can inject work; whoever may receive takes messages away unseen."
fix = """
aws sqs set-queue-attributes --queue-url URL --attributes file://attributes.json   # with a Policy that names principals
"""
[controls]
aws-fsbp = ["SQS.3"]
"cis-aws-7.0.0" = ["2.21"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  x.arn as resource,
  not p.is_public as ok,
  case
    when p.is_public then 'its policy lets everybody in: ' || p.public_reason
    else 'no policy of its own lets everybody in'
  end as reason
from sqs_queue x
left join resource_policy p on p.arn = x.arn and p.account_id = x.account_id
