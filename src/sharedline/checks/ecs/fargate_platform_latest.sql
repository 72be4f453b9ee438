/*
title = "Fargate services run on the latest platform version"
severity = "medium"
duty = "compute.runtime-patching"
why = "AWS patches the kernel and the container runtime of Fargate by new platform versions; a service that names an old one stays on it."
fix = """
aws ecs update-service --cluster CLUSTER --service SERVICE --platform-version LATEST --force-new-deployment
"""
[controls]
aws-fsbp = ["ECS.10"]
nist-800-53-r5 = ["SI-2", "SI-2(5)"]
[params]
latest_linux = "1.4.0"
latest_windows = "1.0.0"
*/
-- Nothing said means LATEST. Services that use a capacity provider say a platform only on Fargate.
select
  s.arn as resource,
  case
    when s.platform_version in ('', 'LATEST') then true
    when lower(s.platform_family) like 'windows%' then s.platform_version = $latest_windows
    else s.platform_version = $latest_linux
  end as ok,
  case
    when s.platform_version = '' then 'no platform version is named, which means LATEST'
    else 'platform version ' || s.platform_version
  end as reason
from ecs_service s
where s.launch_type is null
  or s.launch_type = 'FARGATE'
  or (s.launch_type = '' and (s.platform_version is null or s.platform_version <> ''))
