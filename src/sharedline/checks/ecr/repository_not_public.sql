/*
title = "ECR repository policies do not let everybody in"
severity = "high"
duty = "data.exposure"
why = "A private repository with a public policy hands out your software with everything baked into its layers, or takes images from strangers."
fix = """
aws ecr get-repository-policy --repository-name NAME --query policyText --output text
# Name accounts or your organization in Principal or Condition instead of "*", then:
aws ecr set-repository-policy --repository-name NAME --policy-text file://policy.json
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  r.arn as resource,
  not p.is_public as ok,
  case
    when p.is_public then p.public_reason
    when p.has_policy then 'the policy names who may come in'
    else 'it has no policy of its own'
  end as reason
from ecr_repository r
left join resource_policy p on p.arn = r.arn
