/*
title = "SNS topic policies do not let everybody in"
severity = "critical"
duty = "data.exposure"
why = "Whoever may publish can forge alarms; whoever may subscribe reads them."
fix = """
aws sns set-topic-attributes --topic-arn ARN --attribute-name Policy --attribute-value file://policy.json
"""
[controls]
aws-fsbp = ["SNS.4"]
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
from sns_topic x
left join resource_policy p on p.arn = x.arn and p.account_id = x.account_id
