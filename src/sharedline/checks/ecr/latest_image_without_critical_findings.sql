/*
title = "The latest image of each repository has no critical vulnerability"
severity = "high"
duty = "application.dependencies"
why = "What you bake into an image is yours to patch; the image pushed last is the one the next deployment runs."
fix = """
aws ecr describe-image-scan-findings --repository-name NAME --image-id imageDigest=DIGEST \\
  --query 'imageScanFindings.[findings,enhancedFindings][]'
# Rebuild from a patched base image, push, and let the old tag go.
"""
population = "ecr_repository"
[controls]
nist-800-53-r5 = ["RA-5", "SI-2"]
*/
-- An empty repository is met rather than left out: were images not readable, a filter on them would
-- make the repository disappear instead of unknown. An index only lists an image for each platform
-- and is never scanned itself.
with ranked as (
  select
    i.repository_arn,
    i.image_digest,
    i.critical_count,
    row_number() over (
      partition by i.repository_arn order by i.image_pushed_at desc, i.image_digest
    ) as place
  from ecr_image i
  where i.image_manifest_media_type is null
    or not (
      i.image_manifest_media_type like '%manifest.list%'
      or i.image_manifest_media_type like '%image.index%'
    )
)
select
  r.arn as resource,
  case when l.repository_arn is null then true else l.critical_count = 0 end as ok,
  case
    when l.repository_arn is null then 'the repository is empty'
    when l.critical_count is null then 'the latest image was never scanned'
    else l.critical_count || ' critical vulnerabilities in ' || l.image_digest
  end as reason
from ecr_repository r
left join ranked l on l.repository_arn = r.arn and l.place = 1
