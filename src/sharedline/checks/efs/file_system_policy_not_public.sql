/*
title = "EFS file system policies do not let everybody in"
severity = "high"
duty = "data.exposure"
why = """\
A policy with a wildcard principal lets anyone who reaches a mount target mount the file system \
without an identity."""
fix = """
aws efs put-file-system-policy --file-system-id ID --policy file://policy.json
"""
[controls]
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
from efs_file_system x
left join resource_policy p on p.arn = x.arn and p.account_id = x.account_id
