"""Conditions on what is given to everybody: that narrow it, that do not, that cannot be told."""

from __future__ import annotations

OWN, OTHER = "111111111111", "222222222222"
NARROW = [
    ("StringEquals", "aws:SourceAccount", OWN),
    ("StringEquals", "AWS:SourceOwner", OTHER),
    ("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"),
    ("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-abcdefghij/r-ab12/*"),
    ("StringEquals", "aws:PrincipalAccount", OWN),
    ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OWN}:role/*"),
    ("StringLike", "aws:PrincipalArn", f"arn:aws:iam::{OWN}*"),
    ("ArnEquals", "aws:SourceArn", "arn:aws:s3:::mine"),
    ("ArnLike", "aws:SourceArn", "arn:aws:s3:::mine/logs*"),
    ("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d"),
    ("StringEquals", "aws:SourceVpc", "vpc-1a2b3c4d"),
    ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
    # No address is within what is no range.
    ("IpAddress", "aws:SourceIp", "not an address"),
    ("IpAddress", "aws:SourceIp", "2001:db8:abcd::/48"),
    ("StringEquals", "kms:CallerAccount", OWN),
    ("StringLike", "aws:userid", "AROAEXAMPLEEXAMPLE12:*"),
    ("Bool", "aws:PrincipalIsAWSService", "true"),
    ("Bool", "elasticfilesystem:AccessedViaMountTarget", "true"),
    ("StringEquals", "s3:DataAccessPointAccount", OWN),
    ("ArnLike", "s3:DataAccessPointArn", f"arn:aws:s3:us-east-1:{OWN}:accesspoint/*"),
]
OPEN = [
    ("StringLike", "aws:SourceAccount", "*"),
    ("StringLike", "aws:PrincipalOrgID", "o-*"),
    ("StringLike", "aws:SourceVpc", "vpc-*"),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/ci"),
    ("ArnLike", "aws:SourceArn", "arn:aws:s3:::mine*"),
    ("ArnLike", "aws:SourceArn", "arn:aws:sns:us-east-1:*:topic"),
    ("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
    ("IpAddress", "aws:SourceIp", "::/0"),
    ("IpAddress", "aws:SourceIp", "128.0.0.0/1"),
    ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ("StringNotEquals", "aws:SourceVpce", "vpce-1a2b3c4d"),
    # A request that lacks the key passes these.
    ("StringEqualsIfExists", "aws:SourceVpce", "vpce-1a2b3c4d"),
    ("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"),
    ("Bool", "aws:SecureTransport", "true"),
    ("Bool", "aws:MultiFactorAuthPresent", "true"),
    # Everybody sets the tags of his own role, so everybody can make the two alike.
    ("StringEquals", "aws:PrincipalOrgID", "${aws:PrincipalTag/organization}"),
    ("StringEquals", "aws:SourceVpce", "${aws:PrincipalTag/endpoint}"),
    ("StringEquals", "aws:PrincipalTag/team", "red"),
    ("StringEquals", "aws:Referer", "https://example.com"),
    ("StringEquals", "aws:username", "admin"),
    ("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"),
    ("StringEquals", "lambda:FunctionUrlAuthType", "NONE"),
    ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalTag/account}"),
    ("Null", "aws:PrincipalOrgID", "false"),
    ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
]
UNSURE = [
    ("StringEquals", "example:Unheard", "x"),
    # Only a service's own call has aws:SourceAccount, and such a call has no principal with tags:
    # AWS's page on condition keys does not say that a request could have both.
    ("StringEquals", "aws:SourceAccount", "${aws:PrincipalTag/account}"),
    ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:${aws:PrincipalTag/account}:*"),
    ("SomethingEquals", "aws:SourceAccount", OWN),
    ("ForMostValues:StringEquals", "aws:SourceAccount", OWN),
]
