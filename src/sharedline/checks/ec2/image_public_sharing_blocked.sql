/*
title = "Machine images cannot be made public"
severity = "medium"
duty = "data.exposure"
why = "The Region's block keeps a single mistaken command from publishing an image."
fix = """
aws ec2 enable-image-block-public-access --image-block-public-access-state block-new-sharing --region REGION
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-21"]
*/
select
  r.arn as resource,
  p.state = 'block-new-sharing' as ok,
  'the block of the Region is: ' || p.state as reason
from account_region r
left join ec2_image_block_public_access p on p.arn = r.arn
