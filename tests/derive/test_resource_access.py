"""Who can read each resource in effect: its own account, others, everybody."""

from __future__ import annotations

from typing import Any

import pytest
from tests.iam.estates import HOME, OTHER, Rows, document, statement

from sharedline.derive.resource_access import READING, RESOURCE_ACCESS
from sharedline.iam.access.carriers import CARRIERS
from sharedline.iam.actions import find

STRANGER = "777788889999"


def _rows(rows: Rows) -> dict[str, dict[str, Any]]:
    found = list(RESOURCE_ACCESS.run(rows.tables))
    for row in found:
        assert row.keys() == RESOURCE_ACCESS.columns.keys()
    return {row["arn"]: row for row in found}


def _to(*principals: str, **more: Any) -> str:
    listed: Any = "*" if principals == ("*",) else {"AWS": list(principals)}
    return document(statement(Principal=listed, Action="kms:*", Resource="*", **more))


@pytest.mark.parametrize(
    ("policy", "anyone", "to_iam", "external"),
    [
        (_to(HOME), False, True, []),
        (_to(f"arn:aws:iam::{HOME}:role/one"), False, False, []),
        (_to(HOME, Condition={"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}),
         False, False, []),
        (_to("*", Condition={"StringEquals": {"kms:CallerAccount": HOME}}), True, True, []),
        (_to(HOME, STRANGER), False, True, [f"arn:aws:iam::{STRANGER}:root"]),
        (_to(f"arn:aws:iam::{STRANGER}:role/x"), False, False, [f"arn:aws:iam::{STRANGER}:role/x"]),
        (_to("*"), True, True, ["*"]),
        ("", False, False, []),
        (None, None, None, None),
    ],
)  # fmt: skip
def test_keys_that_others_can_use(
    policy: str | None, anyone: object, to_iam: object, external: object
) -> None:
    rows = Rows()
    rows.role("r")
    key = rows.key("k", policy)
    found = _rows(rows)[key]
    assert (found["anyone_in_account"], found["delegates_to_iam"]) == (anyone, to_iam)
    assert found["external_principals"] == external


def test_who_decrypts_with_a_key_whose_policy_is_not_readable_is_unknown() -> None:
    rows = Rows()
    key = rows.key("k", None)
    assert _rows(rows)[key]["decrypters"] is None


def test_those_who_decrypt_are_counted_where_all_are_known() -> None:
    rows = Rows()
    key = rows.key("k", _to(HOME))
    rows.role("one", document(statement(Action="kms:Decrypt", Resource="*")))
    bucket = rows.bucket("b")
    found = _rows(rows)
    assert (found[key]["decrypters"], found[bucket]["decrypters"]) == (1, None)
    rows.role("closed", attached=["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    assert _rows(rows)[key]["decrypters"] is None


def test_a_deny_takes_outsiders_away() -> None:
    rows = Rows()
    rows.role("r")
    deny = statement("Deny", Principal="*", Action="kms:Decrypt", Resource="*",
                     Condition={"StringNotEquals": {"aws:PrincipalAccount": HOME}})  # fmt: skip
    allow = statement(Principal={"AWS": [HOME, STRANGER]}, Action="kms:*", Resource="*")
    key = rows.key("k", document(allow, deny))
    found = _rows(rows)[key]
    assert (found["delegates_to_iam"], found["external_principals"]) == (True, [])


def test_readers_of_a_bucket_are_those_who_can_in_effect() -> None:
    rows = Rows()
    objects = "arn:aws:s3:::data/*"
    one = rows.role("one", document(statement(Action="s3:Get*", Resource=objects)))
    rows.role("denied", document(statement(Action="s3:Get*", Resource=objects),
                                 statement("Deny", Action="s3:*", Resource="*")))  # fmt: skip
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    rows.role("mfa", document(statement(Action="s3:Get*", Resource=objects, Condition=mfa)))
    both = rows.role("both", document(statement(Action="s3:*", Resource="*")), account=OTHER)
    rows.role("closed", attached=["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    bucket = rows.bucket(
        "data", document(statement(Principal={"AWS": OTHER}, Action="s3:*", Resource=objects))
    )
    found = _rows(rows)[bucket]
    assert found["readers"] == [one, both]
    assert (found["reader_count"], found["conditional_count"], found["unknown_count"]) == (2, 1, 1)
    assert found["external_principals"] == [both]
    assert found["anyone_in_account"] is False


def test_every_carrier_has_a_reading_action() -> None:
    assert {one.table for one in CARRIERS} == set(READING)
    for action, _ in READING.values():
        assert find(action) is not None
