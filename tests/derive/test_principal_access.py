"""Who is an administrator in effect, which boundaries bind, who gets round MFA."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.iam.estates import ALLOW_ALL, HOME, Rows, document, statement

from sharedline.derive.principal_access import PRINCIPAL_ACCESS
from sharedline.iam.access.administrators import POWERS
from sharedline.iam.access.sensitive import groups
from sharedline.iam.actions import find


def _rows(rows: Rows) -> dict[str, dict[str, Any]]:
    given = {t: r for t, r in rows.tables.items() if t in PRINCIPAL_ACCESS.reads}
    found = list(PRINCIPAL_ACCESS.run(given))
    for row in found:
        assert row.keys() == PRINCIPAL_ACCESS.columns.keys()
    return {row["name"]: row for row in found}


def _allow(*actions: str, **more: Any) -> str:
    return document(statement(Action=list(actions), Resource="*", **more))


PIECES = document(
    statement(NotAction=["iam:*", "organizations:*"], Resource="*"),
    statement(Action=["iam:*", "organizations:*"], Resource="*"),
)
NOT_FRANKFURT = document(
    statement(Action="*", Resource="*"),
    statement("Deny", Action="*", Resource="*",
              Condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}),
)  # fmt: skip
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OFFICE = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}


@pytest.mark.parametrize(
    ("policy", "admin", "everything"),
    [
        (json.dumps(ALLOW_ALL), True, True),
        (PIECES, True, True),
        (NOT_FRANKFURT, True, True),
        (_allow("*", Condition=MFA), True, True),
        (_allow("iam:*"), True, False),
        (_allow(*(action for action, _ in POWERS)), True, False),
        (_allow(*(action for action, _ in POWERS[1:])), False, False),
        (document(statement(NotAction="iam:*", Resource="*")), False, False),
        (document(statement(Action="*", Resource=f"arn:aws:iam::{HOME}:role/app-*")), False, False),
        (_allow("s3:*"), False, False),
        (_allow("*", Condition=OFFICE), None, None),
        ("{broken", None, None),
        (None, None, None),
    ],
)
def test_administrators_in_effect(policy: str, admin: object, everything: object) -> None:
    rows = Rows()
    rows.role("r", policy)
    found = _rows(rows)["r"]
    assert (found["is_admin"], found["grants_everything"]) == (admin, everything)


def test_an_scp_or_a_boundary_takes_the_power_away_but_not_what_was_granted() -> None:
    rows = Rows(organization=True)
    rows.guardrail(
        "keep",
        document(statement("Deny", Action="iam:PassRole", Resource="*",
                           Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/s*"}})),
        "ou-1",
    )  # fmt: skip
    bound = rows.policy("bound", _allow("s3:*"))
    rows.role("scp", ALLOW_ALL)
    rows.role("bounded", ALLOW_ALL, boundary=bound)
    rows.role("free", ALLOW_ALL)
    found = _rows(rows)
    assert [found[name]["is_admin"] for name in ("scp", "bounded", "free")] == [False, False, True]
    assert all(row["grants_everything"] for row in found.values())
    assert "inline policy p0" in found["free"]["admin_reason"]


def test_unreadable_scps_leave_an_administrator_unknown() -> None:
    rows = Rows(organization=True)
    rows.tables["organizations_policy"] = []
    rows.role("all", ALLOW_ALL)
    rows.role("some", _allow("s3:*"))
    found = _rows(rows)
    assert found["all"]["is_admin"] is None
    assert found["all"]["grants_everything"] is True
    assert found["some"]["is_admin"] is False


@pytest.mark.parametrize(
    ("bound", "own", "binds"),
    [
        (_allow("s3:*"), _allow("s3:Get*"), True),
        (json.dumps(ALLOW_ALL), _allow("s3:*"), False),
        (PIECES, _allow("s3:*"), False),
        (_allow("s3:*", "iam:*"), _allow("iam:DeleteRolePermissionsBoundary"), False),
        (_allow("s3:*", "iam:*"), _allow("iam:CreatePolicyVersion"), False),
        (_allow("s3:*"), _allow("iam:DeleteRolePermissionsBoundary"), True),
        (_allow("s3:*", "iam:*"), _allow("iam:Put*Boundary", Condition=OFFICE), None),
    ],
)
def test_boundaries_that_bind(bound: str, own: str, binds: object) -> None:
    rows = Rows()
    rows.role("r", own, boundary=rows.policy("bound", bound))
    assert _rows(rows)["r"]["boundary_binds"] is binds


def test_without_a_boundary_there_is_nothing_to_bind() -> None:
    rows = Rows()
    rows.role("r")
    found = _rows(rows)["r"]
    assert (found["boundary_arn"], found["boundary_binds"]) == ("", None)


DENY_WITHOUT_MFA = document(
    statement(Action="*", Resource="*"),
    statement("Deny", NotAction="iam:*MFADevice", Resource="*",
              Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
)  # fmt: skip
DENY_ONLY_SAID_NO = document(
    statement(Action="*", Resource="*"),
    statement("Deny", Action="*", Resource="*",
              Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
)  # fmt: skip
CLOSED = document(
    statement(Action="*", Resource="*"),
    statement("Deny", Action="*", Resource="*",
              Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "password", "mfa", "key", "bypasses"),
    [
        (json.dumps(ALLOW_ALL), True, True, False, False),
        (json.dumps(ALLOW_ALL), True, False, False, True),
        (json.dumps(ALLOW_ALL), False, False, True, True),
        (json.dumps(ALLOW_ALL), False, False, False, False),
        (json.dumps(ALLOW_ALL), True, None, False, None),
        (_allow("s3:List*"), True, False, True, False),
        (_allow("*", Condition=MFA), True, False, True, False),
        (CLOSED, True, False, True, False),
        (DENY_WITHOUT_MFA, True, False, False, True),  # it may deactivate its own device
        (DENY_ONLY_SAID_NO, False, False, True, True),  # a key's request says nothing of MFA
        (DENY_ONLY_SAID_NO, True, False, False, False),
        (_allow("kms:Decrypt", Condition=OFFICE), False, False, True, None),
        (None, False, False, True, None),
    ],
)
def test_users_who_get_round_mfa(
    policy: str, password: object, mfa: object, key: object, bypasses: object
) -> None:
    rows = Rows()
    user = rows.user("u", policy)
    rows.add("iam_credential_report", user, password_enabled=password, mfa_active=mfa,
             access_key_1_active=key, access_key_2_active=False)  # fmt: skip
    assert _rows(rows)["u"]["bypasses_mfa"] is bypasses


def test_without_a_credential_report_it_is_not_known_who_gets_round_mfa() -> None:
    rows = Rows()
    rows.user("u", ALLOW_ALL)
    rows.role("r", ALLOW_ALL)
    found = _rows(rows)
    assert (found["u"]["bypasses_mfa"], found["r"]["bypasses_mfa"]) == (None, None)


def test_where_the_keys_could_not_be_listed_it_is_not_known_who_gets_round_mfa() -> None:
    rows = Rows()
    user = rows.user("u", _allow("kms:Decrypt"))
    rows.add("iam_credential_report", user, password_enabled=False, mfa_active=False,
             access_key_1_active=True, access_key_2_active=False)  # fmt: skip
    closed = {"AWS": f"arn:aws:iam::{HOME}:role/other"}
    rows.key("k", document(statement(Principal=closed, Action="kms:*", Resource="*")))
    assert _rows(rows)["u"]["bypasses_mfa"] is False
    rows.tables.setdefault("listing", []).append(
        {"account_id": HOME, "table_name": "kms_key", "status": "failed"}
    )
    assert _rows(rows)["u"]["bypasses_mfa"] is None


def test_keys_that_open_for_a_principal() -> None:
    rows = Rows()
    to_iam = document(statement(Principal={"AWS": HOME}, Action="kms:*", Resource="*"))
    first, second = rows.key("k1", to_iam), rows.key("k2", to_iam)
    rows.role("all", _allow("kms:Decrypt"))
    rows.role("one", document(statement(Action="kms:Decrypt", Resource=second)))
    rows.role("perhaps", _allow("kms:Decrypt", Condition=OFFICE))
    found = _rows(rows)
    assert found["all"]["unconditional_decrypt"] == ["*"]
    assert found["one"]["unconditional_decrypt"] == [second]
    assert found["perhaps"]["unconditional_decrypt"] == []
    assert first != second


def test_service_linked_roles_are_listed_as_such() -> None:
    rows = Rows()
    rows.role("AWSServiceRoleForSupport", path="/aws-service-role/support.amazonaws.com/")
    assert _rows(rows)["AWSServiceRoleForSupport"]["is_service_linked"] is True


def test_every_sensitive_action_exists_and_stands_in_one_group() -> None:
    listed = [action for group in groups() for action in group.actions]
    assert len(listed) == len(set(listed)) >= 60
    for name in listed:
        found = find(name)
        assert found is not None
        assert found.full == name
