/*
title = "Lambda functions with their own runtime use an operating system that AWS still patches"
severity = "medium"
duty = "compute.runtime-patching"
why = "Go, Rust and custom runtimes stand on an operating system from AWS; once that is deprecated nobody patches what lies below your binary."
fix = """
# Rebuild for Amazon Linux 2023, then switch:
aws lambda update-function-configuration --function-name NAME --runtime provided.al2023
"""
[controls]
nist-800-53-r5 = ["SI-2", "SA-22"]
*/
select
  f.arn as resource,
  case
    when r.name is null then null
    when not r.deprecation_scheduled then true
    else scan.as_of < r.deprecation_date
  end as ok,
  case
    when r.name is null then 'no support dates are known for ' || f.runtime
    when not r.deprecation_scheduled or scan.as_of < r.deprecation_date
      then f.runtime || ' is still patched by AWS'
    else f.runtime || ' has not been patched since ' || substr(cast(r.deprecation_date as varchar), 1, 10)
  end as reason
from lambda_function f
left join lambda_runtime r on r.name = f.runtime
where f.runtime like 'provided%'
