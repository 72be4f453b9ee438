/*
title = "S3 buckets grant nothing through ACLs"
severity = "medium"
duty = "identity.least-privilege"
why = """\
ACLs are a second, older permission system that reviews overlook; with ownership enforced only \
policies decide."""
fix = """
aws s3api put-bucket-ownership-controls --bucket NAME \\
  --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'
"""
[controls]
aws-fsbp = ["S3.12"]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  b.arn as resource,
  b.object_ownership = 'BucketOwnerEnforced'
    or trim(replace(b.acl_grantees, b.acl_owner_id, '')) = '' as ok,
  case
    when b.object_ownership = 'BucketOwnerEnforced' then 'ACLs are switched off'
    when trim(replace(b.acl_grantees, b.acl_owner_id, '')) = '' then 'its ACL names only the owner'
    else 'its ACL grants something to ' || trim(replace(b.acl_grantees, b.acl_owner_id, ''))
  end as reason
from s3_bucket b
