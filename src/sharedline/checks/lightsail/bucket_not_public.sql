/*
title = "Lightsail buckets are not readable by everybody"
severity = "high"
duty = "data.exposure"
why = "A public bucket gives each object to whoever asks; with overrides allowed, any upload can make itself public."
fix = """
aws lightsail update-bucket --bucket-name NAME --access-rules getObject=private,allowPublicOverrides=false
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-21"]
*/
select
  b.arn as resource,
  b.get_object = 'private' and not b.allow_public_overrides as ok,
  case
    when b.get_object <> 'private' then 'every object is public'
    when b.allow_public_overrides then 'single objects can be made public'
    else 'all objects are private'
  end as reason
from lightsail_bucket b
