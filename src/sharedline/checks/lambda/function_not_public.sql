/*
title = "Lambda function policies do not let everybody in"
severity = "critical"
duty = "data.exposure"
why = "Anybody on the internet with an AWS account can call a function whose policy names everybody, at your cost and with the rights of its role."
fix = """
aws lambda get-policy --function-name NAME --query Policy --output text
aws lambda remove-permission --function-name NAME --statement-id SID
# For S3 as the caller, name the account too:
aws lambda add-permission --function-name NAME --statement-id from-bucket \\
  --action lambda:InvokeFunction --principal s3.amazonaws.com \\
  --source-arn arn:aws:s3:::BUCKET --source-account ACCOUNT
"""
[controls]
aws-fsbp = ["Lambda.1"]
"cis-aws-7.0.0" = ["2.21"]
nist-800-53-r5 = ["AC-3", "AC-6", "SC-7"]
*/
-- A bucket's ARN has no account in it: once the bucket is deleted, a stranger may take its name and
-- call the function, so a statement for S3 must name the account as well.
with open_to_s3 as (
  select
    s.arn,
    sum(case
      when lower(s.conditions) like '%aws:sourceaccount%' then 0
      when lower(s.conditions) like '%aws:sourceorgid%' then 0
      else 1
    end) as statements
  from policy_statement s
  where s.table_name = 'lambda_function'
    and s.effect = 'Allow'
    and array_contains(s.principals, 'Service:s3.amazonaws.com')
  group by s.arn
)
select
  f.arn as resource,
  not p.is_public and coalesce(o.statements, 0) = 0 as ok,
  case
    when p.is_public then p.public_reason
    when o.statements > 0 then 'S3 may call it for a bucket of any account'
    when p.has_policy then 'the policy names who may call it'
    else 'it has no policy of its own'
  end as reason
from lambda_function f
left join resource_policy p on p.arn = f.arn
left join open_to_s3 o on o.arn = f.arn
