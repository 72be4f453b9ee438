"""SARIF: what the standard asks of a log, and that an unknown never looks like a pass."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from sharedline.formats import render
from sharedline.results import Results


@pytest.fixture(scope="module")
def run(results: Results) -> dict[str, Any]:
    log = json.loads("".join(render("sarif", results)))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    [only] = log["runs"]
    found: dict[str, Any] = only
    return found


def test_every_finding_is_a_result_of_a_rule_that_is_there(
    run: dict[str, Any], results: Results
) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(results.rows())
    assert len({r["id"] for r in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]


def test_kind_and_level_follow_the_answer(run: dict[str, Any]) -> None:
    kinds = {"met": "pass", "unmet": "fail", "waived": "fail", "unknown": "open"}
    levels = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert result["kind"] == kinds[result["properties"]["status"]]
        severity = rules[result["ruleIndex"]]["properties"]["severity"]
        # The standard: a level other than `none` is only for what failed.
        assert result["level"] == (levels[severity] if result["kind"] == "fail" else "none")
        assert ("suppressions" in result) == (result["properties"]["status"] == "waived")


def test_controls_are_taxa_and_every_index_points_at_them(run: dict[str, Any]) -> None:
    taxonomies = run["taxonomies"]
    assert {"aws-fsbp", "nist-800-53-r5"} <= {t["name"] for t in taxonomies}
    pointed = 0
    for rule in run["tool"]["driver"]["rules"]:
        for relation in rule["relationships"]:
            target = relation["target"]
            taxonomy = taxonomies[target["toolComponent"]["index"]]
            assert taxonomy["name"] == target["toolComponent"]["name"]
            assert taxonomy["taxa"][target["index"]]["id"] == target["id"]
            pointed += 1
    assert pointed > 20


def test_locations_are_addresses_whatever_the_name_holds(run: dict[str, Any]) -> None:
    for result in run["results"]:
        [location] = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert urlsplit(uri).scheme == "arn"
        assert not set(uri) & set(" <>\"\\^`{|}\n\x1b")
        assert location["logicalLocations"][0]["fullyQualifiedName"].startswith("arn:")


def test_fingerprints_differ_and_an_incomplete_scan_says_so(run: dict[str, Any]) -> None:
    prints = {r["partialFingerprints"]["checkAndResource/v1"] for r in run["results"]}
    assert len(prints) == len(run["results"])
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    told = " ".join(n["message"]["text"] for n in invocation["toolExecutionNotifications"])
    assert "sqs:ListQueues answered AccessDenied" in told
