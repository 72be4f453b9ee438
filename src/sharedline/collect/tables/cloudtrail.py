"""AWS CloudTrail: the trails of each Region, and those of other Regions or accounts seen here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Col, Table, item, opt

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


def _from_elsewhere(trail: dict[str, Any], ctx: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Only trails that `cloudtrail_trail` may not show: another home Region or another account."""
    parts = str(trail.get("TrailARN", "")).split(":")
    owner = parts[4] if len(parts) > 5 else ctx["account_id"]
    home = "us-east-1" if ctx["region"] == "global" else ctx["region"]
    if owner != ctx["account_id"] or trail.get("HomeRegion") != home:
        yield trail


CLOUDTRAIL_SHADOW_TRAIL = Table(
    name="cloudtrail_shadow_trail",
    service="cloudtrail",
    scope="global",
    arn="{TrailARN}",
    resource=False,
    item_region="HomeRegion",
    doc=(
        "A multi-Region or organization trail that records this account from another home Region "
        "or account, so that a scan of few Regions still sees it."
    ),
    list=Call(
        operation="DescribeTrails",
        items="trailList[]",
        params={"includeShadowTrails": True},
    ),
    transform=_from_elsewhere,
    columns=_COLUMNS,
    details=(_STATUS, _SELECTORS),
)
