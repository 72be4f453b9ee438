/*
title = "S3 buckets refuse requests without TLS"
severity = "medium"
duty = "data.encryption-in-transit"
why = """\
S3 answers plain HTTP unless the bucket policy denies it; credentials and objects then cross the \
network readable."""
fix = """
# Add this statement to the bucket policy:
# {"Sid": "DenyPlainHttp", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
#  "Resource": ["arn:aws:s3:::NAME", "arn:aws:s3:::NAME/KEYS"],   (KEYS: an asterisk)
#  "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
aws s3api put-bucket-policy --bucket NAME --policy file://policy.json
"""
[controls]
aws-fsbp = ["S3.5"]
"cis-aws-7.0.0" = ["3.1.1"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
select
  b.arn as resource,
  r.denies_insecure_transport as ok,
  case
    when r.denies_insecure_transport then 'its policy denies requests without TLS'
    when not r.has_policy then 'it has no policy, so plain HTTP is answered'
    else 'no statement of its policy denies everybody without TLS'
  end as reason
from s3_bucket b
left join resource_policy r on r.arn = b.arn and r.account_id = b.account_id
