"""The estate of a scan: whose policies meet in a request, what is known of it, what is not."""

from __future__ import annotations

import json

import pytest

from sharedline.derive.sources import RESOURCE_POLICIES
from sharedline.iam.access.carriers import CARRIERS, can_carry, holders
from sharedline.iam.access.estate import READS, Estate, build
from sharedline.iam.access.who_can import ask
from sharedline.iam.request import UNKNOWN
from tests.iam.estates import ALLOW_ALL, HOME, MANAGEMENT, OTHER, Rows, document, statement

S3 = "arn:aws:s3:::data"


def _one(rows: Rows, arn: str) -> Estate:
    estate = build(rows.tables)
    assert arn in estate.principals
    return estate


def test_a_user_has_its_own_policies_and_those_of_its_groups() -> None:
    rows = Rows()
    managed = rows.policy("shared", ALLOW_ALL)
    group = rows.group("people", ALLOW_ALL, attached=[managed])
    ana = rows.user("ana", ALLOW_ALL, attached=[managed], groups=["people"])
    estate = _one(rows, ana)
    names = [one.name for one in estate.principals[ana].identity]
    assert names == ["inline policy p0 of user ana", managed, "inline policy p0 of group people"]
    assert estate.principals[ana].groups == (group,)
    assert estate.groups[group].members == (ana,)
    assert sorted(estate.attachments[managed]) == [group, ana]
    assert not estate.principals[ana].unreadable


@pytest.mark.parametrize(
    ("table", "column"),
    [("iam_role_policy", "policy_document"), ("iam_policy", "document")],
)
def test_a_document_that_was_not_readable_is_named(table: str, column: str) -> None:
    rows = Rows()
    role = rows.role("r", ALLOW_ALL, attached=[rows.policy("shared", ALLOW_ALL)])
    for row in rows.tables[table]:
        row[column] = None
    why = _one(rows, role).policies(role).unreadable["identity"]
    assert ("inline policy p0" in why) or ("policy/shared" in why)


