"""Where an account's own trail delivers its files, from the trail's description."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sharedline.errors import Error
from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake, LakeError, Manifest
from sharedline.trail.sources import Aws, reason


@dataclass(frozen=True)
class Place:
    """A trail's files: their S3 URL, and the trail that puts them there."""

    url: str
    trail: str
    organization: bool


def last_scan(lake: Lake) -> Manifest | None:
    """The newest scan, if there is any."""
    try:
        return lake.latest()
    except LakeError:
        return None


def _homes(lake: Lake, manifest: Manifest) -> set[str]:
    """The home Regions of the trails that the scan met."""
    found: set[str] = set()
    for table in ("cloudtrail_trail", "cloudtrail_shadow_trail"):
        paths = lake.files(manifest, "inventory", table)
        if paths:
            duck = Duck(lake)
            duck.files("t", paths, {"home_region": "string"})
            found |= {r["home_region"] for r in duck.query("select home_region from t").to_pylist()}
            duck.close()
    return {region for region in found if region}


def find(lake: Lake, wanted: str, aws: Aws, regions: Iterable[str] = ()) -> list[Place]:
    """Where the files of a bucket's or trail's name (or ARN) lie; `Error` where no trail says so."""
    import botocore.exceptions

    manifest = last_scan(lake)
    asked: set[Any] = set(regions) or (_homes(lake, manifest) if manifest else set()) or {None}
    trails: dict[str, dict[str, Any]] = {}
    refused = ""
    for region in sorted(asked, key=str):
        try:
            answer = aws.client("cloudtrail", region).describe_trails(includeShadowTrails=True)
            trails |= {t["TrailARN"]: t for t in answer["trailList"]}
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            refused = reason(error)
    places = [
        Place(
            "/".join(("s3:/", t["S3BucketName"], *_prefix(t), "AWSLogs")),
            t["TrailARN"],
            bool(t.get("IsOrganizationTrail")),
        )
        for t in trails.values()
        if wanted in (t.get("S3BucketName"), t.get("Name"), t["TrailARN"]) and t.get("S3BucketName")
    ]
    if places:
        return sorted({p.url: p for p in places}.values(), key=lambda p: p.url)
    if refused:
        raise Error(
            f"The trails could not be described ({refused}).",
            "Allow cloudtrail:DescribeTrails, or give the place itself: s3://bucket/prefix/AWSLogs.",
        )
    known = ", ".join(sorted({t.get("S3BucketName", "") for t in trails.values()})) or "none"
    raise Error(
        f"No trail delivers to {wanted} or has that name (buckets of the trails: {known}).",
        "Give --regions with the trail's home Region, or the place: s3://bucket/prefix/AWSLogs.",
    )


def _prefix(trail: dict[str, Any]) -> tuple[str, ...]:
    prefix = str(trail.get("S3KeyPrefix") or "").strip("/")
    return (prefix,) if prefix else ()
