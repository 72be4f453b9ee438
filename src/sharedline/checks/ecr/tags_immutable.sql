/*
title = "Image tags cannot be moved"
severity = "medium"
duty = "application.dependencies"
why = "Whoever may push can point a mutable tag at another image, and the next restart runs what was never tested or signed."
fix = """
aws ecr put-image-tag-mutability --repository-name NAME --image-tag-mutability IMMUTABLE
"""
[controls]
aws-fsbp = ["ECR.2"]
nist-800-53-r5 = ["CM-2", "SI-7"]
*/
select
  r.arn as resource,
  r.image_tag_mutability = 'IMMUTABLE' as ok,
  'tag mutability is ' || r.image_tag_mutability as reason
from ecr_repository r
