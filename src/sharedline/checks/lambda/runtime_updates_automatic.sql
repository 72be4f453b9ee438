/*
title = "Lambda applies runtime patches to functions by itself"
severity = "low"
duty = "compute.runtime-patching"
why = "With manual updates or updates on deployment, a runtime patch from AWS waits until somebody acts: the duty has moved to you."
fix = """
aws lambda put-runtime-management-config --function-name NAME --update-runtime-on Auto
"""
[controls]
nist-800-53-r5 = ["SI-2", "SI-2(5)"]
*/
select
  f.arn as resource,
  f.update_runtime_on = 'Auto' as ok,
  'runtime updates are applied: ' || f.update_runtime_on as reason
from lambda_function f
where f.package_type is null or f.package_type <> 'Image'
