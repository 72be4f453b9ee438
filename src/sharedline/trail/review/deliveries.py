"""Logs that did not arrive: refusals in the trail, and the last error that AWS remembers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sharedline.derive.base import Row, Rows

READS = {
    "cloudtrail_trail": (
        "name",
        "s3_bucket_name",
        "latest_delivery_error",
        "latest_cloud_watch_logs_delivery_error",
        "cloud_watch_logs_log_group_arn",
    ),
    "ec2_flow_log": (
        "log_destination",
        "log_group_name",
        "deliver_logs_status",
        "deliver_logs_error_message",
    ),
}


def _row(row: Row, service: str, target: str, code: str, known_by: str) -> dict[str, Any]:
    return {
        "account_id": row["account_id"],
        "region": row["region"],
        "service": service,
        "target": target,
        "code": code,
        "times": None,
        "first_at": None,
        "last_at": None,
        "known_by": known_by,
        "message": "",
    }


def refused(rows: Iterable[Row], tables: Rows) -> list[Row]:
    """Deliveries that failed, by the trail's events and by the scan."""
    found: list[Row] = [
        {
            **_row(r, r["service"] or "", r["target"], r["code"], "trail"),
            **{k: r[k] for k in ("times", "first_at", "last_at")},
            "message": r["message"] or "",
        }
        for r in rows
    ]
    for row in tables.get("cloudtrail_trail", ()):
        for column, target in (
            ("latest_delivery_error", row["s3_bucket_name"]),
            ("latest_cloud_watch_logs_delivery_error", row["cloud_watch_logs_log_group_arn"]),
        ):
            if row.get(column):
                service = f"cloudtrail.amazonaws.com ({row['name']})"
                found.append(_row(row, service, target or "", row[column], "scan"))
    for row in tables.get("ec2_flow_log", ()):
        if row.get("deliver_logs_status") == "FAILED" or row.get("deliver_logs_error_message"):
            target = row["log_group_name"] or row["log_destination"] or ""
            code = row["deliver_logs_error_message"] or "failed"
            found.append(_row(row, "vpc-flow-logs.amazonaws.com", target, code, "scan"))
    return sorted(found, key=lambda r: (r["account_id"], r["region"], r["service"], r["target"]))
