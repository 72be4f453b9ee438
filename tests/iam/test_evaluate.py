"""The evaluation logic: labelled files, AWS's own examples, and what an answer says of itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sharedline.iam import cases
from sharedline.iam.cases import Case
from sharedline.iam.evaluate import evaluate
from sharedline.iam.language import Layer, Policy
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Context, Policies, Request, caller_of

OWN = sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
SHARED = Path(__file__).parents[3] / "shared" / "data" / "iam"
LABELLED = [SHARED / "evaluate_awsdocs.jsonl", SHARED / "evaluate_moto.jsonl"]

#: Labels that AWS's documentation contradicts, each with what it says.
CONTRADICTED = {
    # The emulator lets a role be assumed that has no trust policy (it does not even exist). A role
    # has one always, and it must allow or trust the account: "To allow a user to assume a role in
    # the same account", https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html,
    # and trust policies as the exception to "either policy is enough", https://docs.aws.amazon.com/
    # IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html.
    "moto/3": Answer.IMPLICITLY_DENIED,
}


def own() -> Iterator[Case]:
    for path in OWN:
        yield from cases.read(path)


@pytest.mark.parametrize("case", list(own()), ids=lambda case: case.id)
def test_an_example_of_the_documentation(case: Case) -> None:
    decision = evaluate(*cases.request_of(case.record, case.line))
    expected = case.record["expected"]
    assert cases.agrees(decision.answer, expected), f"{case.record['name']}: {decision.reason}"


def test_every_example_names_its_page() -> None:
    for case in own():
        assert case.record["source"].startswith("https://docs.aws.amazon.com/"), case.id
        assert case.record["read"] == "2026-11-21", case.id


@pytest.mark.parametrize("path", LABELLED, ids=lambda path: path.stem)
def test_agreement_with_the_labelled_cases(path: Path) -> None:
    if not path.exists():
        pytest.skip("the labelled cases are not kept with the project")
    counted = 0
    for case in cases.read(path):
        if case.dubious:
            continue
        counted += 1
        decision = evaluate(*cases.request_of(case.record, case.line))
        expected = case.record["expected"]
        if case.id in CONTRADICTED:
            assert decision.answer is CONTRADICTED[case.id]
        else:
            assert cases.agrees(decision.answer, expected), f"{case.id}: {decision.reason}"
    assert counted > 30


@pytest.mark.skipif(not LABELLED[0].exists(), reason="the labelled cases are not kept here")
def test_twenty_thousand_a_second() -> None:
    """Measured in CPU time, as other work may run beside; an eighth of it is asked for here."""
    ready = [cases.request_of(case.record) for path in LABELLED for case in cases.read(path)]
    for request, policies in ready:
        evaluate(request, policies)
    began = time.process_time()
    for _ in range(10):
        for request, policies in ready:
            evaluate(request, policies)
    assert len(ready) * 10 / (time.process_time() - began) > 2_500


# What an answer says

ACCOUNT = "111122223333"
USER = caller_of(f"arn:aws:iam::{ACCOUNT}:user/ada")
READ = Request(USER, "s3:GetObject", "arn:aws:s3:::bucket/x")


def policy(name: str, *statements: dict[str, Any]) -> Policy:
    return parse({"Version": "2012-10-17", "Statement": list(statements)}, name)


ALLOW: dict[str, Any] = {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}
DENY: dict[str, Any] = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
EVERYTHING = policy("AdministratorAccess", ALLOW)


def test_an_allow_names_policy_and_statement() -> None:
    decision = evaluate(READ, Policies((EVERYTHING,)))
    assert decision.reason == "Allowed by the identity policy AdministratorAccess, statement 'All'."
    assert [one.layer for one in decision.deciding] == ["identity"]


def test_both_sides_of_an_allow_across_accounts() -> None:
    bucket = policy("bucket", {**ALLOW, "Principal": {"AWS": ACCOUNT}})
    abroad = replace(READ, resource_account="444455556666")
    decision = evaluate(abroad, Policies((EVERYTHING,), resource=bucket))
    assert [one.layer for one in decision.deciding] == ["identity", "resource"]
    alone = evaluate(abroad, Policies((EVERYTHING,)))
    assert (alone.answer, alone.blocking) == (Answer.IMPLICITLY_DENIED, "resource")
    assert "another account" in alone.reason


def test_a_deny_names_level_and_statement() -> None:
    scps = ((EVERYTHING,), (EVERYTHING, policy("NoS3", ALLOW, DENY)))
    decision = evaluate(READ, Policies((EVERYTHING,), scps=scps))
    assert decision.answer is Answer.EXPLICITLY_DENIED
    assert decision.blocking == "scp"
    assert decision.reason == "Denied by the SCP NoS3 at level 2, statement number 2."
    assert [(one.level, one.statement.effect) for one in decision.deciding] == [(2, "Deny")]


@pytest.mark.parametrize(
    ("policies", "layer", "reason"),
    [
        (Policies(), "identity", "No identity policy allows it."),
        (Policies((EVERYTHING,), boundary=()), "boundary", "No permissions boundary allows it."),
        (Policies((EVERYTHING,), session=()), "session", "No session policy allows it."),
        (Policies((EVERYTHING,), vpce=()), "vpce", "No VPC endpoint policy allows it."),
        (Policies((EVERYTHING,), scps=((EVERYTHING,), ())), "scp", "No SCP at level 2 allows it."),
        (Policies((EVERYTHING,), rcps=((),)), "rcp", "No RCP at level 1 allows it."),
    ],
)
def test_the_layer_that_says_nothing(policies: Policies, layer: Layer, reason: str) -> None:
    decision = evaluate(READ, policies)
    assert decision.answer is Answer.IMPLICITLY_DENIED
    assert (decision.blocking, decision.reason) == (layer, reason)


def test_a_boundary_that_limits_a_role_is_named() -> None:
    session = caller_of(f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s1")
    role = {**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/reader"}}
    policies = Policies(resource=policy("bucket", role), boundary=())
    decision = evaluate(replace(READ, caller=session), policies)
    assert decision.blocking == "boundary"


@pytest.mark.parametrize("resource", ["key/1", "role"])
def test_a_key_or_a_role_without_its_policy(resource: str) -> None:
    request = replace(READ, action="kms:Decrypt", resource=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1")
    layer = "resource"
    if resource == "role":
        arn = f"arn:aws:iam::{ACCOUNT}:role/r"
        request, layer = replace(READ, action="sts:AssumeRole", resource=arn), "trust"
    decision = evaluate(request, Policies((EVERYTHING,)))
    assert (decision.answer, decision.blocking) == (Answer.IMPLICITLY_DENIED, layer)


# What is not known


def secure(effect: str) -> Policy:
    return policy("p", {**ALLOW, "Effect": effect, "Condition": {"Bool": {"k": "true"}}})


def unseen(request: Request = READ) -> Request:
    return replace(request, context=Context(complete=False))


def test_an_allow_or_a_deny_on_an_unknown_key_depends() -> None:
    for policies in (Policies((secure("Allow"),)), Policies((EVERYTHING, secure("Deny")))):
        decision = evaluate(unseen(), policies)
        assert decision.answer is Answer.DEPENDS
        assert [str(one) for one in decision.depends] == ["Bool k true"]
        assert decision.reason == "Depends on Bool k true."


def test_an_unknown_key_that_changes_nothing() -> None:
    assert evaluate(unseen(), Policies((secure("Deny"),))).answer is Answer.IMPLICITLY_DENIED
    assert evaluate(unseen(), Policies((EVERYTHING, secure("Allow")))).answer is Answer.ALLOWED
    denied = Policies((EVERYTHING, policy("d", DENY), secure("Deny")))
    assert evaluate(unseen(), denied).answer is Answer.EXPLICITLY_DENIED


def test_an_unknown_variable_of_a_resource_depends() -> None:
    mine = policy("p", {**ALLOW, "Resource": "arn:aws:s3:::bucket/${aws:username}"})
    decision = evaluate(unseen(), Policies((mine,)))
    assert decision.answer is Answer.DEPENDS
    assert decision.reason == "Depends on the value of aws:username *."


def test_a_variable_of_several_values_is_not_decided() -> None:
    mine = policy("p", {**ALLOW, "Resource": "arn:aws:s3:::bucket/${k}"})
    several = replace(READ, context=Context({"k": ("x", "y")}))
    decision = evaluate(several, Policies((mine,)))
    assert decision.answer is Answer.UNKNOWN
    assert "how the Resource of statement 'All' is read" in decision.reason
    equal = policy("p", {**ALLOW, "Condition": {"StringEquals": {"k": "x"}}})
    for context in (several.context, Context(several.context.values, complete=False)):
        decision = evaluate(replace(READ, context=context), Policies((equal,)))
        assert decision.answer is Answer.UNKNOWN


@pytest.mark.parametrize("layer", ["identity", "boundary", "session", "scp", "rcp", "vpce"])
def test_an_unreadable_layer_makes_an_allow_unknown(layer: Layer) -> None:
    policies = Policies((EVERYTHING,), unreadable={layer: "access was denied"})
    decision = evaluate(READ, policies)
    assert decision.answer is Answer.UNKNOWN
    assert "could not be read: access was denied" in decision.reason


def test_an_unreadable_resource_policy_may_allow() -> None:
    blind: dict[Layer, str] = {"resource": "access was denied"}
    assert evaluate(READ, Policies(unreadable=blind)).answer is Answer.UNKNOWN
    denied = Policies((policy("d", DENY),), unreadable=blind)
    assert evaluate(READ, denied).answer is Answer.EXPLICITLY_DENIED
    bounded = Policies(boundary=(), unreadable={"trust": "not read"})
    assume = replace(READ, action="sts:AssumeRole", resource=f"arn:aws:iam::{ACCOUNT}:role/r")
    assert evaluate(assume, bounded).answer is Answer.UNKNOWN


def test_an_unreadable_layer_that_changes_nothing() -> None:
    layers: tuple[Layer, ...] = ("scp", "rcp", "boundary", "vpce")
    for layer in layers:
        blind = Policies(unreadable={layer: "access was denied"})
        assert evaluate(READ, blind).answer is Answer.IMPLICITLY_DENIED
    pass_role = replace(READ, action="iam:PassRole", resource=f"arn:aws:iam::{ACCOUNT}:role/r")
    trust = Policies((EVERYTHING,), unreadable={"trust": "access was denied"})
    assert evaluate(pass_role, trust).answer is Answer.ALLOWED


def test_a_policy_that_is_not_understood_is_never_a_no() -> None:
    broken = parse('{"Statement": [{"Effect": "Allow"', "broken")
    for policies in (
        Policies((broken,)),
        Policies((EVERYTHING, broken)),
        Policies((EVERYTHING,), scps=((broken,),)),
        Policies((EVERYTHING,), boundary=(broken,)),
        Policies(resource=broken),
    ):
        decision = evaluate(READ, policies)
        assert decision.answer is Answer.UNKNOWN
        assert "broken could not be understood" in decision.reason


def test_an_identity_statement_without_resource_is_not_decided() -> None:
    lacking = policy("p", {"Effect": "Allow", "Action": "*"})
    decision = evaluate(READ, Policies((lacking,)))
    assert decision.answer is Answer.UNKNOWN
    assert "has no Resource" in decision.reason


def test_ten_thousand_statements() -> None:
    many = [{**ALLOW, "Resource": f"arn:aws:s3:::bucket/{n}"} for n in range(10_000)]
    large = policy("large", *many, {**DENY, "Resource": "arn:aws:s3:::bucket/9999"})
    policies = Policies((large,))
    found = replace(READ, resource="arn:aws:s3:::bucket/9998")
    assert evaluate(found, policies).answer is Answer.ALLOWED
    denied = replace(READ, resource="arn:aws:s3:::bucket/9999")
    assert evaluate(denied, policies).answer is Answer.EXPLICITLY_DENIED
    assert evaluate(READ, policies).answer is Answer.IMPLICITLY_DENIED


def test_callers_of_identity_providers() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:saml-provider/corporate"
    for principal in (arn, "graph.facebook.com"):
        assert caller_of(principal).kind == "federated"
    with pytest.raises(ValueError, match="no principal's ARN"):
        caller_of(f"arn:aws:iam::{ACCOUNT}:group/admins")
