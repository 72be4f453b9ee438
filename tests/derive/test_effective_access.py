"""Who can do each sensitive action, on what, and by which statement."""

from __future__ import annotations

from typing import Any

from tests.iam.estates import ALLOW_ALL, HOME, OTHER, Rows, document, statement

from sharedline.derive.effective_access import EFFECTIVE_ACCESS, NAMED
from sharedline.duties.catalogue import load
from sharedline.iam.access.sensitive import groups


def _rows(rows: Rows, action: str) -> list[dict[str, Any]]:
    found = list(EFFECTIVE_ACCESS.run(rows.tables))
    for row in found:
        assert row.keys() == EFFECTIVE_ACCESS.columns.keys()
    return [row for row in found if row["action"] == action]


def _short(found: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(row["arn"].rpartition("/")[2], row["resource"], row["answer"]) for row in found}


def test_all_of_a_kind_is_one_row_and_a_part_is_named() -> None:
    rows = Rows()
    for name in ("one", "two"):
        rows.bucket(name)
    rows.bucket("three", account=OTHER)
    rows.role("all", document(statement(Action="s3:PutBucketPolicy", Resource="*")))
    rows.role("part", document(statement(Action="s3:Put*", Resource="arn:aws:s3:::one")))
    found = _rows(rows, "s3:PutBucketPolicy")
    assert _short(found) == {("all", "*", "yes"), ("part", "arn:aws:s3:::one", "yes")}
    (all_,) = [row for row in found if row["resource"] == "*"]
    assert (all_["resource_account"], all_["resource_count"]) == (HOME, 2)
    assert all_["via"] == "inline policy p0 of role all, statement number 1"
    assert (all_["action_group"], all_["duty"]) == ("open", "data.exposure")


def test_many_of_more_are_named_up_to_a_number() -> None:
    rows = Rows()
    for number in range(NAMED + 5):
        rows.bucket(f"app-{number:02}")
    rows.bucket("other")
    rows.role("r", document(statement(Action="s3:PutBucketPolicy", Resource="arn:aws:s3:::app-*")))
    found = _rows(rows, "s3:PutBucketPolicy")
    assert len(found) == NAMED + 1
    assert sum(row["resource_count"] for row in found) == NAMED + 5
    assert found[-1]["resource"] == "(5 more)"


def test_what_it_depends_on_is_said() -> None:
    rows = Rows()
    office = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    rows.role("r", document(statement(Action="kms:Decrypt", Resource="*", Condition=office)))
    rows.key("k", document(statement(Principal={"AWS": HOME}, Action="kms:*", Resource="*")))
    (found,) = _rows(rows, "kms:Decrypt")
    assert found["answer"] == "depends"
    assert found["condition"] == "IpAddress aws:sourceip 10.0.0.0/8"


def test_a_part_of_a_bucket_that_a_policy_names_is_a_resource_of_its_own() -> None:
    rows = Rows()
    rows.bucket("data")
    rows.role("r", document(statement(Action="s3:GetObject", Resource="arn:aws:s3:::data/team/*")))
    rows.role("all", document(statement(Action="s3:GetObject", Resource="arn:aws:s3:::data/*")))
    assert _short(_rows(rows, "s3:GetObject")) == {
        ("r", "arn:aws:s3:::data/team/*", "yes"),
        ("all", "*", "yes"),
    }


def test_kinds_of_which_the_scan_has_none_are_asked_as_a_whole() -> None:
    rows = Rows()
    rows.role("r", document(statement(Action="ssm:SendCommand", Resource="*")))
    rows.role("other", document(statement(Action="ssm:SendCommand",
                                          Resource="arn:aws:ssm:*:*:document/x")))  # fmt: skip
    assert ("r", "*", "yes") in _short(_rows(rows, "ssm:SendCommand"))


def test_a_policy_that_was_not_readable_is_unknown_and_a_denied_one_has_no_row() -> None:
    rows = Rows()
    rows.role("closed", attached=["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    deny = statement("Deny", Action="cloudtrail:*", Resource="*")
    rows.role("denied", ALLOW_ALL, document(deny))
    found = _rows(rows, "cloudtrail:StopLogging")
    assert {(name, answer) for name, _, answer in _short(found)} == {("closed", "unknown")}


def test_every_group_names_a_duty() -> None:
    assert {group.duty for group in groups()} <= load().duties.keys()
