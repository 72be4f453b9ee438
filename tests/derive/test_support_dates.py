"""AWS's published support dates as tables: complete, dated, and overruled by the API."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import botocore.loaders
from botocore.model import ServiceModel

from sharedline.derive.base import Row
from sharedline.derive.support_dates import (
    EKS_VERSION_SUPPORT,
    LAMBDA_RUNTIME,
    eks_versions,
    lambda_runtimes,
    published,
)


def _runtimes() -> dict[str, Row]:
    return {row["name"]: row for row in lambda_runtimes({})}


def test_every_runtime_that_botocore_knows_has_dates() -> None:
    model: Any = botocore.loaders.create_loader().load_service_model("lambda", "service-2")
    shape: Any = ServiceModel(model, service_name="lambda").shape_for("Runtime")
    # `custom` is given to no function; the others are in the API before AWS's page has dates.
    undated = {"custom", "nodejs26.x", "python3.15"}
    assert set(shape.enum) - set(_runtimes()) <= undated


def test_a_runtime_without_a_date_is_supported_and_says_so() -> None:
    found = _runtimes()
    assert found["java17.al2023"]["deprecation_scheduled"] is False
    assert found["java17.al2023"]["deprecation_date"] is None
    assert found["python3.9"]["deprecation_date"] == datetime(2025, 12, 15, tzinfo=UTC)
    assert found["python3.9"]["block_update_date"] == datetime(2027, 3, 3, tzinfo=UTC)


def test_updates_are_never_blocked_before_patches_end_for_what_is_supported_now() -> None:
    for row in _runtimes().values():
        ends, blocked = row["deprecation_date"], row["block_update_date"]
        if ends and blocked and ends > datetime(2026, 11, 21, tzinfo=UTC):
            assert blocked > ends, row["name"]


def test_rows_have_exactly_the_declared_columns() -> None:
    assert all(set(row) == set(LAMBDA_RUNTIME.columns) for row in lambda_runtimes({}))
    assert all(set(row) == set(EKS_VERSION_SUPPORT.columns) for row in eks_versions({}))


def test_the_lists_say_where_and_when_they_were_read() -> None:
    for name in ("lambda_runtimes", "eks_versions"):
        assert published(name)["source"].startswith("https://docs.aws.amazon.com/")
        assert published(name)["read"] == date(2026, 11, 21)


def test_standard_support_ends_a_year_before_extended_support() -> None:
    for row in eks_versions({}):
        assert (row["extended_until"] - row["standard_until"]).days in (365, 366), row["version"]


def test_the_api_overrules_the_shipped_dates_and_adds_versions() -> None:
    end = datetime(2030, 1, 1, tzinfo=UTC)
    rows = [
        {
            "cluster_version": version,
            "end_of_standard_support_date": end,
            "end_of_extended_support_date": None,
        }
        for version in ("1.34", "1.40")
    ]
    found = {row["version"]: row for row in eks_versions({"eks_cluster_version": rows})}
    assert found["1.34"]["standard_until"] == end
    assert found["1.40"]["told_by"] == "eks:DescribeClusterVersions"
    assert found["1.36"]["told_by"].startswith("https://")


def test_a_version_that_the_api_lists_without_dates_keeps_the_shipped_ones() -> None:
    rows = [
        {
            "cluster_version": "1.34",
            "end_of_standard_support_date": None,
            "end_of_extended_support_date": None,
        }
    ]
    found = {row["version"]: row for row in eks_versions({"eks_cluster_version": rows})}
    assert found["1.34"]["standard_until"] == datetime(2026, 12, 2, tzinfo=UTC)
