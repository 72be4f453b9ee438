"""Amazon CloudFront: distributions, their behaviours and origins."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt, parent

CLOUDFRONT_DISTRIBUTION = Table(
    name="cloudfront_distribution",
    service="cloudfront",
    scope="global",
    arn="{ARN}",
    list=Call(operation="ListDistributions", items="DistributionList.Items[]"),
    columns={
        "id": "Id",
        "domain_name": opt("DomainName"),
        "status": opt("Status"),
        "enabled": opt("Enabled"),
        "staging": opt("Staging"),
        "connection_mode": opt("ConnectionMode", "direct"),
        "aliases": "Aliases.Items",
        "web_acl_id": opt("WebACLId"),
        "viewer_protocol_policy": "DefaultCacheBehavior.ViewerProtocolPolicy",
        "viewer_protocol_policies": col(
            "[DefaultCacheBehavior.ViewerProtocolPolicy,"
            " CacheBehaviors.Items[].ViewerProtocolPolicy][] | [?@]",
            "strings",
            "The viewer protocol policy of each behaviour, the default one first.",
        ),
        "minimum_protocol_version": opt("ViewerCertificate.MinimumProtocolVersion"),
        "ssl_support_method": opt("ViewerCertificate.SSLSupportMethod"),
        "cloud_front_default_certificate": opt("ViewerCertificate.CloudFrontDefaultCertificate"),
        "acm_certificate_arn": opt("ViewerCertificate.ACMCertificateArn"),
        "iam_certificate_id": opt("ViewerCertificate.IAMCertificateId"),
        "origin_group_count": col(
            "length(OriginGroups.Items || `[]`)", "int", "How many origin failover groups it has."
        ),
        "geo_restriction_type": opt("Restrictions.GeoRestriction.RestrictionType"),
    },
    details=(
        Call(
            operation="GetDistributionConfig",
            params={"Id": item("Id")},
            columns={
                "default_root_object": opt("DistributionConfig.DefaultRootObject"),
                "logging_enabled": opt("DistributionConfig.Logging.Enabled"),
                "logging_bucket": opt("DistributionConfig.Logging.Bucket"),
            },
        ),
        Call(
            operation="ListTagsForResource",
            params={"Resource": item("ARN")},
            columns={"tags": "Tags.Items"},
        ),
    ),
)

CLOUDFRONT_ORIGIN = Table(
    name="cloudfront_origin",
    service="cloudfront",
    scope="global",
    arn="",
    resource=False,
    source="cloudfront_distribution",
    items="Origins.Items[]",
    columns={
        "distribution_id": parent("Id"),
        "id": "Id",
        "domain_name": "DomainName",
        "origin_access_control_id": opt("OriginAccessControlId"),
        "origin_access_identity": opt("S3OriginConfig.OriginAccessIdentity"),
        "is_s3_origin": col(
            "type(CustomOriginConfig) != 'object' && type(VpcOriginConfig) != 'object'",
            "bool",
            "Whether the origin is an S3 bucket.",
        ),
        "is_custom_origin": col(
            "type(CustomOriginConfig) == 'object'", "bool", "Whether it is a server of any kind."
        ),
        "origin_protocol_policy": opt("CustomOriginConfig.OriginProtocolPolicy"),
        "origin_ssl_protocols": "CustomOriginConfig.OriginSslProtocols.Items",
    },
)