def test_an_aws_managed_policy_that_was_not_collected_is_named() -> None:
    rows = Rows()
    role = rows.role("r", attached=["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    why = _one(rows, role).policies(role).unreadable["identity"]
    assert "arn:aws:iam::aws:policy/ReadOnlyAccess" in why


def test_a_collected_aws_managed_policy_is_read() -> None:
    rows = Rows()
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    rows.add("iam_aws_policy", arn, document=json.dumps(ALLOW_ALL))
    role = rows.role("r", attached=[arn])
    estate = _one(rows, role)
    assert [one.name for one in estate.principals[role].identity] == [arn]
    assert not estate.policies(role).unreadable.get("identity")


def test_a_listing_that_failed_leaves_all_of_its_account_unknown() -> None:
    rows = Rows()
    role, other = rows.role("r", ALLOW_ALL), rows.role("o", ALLOW_ALL, account=OTHER)
    rows.add("listing", "arn:l", HOME, table_name="iam_role_attached_policy", status="failed")
    rows.add("listing", "arn:l", HOME, table_name="iam_user", status="partial")
    estate = _one(rows, role)
    assert "iam_role_attached_policy" in estate.principals[role].unreadable["identity"]
    assert not estate.principals[other].unreadable
    assert list(estate.unseen()) == [f"The users of account {HOME} could not be listed."]


def test_a_table_that_was_not_collected_is_not_an_empty_one() -> None:
    rows = Rows()
    role = rows.role("r", ALLOW_ALL)
    del rows.tables["iam_role_policy"]
    assert "iam_role_policy" in _one(rows, role).principals[role].unreadable["identity"]


@pytest.mark.parametrize(
    ("boundary", "known", "unreadable"),
    [
        ("", None, ""),
        (None, None, "was not readable"),
        ("arn:aws:iam::1:policy/x", None, "policy/x"),
    ],
)
def test_a_boundary_is_none_or_unknown(
    boundary: str | None, known: object, unreadable: str
) -> None:
    rows = Rows()
    role = rows.role("r", boundary=boundary)
    found = _one(rows, role).policies(role)
    assert found.boundary is known
    assert unreadable in found.unreadable.get("boundary", "")
    assert bool(unreadable) == ("boundary" in found.unreadable)


def test_a_boundary_that_is_read_is_there() -> None:
    rows = Rows()
    role = rows.role("r", boundary=rows.policy("bound", ALLOW_ALL))
    boundary = _one(rows, role).policies(role).boundary
    assert boundary is not None
    assert [one.name for one in boundary] == [f"arn:aws:iam::{HOME}:policy/bound"]


# Organisations


def test_scps_stand_level_by_level_with_their_places() -> None:
    rows = Rows(organization=True)
    rows.guardrail("keep", {"Statement": [statement("Deny", Action="s3:*", Resource="*")]}, "ou-1")
    role = rows.role("r")
    estate = _one(rows, role)
    levels = [[one.name for one in level] for level in estate.policies(role).scps]
    assert levels == [["p-full-SER"], ["p-full-SER", "keep"], ["p-full-SER"]]
    places = [estate.organization.place(HOME, at) for at in range(3)]
    assert places == ["root Root", "unit Work", "account account-1111"]


def test_the_management_account_has_no_scps() -> None:
    rows = Rows(organization=True)
    role = rows.role("r", account=MANAGEMENT)
    found = _one(rows, role).policies(role)
    assert found.scps == ()
    assert "scp" not in found.unreadable


def test_an_account_without_organisation_has_no_scps() -> None:
    rows = Rows()
    role = rows.role("r")
    found = _one(rows, role).policies(role)
    assert (found.scps, dict(found.unreadable)) == ((), {})


@pytest.mark.parametrize(
    "table",
    ["organizations_organization", "organizations_policy_type", "organizations_policy_target"],
)
def test_a_scan_that_may_not_read_the_organisation_does_not_know_the_scps(table: str) -> None:
    missing, failed = Rows(organization=True), Rows(organization=True)
    del missing.tables[table]
    failed.add("listing", "arn:l", HOME, table_name=table, status="failed")
    if table == "organizations_organization":
        failed.tables[table] = []
    for rows in (missing, failed):
        role = rows.role("r")
        assert "scp" in _one(rows, role).policies(role).unreadable


def test_a_kind_of_policy_that_is_switched_off_is_none() -> None:
    rows = Rows()
    rows.organization(scp=False)
    role = rows.role("r")
    found = _one(rows, role).policies(role)
    assert (found.scps, dict(found.unreadable)) == ((), {})


def test_a_level_without_policies_was_not_read() -> None:
    rows = Rows(organization=True)
    rows.tables["organizations_policy_target"] = [
        row for row in rows.tables["organizations_policy_target"] if row["target_id"] != "ou-1"
    ]
    role = rows.role("r")
    assert "ou-1" in _one(rows, role).policies(role).unreadable["scp"]


def test_an_scp_whose_content_was_not_readable_is_named() -> None:
    rows = Rows(organization=True)
    rows.guardrail("closed", None, HOME)
    role = rows.role("r")
    assert "closed" in _one(rows, role).policies(role).unreadable["scp"]


def test_rcps_stand_above_resources_of_member_accounts() -> None:
    rows = Rows()
    rows.organization(rcp=True)
    role = rows.role("r")
    rows.bucket("ours")
    rows.bucket("theirs", account=MANAGEMENT)
    key = rows.key("aws", "", manager="AWS")
    estate = _one(rows, role)
    assert len(estate.policies(role, "arn:aws:s3:::ours").rcps) == 3
    assert estate.policies(role, "arn:aws:s3:::theirs").rcps == ()
    assert estate.policies(role, key).rcps == ()


# Resources


def test_an_object_has_the_policy_of_its_bucket() -> None:
    rows = Rows()
    role = rows.role("r")
    rows.bucket("data", document(statement(Principal="*", Action="s3:*", Resource=f"{S3}/*")))
    found = _one(rows, role).policies(role, f"{S3}/a/b")
    assert found.resource is not None
    assert found.resource.name == S3


def test_a_bucket_without_policy_and_one_not_readable_differ() -> None:
    rows = Rows()
    role = rows.role("r")
    rows.bucket("none", "")
    rows.bucket("closed", None)
    estate = _one(rows, role)
    assert estate.policies(role, "arn:aws:s3:::none").unreadable == {}
    assert "closed" in estate.policies(role, "arn:aws:s3:::closed/x").unreadable["resource"]
    assert "foreign" in estate.policies(role, "arn:aws:s3:::foreign/x").unreadable["resource"]


def test_a_role_is_a_resource_with_its_trust() -> None:
    rows = Rows()
    role = rows.role("r", trust=document(statement(Action="sts:AssumeRole", Principal="*")))
    estate = _one(rows, role)
    assert estate.policies(role, role).resource is estate.principals[role].trust
    assert estate.account_of(role) == HOME


def test_an_api_is_called_by_another_name() -> None:
    rows = Rows()
    role = rows.role("r")
    policy = document(statement(Principal="*", Action="execute-api:Invoke", Resource="*"))
    rows.add("apigateway_rest_api", "arn:aws:apigateway:eu-central-1::/restapis/abc", policy=policy)
    called = f"arn:aws:execute-api:eu-central-1:{HOME}:abc/prod/GET/x"
    assert _one(rows, role).policies(role, called).resource is not None


@pytest.mark.parametrize(
    ("arn", "found"),
    [
        ("arn:aws:s3:::b/k/l", "arn:aws:s3:::b"),
        ("arn:aws:s3:eu-west-1:1:accesspoint/p/object/k", "arn:aws:s3:eu-west-1:1:accesspoint/p"),
        ("arn:aws:dynamodb:eu-west-1:1:table/t/index/i", "arn:aws:dynamodb:eu-west-1:1:table/t"),
        ("arn:aws:dynamodb:eu-west-1:1:table/t/stream/s",) * 2,
        ("arn:aws:es:eu-west-1:1:domain/d/_search", "arn:aws:es:eu-west-1:1:domain/d"),
        ("arn:aws:lambda:eu-west-1:1:function:f:live",) * 2,
        ("no-arn", "no-arn"),
    ],
)
def test_whose_policy_speaks_for_a_name(arn: str, found: str) -> None:
    assert holders(arn)[-1] == found


def test_what_can_carry_a_policy() -> None:
    assert can_carry("arn:aws:sqs:eu-west-1:1:q")
    assert can_carry("arn:aws:kms:eu-west-1:1:key/k")
    assert not can_carry("arn:aws:kms:eu-west-1:1:alias/k")
    assert not can_carry("arn:aws:ec2:eu-west-1:1:instance/i")
    assert not can_carry("*")


def test_every_known_policy_column_is_read() -> None:
    ours = {(one.table, one.column) for one in CARRIERS}
    theirs = {(one.table, one.column) for one in RESOURCE_POLICIES if one.kind != "trust"}
    assert theirs <= ours
    for table, column in ours:
        assert column in READS[table]


# What a scan knows of a request


def test_the_scan_decides_who_asks_and_whose_it_is() -> None:
    rows = Rows(organization=True)
    ana = rows.user("ana", document(statement(
        Action="*", Resource="*", Condition={"StringEquals": {
            "aws:PrincipalTag/Team": "a", "aws:PrincipalTag/none": "b",
            "aws:ResourceTag/env": "c"}})), tags={"team": "red"})  # fmt: skip
    key = rows.key("k", "", account=OTHER)
    rows.tables["kms_key"][-1]["tags"] = json.dumps({"Env": "prod"})
    context = _one(rows, ana).context(ana, key)
    assert context.get("aws:username") == ("ana",)
    assert context.get("aws:principaltag/team") == ("red",)
    assert context.get("aws:principaltag/none") is None
    assert context.get("aws:resourcetag/env") == ("prod",)
    assert context.get("aws:resourceaccount") == (OTHER,)
    assert context.get("aws:principalorgid") == ("o-1",)
    assert context.get("aws:principalorgpaths") == ("o-1/r-1/ou-1/",)
    assert context.get("aws:requestedregion") == ("eu-central-1",)
    assert context.get("aws:sourcearn") is None
    assert context.get("aws:multifactorauthpresent") is UNKNOWN


@pytest.mark.parametrize(
    ("action", "known"), [("sts:AssumeRole", True), ("sts:*", False), ("sts:TagSession", False)]
)
def test_a_session_keeps_the_tags_of_its_role_unless_it_may_set_them(
    action: str, known: bool
) -> None:
    rows = Rows()
    condition = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    rows.user("u", document(statement(Action="*", Resource="*", Condition=condition)))
    role = rows.role("r", trust=document(statement(Action=action, Principal="*")),
                     tags={"team": "a"})  # fmt: skip
    found = _one(rows, role).context(role).get("aws:principaltag/team")
    assert found == (("a",) if known else UNKNOWN)


def test_rows_of_other_tables_are_resources() -> None:
    rows = Rows()
    arn = rows.add("ec2_instance", f"arn:aws:ec2:eu-west-1:{HOME}:instance/i-1", tags="{}")
    estate = build(rows.tables)
    assert estate.resources[arn].account == HOME
    assert estate.resources[arn].readable


def test_a_row_that_is_none_of_awss_stops_nothing() -> None:
    rows = Rows()
    rows.add("iam_role", "role-1", role_name="r", permissions_boundary_arn="",
             assume_role_policy_document="{")  # fmt: skip
    rows.add("iam_user", "user-1", permissions_boundary_arn="", group_list=None)
    rows.add("s3_bucket", "bucket-1", policy="[]")
    rows.add("apigateway_rest_api", "api-1", policy="x")
    estate = build(rows.tables)
    assert estate.policies("role-1", "bucket-1").resource is not None
    assert "groups" in estate.policies("user-1").unreadable["identity"]
    assert ask(estate, "role-1", "s3:GetObject", "bucket-1").answer == "unknown"
