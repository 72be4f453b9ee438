"""Refusals: what AWS says, which layer refused, who was stopped, and what would fit."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharedline.iam.access.estate import Estate, build
from sharedline.iam.fit.denied import Denial, explain, gather
from sharedline.iam.fit.refusal import Refusal, is_refusal, read
from sharedline.iam.language import Layer
from tests.iam.estates import ALLOW_ALL, HOME, OTHER, Rows, document
from tests.iam.events import REGION, Event, event, refused, role_identity, said, user_identity

RELEASE = role_identity("release")
ROLE = f"arn:aws:iam::{HOME}:role/release"
SECRET = f"arn:aws:secretsmanager:{REGION}:{HOME}:secret:db-a1B2c3"
REPOSITORY = f"arn:aws:ecr:{REGION}:{HOME}:repository/shop"
NO_IDENTITY = "because no identity-based policy allows the x:Y action"


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def works(identity: Event = RELEASE, times: int = 20) -> list[Event]:
    return [event(identity, "ecs.UpdateService") for _ in range(times)]


def denials(rows: Rows | Estate, *events: Event, around: Iterable[Event] = ()) -> list[Denial]:
    estate = build(rows.tables) if isinstance(rows, Rows) else rows
    return explain(gather([*events, *around]), estate)


def only(rows: Rows, one: Event, around: Iterable[Event] | None = None) -> Denial:
    (found,) = denials(rows, one, around=works() if around is None else around)
    return found


def with_role(*statements: Any, **more: Any) -> Rows:
    rows = Rows(organization=more.pop("organization", False))
    rows.role("release", *([document(*statements)] if statements else []), **more)
    return rows


# Messages.

_TYPES: tuple[tuple[str, Layer], ...] = (
    ("identity-based policy", "identity"),
    ("resource-based policy", "resource"),
    ("service control policy", "scp"),
    ("resource control policy", "rcp"),
    ("session policy", "session"),
    ("permissions boundary", "boundary"),
    ("VPC endpoint policy", "vpce"),
    ("role trust policy", "trust"),
)


@pytest.mark.parametrize(("kind", "layer"), _TYPES)
def test_the_layer_that_a_message_names(kind: str, layer: Layer) -> None:
    arn = "arn:aws:organizations::777788889999:policy/o-1/service_control_policy/p-1"
    start = f"User: {ROLE} is not authorized to perform: ecs:ListTasks on resource: {REPOSITORY}"
    assert read(f"{start} because no {kind} allows the ecs:ListTasks action") == Refusal(
        ROLE, "ecs:ListTasks", REPOSITORY, layer, False
    )
    for article in ("a", "an", "the"):
        found = read(f"{start} with an explicit deny in {article} {kind}: {arn}.")
        assert found == Refusal(ROLE, "ecs:ListTasks", REPOSITORY, layer, True, arn)
    bare = read(f"{start} with an explicit deny in a {kind}")
    assert (bare.layer, bare.explicit, bare.policy) == (layer, True, "")


def test_the_older_message_names_no_layer() -> None:
    found = read(f"User: {ROLE} is not authorized to perform: iam:GetRole on resource: role x")
    assert (found.action, found.resource, found.layer, found.explicit) == (
        "iam:GetRole", "role", None, None,
    )  # fmt: skip
    old = read(f"User: {ROLE} is not authorized to perform: ec2:X with an explicit deny")
    assert (old.layer, old.explicit) == (None, True)


def test_line_breaks_and_the_encoded_message() -> None:
    found = read(
        f"You are not authorized to perform this operation. User: {ROLE} is not authorized to "
        f"perform: ec2:RunInstances on resource: arn:aws:ec2:x:1:instance/*\nbecause no "
        "identity-based policy allows the ec2:RunInstances action. Encoded authorization failure "
        "message: abc"
    )
    assert found.action == "ec2:RunInstances"
    assert found.resource == "arn:aws:ec2:x:1:instance/*"
    assert found.layer == "identity"
    assert found.encoded
    assert read("The request was denied due to a VPC endpoint policy").layer == "vpce"
    assert read("Access Denied") == Refusal()
    assert read("denied", "VpceAccessDenied").layer == "vpce"


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("AccessDenied", "", True),
        ("AccessDeniedException", "", True),
        ("Client.UnauthorizedOperation", "", True),
        ("com.amazonaws.kms#AccessDeniedException", "", True),
        ("VpceAccessDenied", "", True),
        ("AuthorizationErrorException", "User is not authorized to perform: sns:X", True),
        ("AuthorizationErrorException", "", False),
        ("NotAuthorizedException", "Incorrect username or password.", False),
        ("ThrottlingException", "", False),
        ("Client.DryRunOperation", "", False),
        ("", "", False),
        (None, None, False),
        (17, ["x"], False),
        ("AccessDenied" * 1000, "", False),
    ],
)
def test_which_errors_are_refusals(code: Any, message: Any, expected: bool) -> None:
    assert is_refusal({"errorCode": code, "errorMessage": message}) is expected


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.sampled_from(["User: " * 50_000, "on resource: " * 40_000]))
def test_no_message_is_too_strange(message: str) -> None:
    read(message)
    read(f"User: x is not authorized to perform: {message}")


# Work that stopped, and the statement that would do.


def test_a_missing_allow_is_offered_with_action_and_resource() -> None:
    message = said(RELEASE, "secretsmanager:GetSecretValue", SECRET, NO_IDENTITY)
    one = refused(RELEASE, "secretsmanager.GetSecretValue", message)
    found = only(with_role(allow("ecs:UpdateService")), one)
    assert (found.verdict, found.standing) == ("allow", "work stopped")
    assert (found.layer, found.agrees) == ("identity", True)
    assert found.offer is not None
    assert found.offer.statement == allow("secretsmanager:GetSecretValue", SECRET)
    assert "role release" in found.offer.target


def test_the_offer_keeps_the_conditions_of_its_service() -> None:
    condition = {"StringEquals": {"aws:RequestedRegion": REGION}}
    rows = with_role(allow("ecr:Get*", Condition=condition), allow("ecs:*"))
    message = said(RELEASE, "ecr:PutImage", REPOSITORY, NO_IDENTITY)
    found = only(rows, refused(RELEASE, "ecr.PutImage", message))
    assert found.offer is not None
    assert found.offer.statement == allow("ecr:PutImage", REPOSITORY, Condition=condition)


def test_a_condition_that_the_request_fails_is_not_copied() -> None:
    condition = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    rows = with_role(allow("ecr:Get*", Condition=condition))
    message = said(RELEASE, "ecr:PutImage", REPOSITORY, NO_IDENTITY)
    found = only(rows, refused(RELEASE, "ecr.PutImage", message))
    assert found.offer is not None
    assert "Condition" not in found.offer.statement


def test_the_resource_comes_from_the_event_where_the_message_has_none() -> None:
    one = refused(RELEASE, "ecr.PutImage", requestParameters={"repositoryName": "shop"})
    rows = with_role(allow("ecs:*"))
    assert only(rows, one).verdict == "look", "the policy of the repository was not read"
    rows.add("ecr_repository", REPOSITORY, policy="")
    found = only(rows, one)
    assert found.offer is not None
    assert found.offer.statement["Resource"] == REPOSITORY


def test_without_a_resource_nothing_is_offered() -> None:
    found = only(with_role(allow("ecs:*")), refused(RELEASE, "ecr.PutImage"))
    assert (found.verdict, found.offer) == ("look", None)
    assert "does not name the resource" in found.why


def test_an_action_without_resources_is_offered_for_all() -> None:
    found = only(with_role(allow("ecs:*")), refused(RELEASE, "ecr.GetAuthorizationToken"))
    assert found.offer is not None
    assert found.offer.statement == allow("ecr:GetAuthorizationToken")


def test_the_same_request_is_counted_and_not_repeated() -> None:
    message = said(RELEASE, "ecr:PutImage", REPOSITORY, NO_IDENTITY)
    events = [refused(RELEASE, "ecr.PutImage", message, days=days) for days in (1, 5, 9)]
    (found,) = denials(with_role(allow("ecs:*")), *events, events[0], around=works())
    assert (found.span.count, found.span.days) == (3, 8.0)


def test_a_trust_policy_gets_the_offer_where_it_refuses() -> None:
    rows = with_role(allow("sts:AssumeRole"))
    trust = document(
        allow("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{HOME}:role/x"})
    ).replace(', "Resource": "*"', "")
    other = rows.role("other", trust=trust)
    message = said(
        RELEASE, "sts:AssumeRole", other, "because no role trust policy allows the x:Y action"
    )
    found = only(rows, refused(RELEASE, "sts.AssumeRole", message))
    # Who may become whom is not decided by a trail.
    assert (found.verdict, found.layer) == ("keep", "trust")
    assert "sensitive" in found.why


def test_a_bucket_of_another_account_must_allow_it_too() -> None:
    rows = with_role(allow("s3:*"))
    rows.role("somebody", account=OTHER)
    bucket = rows.bucket("theirs", account=OTHER)
    message = said(
        RELEASE, "s3:GetBucketAcl", bucket, "because no resource-based policy allows the x:Y action"
    )
    found = only(rows, refused(RELEASE, "s3.GetBucketAcl", message))
    assert (found.verdict, found.layer, found.agrees) == ("allow", "resource", True)
    assert found.offer is not None
    assert found.offer.layer == "resource"
    assert found.offer.statement["Principal"] == {"AWS": ROLE}
    assert found.offer.target.endswith(bucket)


# What stays denied.


def test_an_explicit_deny_is_named_and_stays() -> None:
    rows = with_role(allow("*"), deny("ecr:PutImage", Sid="Frozen"))
    message = said(
        RELEASE, "ecr:PutImage", REPOSITORY, "with an explicit deny in an identity-based policy"
    )
    found = only(rows, refused(RELEASE, "ecr.PutImage", message))
    assert (found.verdict, found.offer, found.agrees) == ("keep", None, True)
    assert "'Frozen'" in found.why


def guarded(statement: Any, kind: str = "scp") -> Rows:
    rows = with_role(allow("*"), organization=True)
    arn = f"arn:aws:organizations::1:policy/o-1/{kind}/p-1"
    rows.add("organizations_policy", arn, id="p-1", name="guard", content=document(statement),
             type="SERVICE_CONTROL_POLICY", aws_managed=False)  # fmt: skip
    rows.add("organizations_policy_target", arn, policy_id="p-1", target_id="r-1")
    return rows


def test_a_boundary_is_a_guardrail() -> None:
    rows = Rows()
    boundary = rows.policy("limit", document(allow("ecs:*")))
    rows.role("release", document(allow("*")), boundary=boundary)
    message = said(
        RELEASE, "ecr:PutImage", REPOSITORY, "because no permissions boundary allows the x:Y action"
    )
    found = only(rows, refused(RELEASE, "ecr.PutImage", message))
    assert (found.verdict, found.layer, found.agrees) == ("keep", "boundary", True)
    assert found.offer is None


def test_a_statement_that_a_boundary_would_stop_is_not_offered() -> None:
    rows = Rows()
    boundary = rows.policy("limit", document(allow("ecs:*")))
    rows.role("release", document(allow("ecs:*")), boundary=boundary)
    found = only(
        rows,
        refused(RELEASE, "ecr.PutImage", said(RELEASE, "ecr:PutImage", REPOSITORY, NO_IDENTITY)),
    )
    assert (found.verdict, found.offer) == ("keep", None)
    assert "would not help" in found.why


@pytest.mark.parametrize(
    "kind", ["session policy", "VPC endpoint policy", "service control policy"]
)
def test_a_guardrail_that_only_aws_sees_stays(kind: str) -> None:
    message = said(RELEASE, "ecr:PutImage", REPOSITORY, f"because no {kind} allows the x:Y action")
    found = only(with_role(allow("*")), refused(RELEASE, "ecr.PutImage", message))
    assert (found.verdict, found.offer) == ("keep", None)
    assert "AWS names" in found.why


@pytest.mark.parametrize(
    "action", ["iam:PassRole", "iam:CreateAccessKey", "cloudtrail:StopLogging"]
)
def test_sensitive_actions_are_for_a_person_to_grant(action: str) -> None:
    arn = f"arn:aws:iam::{HOME}:role/x"
    if action.startswith("cloudtrail"):
        arn = f"arn:aws:cloudtrail:{REGION}:{HOME}:trail/t"
    if action.endswith("AccessKey"):
        arn = f"arn:aws:iam::{HOME}:user/u"
    source, name = action.split(":")
    found = only(
        with_role(allow("ecs:*")),
        refused(RELEASE, f"{source}.{name}", said(RELEASE, action, arn, NO_IDENTITY)),
    )
    assert (found.verdict, found.offer) == ("keep", None)
    assert "sensitive" in found.why


# Noise.


def test_an_identity_that_seldom_succeeds_is_noise() -> None:
    message = said(RELEASE, "ecr:PutImage", REPOSITORY, NO_IDENTITY)
    events = [refused(RELEASE, "ecr.PutImage", message) for _ in range(30)]
    (found,) = denials(with_role(allow("ecs:*")), *events, around=works(times=12))
    assert (found.standing, found.verdict, found.offer) == ("noise", "keep", None)
    (few,) = denials(with_role(allow("ecs:*")), events[0], around=works(times=3))
    assert few.standing == "noise"


def test_many_doors_are_an_incident() -> None:
    calls = ["s3.GetBucketAcl", "s3.ListBuckets", "iam.ListUsers", "iam.ListRoles", "kms.ListKeys",
             "ec2.DescribeVpcs", "ecs.ListTasks", "ecr.GetAuthorizationToken", "sns.ListTopics",
             "rds.DescribeDBInstances", "logs.DescribeLogGroups", "sts.GetFederationToken",
             "ssm.ListDocuments", "eks.ListClusters", "lambda.ListFunctions"]  # fmt: skip
    found = denials(
        with_role(allow("ecs:*")),
        *[refused(RELEASE, call) for call in calls],
        around=works(times=500),
    )
    assert {one.standing for one in found} == {"probing"}
    assert all(one.offer is None for one in found)
    assert any("incident" in one.why for one in found)


# What is not known is not guessed.


def test_policies_that_allow_it_by_now_are_said() -> None:
    found = only(with_role(allow("*")), refused(RELEASE, "ecr.GetAuthorizationToken"))
    assert found.verdict == "look"
    assert "allow it" in found.why


def test_a_principal_that_the_scan_lacks() -> None:
    stranger = role_identity("stranger", account=OTHER)
    found = only(
        with_role(allow("*")), refused(stranger, "ecr.GetAuthorizationToken"), works(stranger)
    )
    assert (found.verdict, found.decision) == ("look", None)
    assert "not in the scan" in found.why


def test_an_unreadable_policy_leaves_aws_s_word() -> None:
    rows = Rows()
    rows.role("release", "{")
    message = said(RELEASE, "ecr:PutImage", REPOSITORY, NO_IDENTITY)
    found = only(rows, refused(RELEASE, "ecr.PutImage", message))
    assert found.verdict == "look"
    assert found.offer is not None
    silent = only(rows, refused(RELEASE, "ecr.GetAuthorizationToken"))
    assert (silent.verdict, silent.offer) == ("look", None)


def test_the_scan_may_disagree_with_aws() -> None:
    rows = with_role(allow("*"), deny("ecr:*"))
    found = only(
        rows,
        refused(RELEASE, "ecr.PutImage", said(RELEASE, "ecr:PutImage", REPOSITORY, NO_IDENTITY)),
    )
    assert found.agrees is False
    assert found.verdict == "keep"


def test_one_principal_can_be_asked_for() -> None:
    ann = user_identity("ann")
    events = [refused(RELEASE, "ecr.GetAuthorizationToken"), refused(ann, "ecs.ListTasks")]
    found = gather(events, principal=(HOME, "user", "ann"))
    assert [one.action for one in found.asked] == ["ecs:ListTasks"]


# Hostile events.

_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
_ESTATE = build(with_role(ALLOW_ALL["Statement"][0]).tables)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*event(RELEASE, "a.B"), "errorCode", "errorMessage"]), _JUNK)
)
def test_no_event_stops_the_rest(junk: dict[str, Any]) -> None:
    good = refused(RELEASE, "ecr.GetAuthorizationToken")
    mangled = {**refused(RELEASE, "ecr.PutImage"), **junk}
    found = explain(gather([junk, mangled, good]), _ESTATE)
    assert "ecr:GetAuthorizationToken" in {one.action for one in found}


def test_texts_of_a_megabyte_do_no_harm() -> None:
    long = "User: arn is not authorized to perform: " + "x" * 1_000_000
    events = [
        refused(RELEASE, "ecr.PutImage", **{"message" if n == "errorMessage" else n: long})
        for n in ("errorMessage", "eventName", "eventSource", "awsRegion", "eventTime")
    ]
    for one in explain(gather(events), _ESTATE):
        assert len(one.action) < 1000
        assert len(one.resource) < 3000
