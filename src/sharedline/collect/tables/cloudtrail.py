"""AWS CloudTrail: the trails of each Region, and those that others made over this account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sharedline.collect.table import Call, Col, Table, col, item, opt

_COLUMNS: Mapping[str, str | Col] = {
    "name": "Name",
    "home_region": "HomeRegion",
    "s3_bucket_name": "S3BucketName",
    "is_multi_region_trail": opt("IsMultiRegionTrail"),
    "is_organization_trail": opt("IsOrganizationTrail"),
    "include_global_service_events": opt("IncludeGlobalServiceEvents"),
    "log_file_validation_enabled": opt("LogFileValidationEnabled"),
    "cloud_watch_logs_log_group_arn": opt("CloudWatchLogsLogGroupArn"),
    "kms_key_id": opt("KmsKeyId"),
    "has_insight_selectors": opt("HasInsightSelectors"),
}
_STATUS = Call(
    operation="GetTrailStatus",
    params={"Name": item("TrailARN")},
    columns={
        "is_logging": "IsLogging",
        "latest_delivery_time": opt("LatestDeliveryTime"),
        "latest_delivery_error": opt("LatestDeliveryError"),
        "latest_cloud_watch_logs_delivery_time": opt("LatestCloudWatchLogsDeliveryTime"),
        "latest_cloud_watch_logs_delivery_error": opt("LatestCloudWatchLogsDeliveryError"),
    },
)
_SELECTORS = Call(
    operation="GetEventSelectors",
    params={"TrailName": item("TrailARN")},
    columns={
        "event_selectors": opt("EventSelectors", "[]"),
        "advanced_event_selectors": opt("AdvancedEventSelectors", "[]"),
    },
)
_TAGS = Call(
    operation="ListTags",
    params={"ResourceIdList": item("TrailARN")},
    batch="ResourceIdList",
    size=20,
    items="ResourceTagList[]",
    match="ResourceId",
    columns={"tags": "TagsList"},
)

CLOUDTRAIL_TRAIL = Table(
    name="cloudtrail_trail",
    service="cloudtrail",
    arn="{TrailARN}",
    doc="A trail in its home Region; each trail of the account is here once.",
    # Without shadow trails: a multi-Region trail would otherwise appear in every Region.
    list=Call(
        operation="DescribeTrails",
        items="trailList[]",
        params={"includeShadowTrails": False},
    ),
    columns=_COLUMNS,
    details=(_STATUS, _SELECTORS, _TAGS),
)


def _seen(trail: dict[str, Any], ctx: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Multi-Region trails; `elsewhere` where no `cloudtrail_trail` of this scan has them."""
    parts = str(trail.get("TrailARN", "")).split(":")
    owner = parts[4] if len(parts) > 5 else ctx["account_id"]
    if trail.get("IsMultiRegionTrail"):
        foreign = owner != ctx["account_id"]
        read = (ctx.get("regions") or "us-east-1").split()
        yield {**trail, "elsewhere": foreign or trail.get("HomeRegion") not in read}


CLOUDTRAIL_SHADOW_TRAIL = Table(
    name="cloudtrail_shadow_trail",
    service="cloudtrail",
    scope="global",
    arn="{TrailARN}",
    resource=False,
    item_region="HomeRegion",
    doc=(
        "A multi-Region trail that records this account, whatever its home Region and owner, so "
        "that a scan of few Regions, or of a member account, still sees it."
    ),
    list=Call(
        operation="DescribeTrails",
        items="trailList[]",
        params={"includeShadowTrails": True},
    ),
    transform=_seen,
    columns={
        **_COLUMNS,
        "elsewhere": col(
            "elsewhere",
            "bool",
            "It belongs to another account, or its home is not among the Regions of the scan; only"
            " then are its status and selectors asked here.",
        ),
    },
    # The others are asked once already, where `cloudtrail_trail` reads that Region.
    details=(replace(_STATUS, when="elsewhere"), replace(_SELECTORS, when="elsewhere")),
)
