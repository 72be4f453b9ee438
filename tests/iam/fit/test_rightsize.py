"""Policies cut down to their use: what goes, what stays and why, and the proofs that go with it."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharedline.errors import Error, IncompleteError
from sharedline.iam.access.estate import Estate, build
from sharedline.iam.evaluate import evaluate
from sharedline.iam.fit import proofs as rightsize_proofs
from sharedline.iam.fit.event_actions import observable
from sharedline.iam.fit.fate import Evidence
from sharedline.iam.fit.last_accessed import LastAccessed
from sharedline.iam.fit.quotas import problems
from sharedline.iam.fit.rightsize import Rightsized, rightsize
from sharedline.iam.fit.usage import gather
from sharedline.iam.fit.writing import generalise, granted, key_name, shorten, statement
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Context, Policies, Request, caller_of
from tests.iam.estates import HOME, Rows, document
from tests.iam.events import NOW, REGION, Event, background, event, role_identity

RELEASE = role_identity("release")
ROLE = f"arn:aws:iam::{HOME}:role/release"
REPOSITORY = f"arn:aws:ecr:{REGION}:{HOME}:repository/shop"


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def estate_of(*policies: Any) -> Estate:
    rows = Rows()
    rows.role("release", *policies)
    return build(rows.tables)


def fitted(
    *statements: Any,
    events: Iterable[Event] = (),
    accessed: LastAccessed | None = None,
    resources: bool = False,
    around: Iterable[Event] | None = None,
) -> Rightsized:
    usage = gather([*events, *(background() if around is None else around)])
    evidence = Evidence(ROLE, NOW, 90, usage, accessed)
    return rightsize(estate_of(document(*statements)), evidence, resources=resources)


def actions(made: Rightsized) -> set[str]:
    """Every action that the new policy allows."""
    policy = parse(dict(made.document or {"Statement": []}))
    return {action for one in policy.allows for action in granted(one)}


def proofs(made: Rightsized) -> list[bool | None]:
    return [one.holds for one in made.proofs]


def push(days: float = 1, repository: str = "shop") -> Event:
    return event(
        RELEASE, "ecr.PutImage", days=days, requestParameters={"repositoryName": repository}
    )


def test_what_was_used_stays_and_what_was_not_goes() -> None:
    made = fitted(
        allow(["ecs:UpdateService", "ecs:DeleteCluster", "ecs:DescribeServices"]),
        events=[event(RELEASE, "ecs.UpdateService")],
    )
    assert made.document == {
        "Version": "2012-10-17",
        "Statement": [allow("ecs:UpdateService")],
    }
    assert proofs(made) == [True, True, True]
    assert made.proven
    assert made.replaces == ("inline policy p0 of role release",)
    (ecs,) = made.services
    assert (ecs.granted, ecs.used) == (3, ("ecs:UpdateService",))
    assert ecs.removed == ("ecs:DeleteCluster", "ecs:DescribeServices")


def test_what_cannot_be_seen_stays_apart_with_the_reason() -> None:
    made = fitted(
        allow(["s3:*", "iam:PassRole"], Sid="All"), events=[event(RELEASE, "s3.ListBuckets")]
    )
    used, unseen = (made.document or {})["Statement"]
    assert (used["Sid"], used["Action"]) == ("All", "s3:ListAllMyBuckets")
    assert unseen["Sid"] == "AllUnseen"
    assert {"iam:PassRole", "s3:GetObject", "s3:PutObject", "s3:ListBucket"} <= actions(made)
    assert not {"s3:DeleteBucket", "s3:PutBucketPolicy"} & actions(made)
    assert "data events" in next(one.why for one in made.services if one.service == "s3")
    assert made.proven


def test_conditions_denies_and_resources_stay() -> None:
    condition = {
        "ForAnyValue:StringLikeIfExists": {"aws:CalledVia": ["a.example", "b*"]},
        "Bool": {"aws:SecureTransport": "true"},
    }
    deny = {"Effect": "Deny", "NotAction": "ecs:*", "NotResource": f"{REPOSITORY}/*"}
    made = fitted(
        allow(["ecr:PutImage", "ecr:DeleteRepository"], f"{REPOSITORY}*", Condition=condition),
        deny,
        events=[push()],
    )
    first, second = (made.document or {})["Statement"]
    assert first == allow("ecr:PutImage", f"{REPOSITORY}*", Condition=condition)
    assert second == deny
    assert made.proven


def test_last_accessed_rules_out_whole_services_but_never_pass_role() -> None:
    accessed = LastAccessed({"s3": None, "iam": None, "ecs": NOW}, {}, NOW)
    made = fitted(
        allow(["s3:*", "iam:*", "ecs:*", "dynamodb:GetItem"]),
        events=[event(RELEASE, "ecs.UpdateService")],
        accessed=accessed,
    )
    kept = actions(made)
    assert {"iam:PassRole", "ecs:UpdateService", "dynamodb:GetItem"} <= kept
    assert not [one for one in kept if one.startswith("s3:")]
    assert [one for one in kept if one.startswith("iam:")] == ["iam:PassRole"]
    assert made.source == "trail and last-accessed"


def test_last_accessed_alone_is_evidence_too() -> None:
    accessed = LastAccessed({"s3": None, "ecs": NOW}, {}, NOW)
    evidence = Evidence(ROLE, NOW, 90, None, accessed)
    made = rightsize(estate_of(document(allow(["s3:Get*", "ecs:*"]))), evidence)
    assert (made.document or {})["Statement"][0]["Action"] == "ecs:*"
    assert made.source == "last-accessed"
    assert made.proven


def test_a_use_in_the_trail_beats_a_report_that_knows_of_none() -> None:
    accessed = LastAccessed({"ecs": None}, {}, NOW)
    made = fitted(allow("ecs:*"), events=[event(RELEASE, "ecs.UpdateService")], accessed=accessed)
    assert actions(made) == {"ecs:UpdateService"} | {
        one for one in actions(made) if "tag" in one.lower()
    }


def test_where_nothing_says_what_was_used_there_is_no_policy() -> None:
    estate = estate_of(document(allow("ecs:*")))
    with pytest.raises(IncompleteError, match="use of release is not known"):
        rightsize(estate, Evidence(ROLE, NOW))
    foreign = gather(background("999900001111"))
    with pytest.raises(IncompleteError):
        rightsize(estate, Evidence(ROLE, NOW, 90, foreign))


def test_an_unreadable_policy_is_never_cut() -> None:
    usage = gather(background())
    for policy in ("{", None, json.dumps({"Statement": [{"Effect": "Maybe"}]})):
        with pytest.raises(IncompleteError):
            rightsize(estate_of(policy), Evidence(ROLE, NOW, 90, usage))


def test_a_service_linked_role_is_left_alone() -> None:
    rows = Rows()
    arn = rows.role(
        "AWSServiceRoleForX", document(allow("*")), path="/aws-service-role/x.amazonaws.com/"
    )
    with pytest.raises(Error, match="service-linked"):
        rightsize(build(rows.tables), Evidence(arn, NOW, 90, gather(background())))


def test_policies_of_groups_stay_as_they_are() -> None:
    rows = Rows()
    arn = rows.user("ann", document(allow("ecs:*")), groups=["people"])
    rows.group("people", document(allow("s3:*")))
    identity = {"type": "IAMUser", "arn": arn, "accountId": HOME}
    usage = gather([event(identity, "ecs.UpdateService"), *background()])
    made = rightsize(build(rows.tables), Evidence(arn, NOW, 90, usage))
    assert made.replaces == ("inline policy p0 of user ann",)
    assert not [one for one in actions(made) if one.startswith("s3:")]
    assert any("groups" in note for note in made.notes)


def test_an_event_that_nobody_knows_keeps_its_whole_service() -> None:
    made = fitted(allow(["ecs:*", "ecr:*"]), events=[event(RELEASE, "ecs.FlyToTheMoon")])
    assert "ecs:DeleteCluster" in actions(made)
    assert "ecr:DeleteRepository" not in actions(made)
    assert any("FlyToTheMoon" in note for note in made.notes)


def test_what_a_used_call_may_need_beside_stays() -> None:
    made = fitted(
        allow(["ecs:*", "ec2:*", "autoscaling:*"]),
        events=[
            event(RELEASE, "ecs.CreateService"),
            event(RELEASE, "autoscaling.CreateAutoScalingGroup"),
        ],
    )
    kept = actions(made)
    assert {"ecs:TagResource", "ec2:RunInstances"} <= kept
    assert "ec2:CreateTags" not in kept


def test_a_trail_without_reads_keeps_reads() -> None:
    writes = [
        event(RELEASE, "ecs.UpdateService", days=days, awsRegion=region)
        for days, region in ((1, "us-east-1"), (60, "eu-central-1"))
    ]
    made = fitted(allow("ecs:*"), events=writes, around=())
    assert {"ecs:DescribeServices", "ecs:ListTasks"} <= actions(made)
    assert "ecs:DeleteCluster" not in actions(made)
    assert any("no reads" in note for note in made.notes)


def test_a_short_trail_says_so() -> None:
    made = fitted(allow("ecs:*"), events=[], around=background(days=3))
    assert made.days == 3.0
    assert any("Fewer than 30 days" in note for note in made.notes)
    assert any("does not appear" in note for note in made.notes)


def test_where_nothing_at_all_is_used_no_policy_is_left() -> None:
    made = fitted(allow(["ecs:UpdateService", "ec2:RunInstances"]))
    assert made.document is None
    assert made.proven


def test_a_deny_stays_even_alone() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    made = fitted(allow("ecs:UpdateService"), deny)
    assert (made.document or {})["Statement"] == [deny]


def test_not_action_becomes_a_list() -> None:
    made = fitted(
        {"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"},
        events=[event(RELEASE, "ecs.UpdateService")],
        accessed=LastAccessed(dict.fromkeys(_all_services(), None), {}, NOW),
    )
    kept = actions(made)
    assert "ecs:UpdateService" in kept
    assert not [one for one in kept if one.startswith(("iam:", "s3:"))]
    assert [one.holds for one in made.proofs][:2] == [True, True]


def _all_services() -> list[str]:
    from sharedline.iam.actions import services

    return sorted(services())


def test_a_policy_of_the_old_version_keeps_its_literal_dollars() -> None:
    old = document(
        allow(
            ["ecr:PutImage", "ecr:DeleteRepository"], "arn:aws:ecr:*:*:repository/${aws:username}"
        ),
        version="2008-10-17",
    )
    usage = gather([push(), *background()])
    made = rightsize(estate_of(old), Evidence(ROLE, NOW, 90, usage))
    (one,) = (made.document or {})["Statement"]
    assert one["Resource"] == "arn:aws:ecr:*:*:repository/${$}{aws:username}"
    assert made.proofs[0].holds is True


# Resources.


def test_resources_are_narrowed_to_those_that_were_used() -> None:
    made = fitted(allow(["ecr:PutImage", "ecs:UpdateService"], Sid="Go"), events=[push()],
                  resources=True)  # fmt: skip
    narrow = (made.document or {})["Statement"][0]
    assert narrow == allow("ecr:PutImage", REPOSITORY, Sid="Go")
    assert made.proven
    wide = fitted(allow(["ecr:PutImage", "ecs:UpdateService"], Sid="Go"), events=[push()])
    assert (wide.document or {})["Statement"] == [allow("ecr:PutImage", Sid="Go")]


def test_an_action_with_an_uncertain_resource_keeps_its_resources() -> None:
    made = fitted(
        allow("ecr:PutImage"), events=[push(), event(RELEASE, "ecr.PutImage")], resources=True
    )
    assert (made.document or {})["Statement"] == [allow("ecr:PutImage")]


def test_data_events_are_never_narrowed() -> None:
    asked = {"bucketName": "b", "key": "k"}
    made = fitted(
        allow("s3:GetObject"),
        events=[event(RELEASE, "s3.GetObject", requestParameters=asked, eventCategory="Data")],
        resources=True,
    )
    assert (made.document or {})["Statement"] == [allow("s3:GetObject")]


def test_a_statement_that_allowed_no_use_of_an_action_loses_it() -> None:
    elsewhere = f"arn:aws:ecr:{REGION}:{HOME}:repository/other"
    made = fitted(
        allow("ecr:PutImage", REPOSITORY),
        allow("ecr:PutImage", elsewhere),
        events=[push()],
        resources=True,
    )
    assert (made.document or {})["Statement"] == [allow("ecr:PutImage", REPOSITORY)]
    assert made.proven


@pytest.mark.parametrize(
    ("arns", "old", "expected"),
    [
        ([f"{REPOSITORY}{n}" for n in range(7)], "*", [f"{REPOSITORY[:-4]}*"]),
        ([f"{REPOSITORY}{n}" for n in range(2)], "*", [f"{REPOSITORY}0", f"{REPOSITORY}1"]),
        (
            ["arn:aws:ecs:eu-central-1:1:task-definition/web:12"],
            "*",
            ["arn:aws:ecs:eu-central-1:1:task-definition/web:*"],
        ),
        (
            ["arn:aws:ecs:eu-central-1:1:task-definition/web:12"],
            "arn:aws:ecs:eu-central-1:1:task-definition/web:12",
            ["arn:aws:ecs:eu-central-1:1:task-definition/web:12"],
        ),
        (
            ["arn:aws:ec2:eu-central-1:1:instance/i-0123456789abcdef0"],
            "arn:aws:ec2:*:*:instance/*",
            ["arn:aws:ec2:eu-central-1:1:instance/*"],
        ),
        (
            ["arn:aws:secretsmanager:eu-central-1:1:secret:shop/db-a1B2c3"],
            "*",
            ["arn:aws:secretsmanager:eu-central-1:1:secret:shop/db-??????"],
        ),
        (["arn:aws:s3:::b"], "arn:aws:s3:::c*", None),
        (["arn:aws:s3:::b"], "arn:aws:s3:::${aws:username}", None),
    ],
)
def test_resources_are_generalised_no_wider_than_the_old(
    arns: list[str], old: str, expected: list[str] | None
) -> None:
    (one,) = parse(document(allow("ecr:PutImage", old))).statements
    assert generalise(arns, one) == expected


# Writing.


def test_entries_are_short_and_reach_no_further() -> None:
    (one,) = parse(document(allow(["ecr:Get*", "ecr:Describe*"]))).statements
    every = granted(one)
    assert shorten(every, one) == ["ecr:Get*", "ecr:Describe*"]
    some = {a for a in every if a.startswith("ecr:Get")} | {"ecr:DescribeImages"}
    assert shorten(some, one) == ["ecr:Get*", "ecr:DescribeImages"]


def test_keys_are_written_as_aws_does() -> None:
    assert key_name("aws:requestedregion") == "aws:RequestedRegion"
    assert key_name("aws:principaltag/team") == "aws:PrincipalTag/team"
    assert key_name("ec2:instancetype") == "ec2:InstanceType"
    assert key_name("made:up") == "made:up"


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_statement_written_back_is_the_statement(effect: str) -> None:
    raw = {
        "Sid": "A",
        "Effect": effect,
        "NotAction": ["s3:Get*", "iam:PassRole"],
        "NotResource": ["arn:aws:s3:::${aws:PrincipalTag/team, 'none'}/*"],
        "Condition": {"NumericLessThan": {"s3:max-keys": "10"}, "Null": {"aws:TagKeys": "false"}},
    }
    policy = parse({"Version": "2012-10-17", "Statement": [raw]})
    again = parse(
        {"Version": "2012-10-17", "Statement": [statement(policy.statements[0], policy.version)]}
    )
    assert again.statements == policy.statements


# Proofs that fail are said.


def test_a_policy_too_large_for_aws_is_not_proven() -> None:
    places = [f"arn:aws:ecr:*:*:repository/{'x' * 200}{n}" for n in range(60)]
    made = fitted(allow("ecr:PutImage", places), events=[])
    assert made.document is None
    made = fitted(allow("s3:GetObject", [p.replace("ecr", "s3") for p in places]))
    assert proofs(made) == [True, True, False]
    assert not made.proven
    assert "10,240" in made.proofs[2].detail


def test_a_policy_may_fit_embedded_where_it_does_not_as_managed() -> None:
    places = [f"arn:aws:s3:::{'x' * 200}{n}/*" for n in range(35)]
    made = fitted(allow("s3:GetObject", places))
    assert made.proven
    assert "inline policies of a role" in made.proofs[2].detail


def test_a_wider_policy_fails_with_a_witness() -> None:
    new, old = parse(document(allow("ecr:*"))), parse(document(allow("ecr:Get*")))
    proof = rightsize_proofs.no_wider((new,), (old,))
    assert proof.holds is False
    assert "ecr:" in proof.detail


def test_a_policy_that_lost_a_use_fails() -> None:
    estate = estate_of(document(allow("ecr:*")))
    seen = gather([push(), event(RELEASE, "ecr.GetAuthorizationToken")]).of(ROLE)
    old = (parse(document(allow("ecr:*"))),)
    for new in ("ecr:GetAuthorizationToken", "ecr:PutImage"):
        proof = rightsize_proofs.enough(estate, ROLE, (parse(document(allow(new))),), old, seen)
        assert proof.holds is False, new
    kept = (parse(document(allow(["ecr:GetAuthorizationToken", "ecr:PutImage"]))),)
    assert rightsize_proofs.enough(estate, ROLE, kept, old, seen).holds is True


def test_a_use_under_an_unknown_condition_must_stay_as_free() -> None:
    estate = estate_of(document(allow("ecr:*")))
    seen = gather([push()]).of(ROLE)
    free = {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}}
    tight = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    old = (parse(document(allow("ecr:*", Condition=free))),)
    same = (parse(document(allow("ecr:PutImage", Condition=free))),)
    less = (parse(document(allow("ecr:PutImage", Condition=tight))),)
    assert rightsize_proofs.enough(estate, ROLE, same, old, seen).holds is True
    assert rightsize_proofs.enough(estate, ROLE, less, old, seen).holds is False


# Whatever the policy and the events.

_PATTERNS = (
    *("*", "s3:*", "s3:Get*", "s3:*Object*", "ecs:*", "ecs:UpdateService", "ecr:Put*"),
    *("ec2:Describe*", "iam:PassRole", "iam:*Role*", "kms:Decrypt", "lambda:*", "logs:?ut*"),
)
_CALLS = (
    *("ecs.UpdateService", "ecr.PutImage", "s3.GetObject", "s3.ListBuckets", "kms.Decrypt"),
    *("ec2.DescribeInstances", "lambda.Invoke", "lambda.UpdateFunctionCode20150331v2", "x.Y"),
)
_STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Action": st.lists(st.sampled_from(_PATTERNS[1:]), min_size=1, max_size=3),
        "Resource": st.sampled_from(["*", REPOSITORY, "arn:aws:s3:::b/*"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_STATEMENTS, min_size=1, max_size=3),
    st.lists(st.sampled_from(_CALLS), max_size=5),
    st.booleans(),
)
def test_never_wider_and_never_a_wrong_unused(
    statements: list[dict[str, Any]], calls: list[str], narrow: bool
) -> None:
    made = fitted(*statements, events=[event(RELEASE, call) for call in calls], resources=narrow)
    old = parse(document(*statements))
    before = {action for one in old.allows for action in granted(one)}
    after = actions(made)
    assert after <= before
    assert {one for one in before if not observable(one)} <= after, "silence is no proof"
    used = {use.action for use in gather([event(RELEASE, c) for c in calls]).of(ROLE).uses}
    assert used & before <= after
    wider, lost, taken = made.proofs
    assert wider.holds is not False
    assert lost.holds is not False
    if made.document is not None:
        # Too large is the one thing that such a policy may be, and then it is not called proven.
        found = problems(dict(made.document), "role")
        assert taken.holds is (not found)
        assert {one.path for one in found} <= {"document"}
        _sampled(old, parse(dict(made.document)), sorted(before)[::37])


def _sampled(old: Any, new: Any, some: Iterable[str]) -> None:
    """What the new policy allows, the old one did: asked of the evaluation itself."""
    caller = caller_of(ROLE)
    for action, place in itertools.product(some, (REPOSITORY, "arn:aws:s3:::b/k", "*")):
        request = Request(caller, action, place, Context())
        if evaluate(request, Policies(identity=(new,))).answer is Answer.ALLOWED:
            assert evaluate(request, Policies(identity=(old,))).answer is Answer.ALLOWED


def test_the_window_counts_from_the_scan() -> None:
    usage = gather([push(days=200), *background()], since=NOW - timedelta(days=90))
    evidence = Evidence(ROLE, NOW, 90, usage)
    assert rightsize(estate_of(document(allow("ecr:PutImage"))), evidence).document is None
    wide = gather([push(days=200), *background()])
    assert rightsize(
        estate_of(document(allow("ecr:PutImage"))), replace(evidence, usage=wide)
    ).document
