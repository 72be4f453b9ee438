/*
title = "Lambda functions use a runtime that AWS still patches"
severity = "medium"
duty = "compute.runtime-patching"
why = "AWS patches a managed runtime only until its deprecation date; after that the function runs on with every hole found since."
fix = """
# Test the code on the newer language version first.
aws lambda update-function-configuration --function-name NAME --runtime python3.13
"""
[controls]
aws-fsbp = ["Lambda.2"]
nist-800-53-r5 = ["SI-2", "SA-22"]
*/
-- Images bring their own runtime, and runtimes that are only an operating system have their own check.
select
  f.arn as resource,
  case
    when r.name is null then null
    when not r.deprecation_scheduled then true
    else scan.as_of < r.deprecation_date
  end as ok,
  case
    when r.name is null then 'no support dates are known for the runtime ' || f.runtime
    when not r.deprecation_scheduled then f.runtime || ' is supported, no end is announced'
    when scan.as_of < r.deprecation_date
      then f.runtime || ' is supported until ' || substr(cast(r.deprecation_date as varchar), 1, 10)
    else f.runtime || ' has not been supported since ' || substr(cast(r.deprecation_date as varchar), 1, 10)
  end as reason
from lambda_function f
left join lambda_runtime r on r.name = f.runtime
where (f.package_type is null or f.package_type <> 'Image')
  and (f.runtime is null or f.runtime not like 'provided%')
