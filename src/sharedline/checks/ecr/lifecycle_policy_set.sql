/*
title = "ECR repositories remove old images by a lifecycle policy"
severity = "medium"
duty = "configuration.baseline"
why = "Old images pile up with old vulnerabilities, and one of them is deployed again by mistake sooner or later."
fix = """
aws ecr put-lifecycle-policy --repository-name NAME --lifecycle-policy-text '{"rules":[{
  "rulePriority":1,"description":"keep 30","action":{"type":"expire"},
  "selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":30}}]}'
"""
[controls]
aws-fsbp = ["ECR.3"]
nist-800-53-r5 = ["CM-2", "CM-2(2)"]
*/
select
  r.arn as resource,
  r.lifecycle_policy <> '' as ok,
  case
    when r.lifecycle_policy <> '' then 'it has a lifecycle policy'
    else 'it has no lifecycle policy'
  end as reason
from ecr_repository r
