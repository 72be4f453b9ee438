"""Which documents IAM would refuse: sizes, grammar, actions that it has not."""

import json
from typing import Any

import pytest

from sharedline.iam.fit.quotas import ATTACHED, SIZES, Form, compact, problems, size
from sharedline.iam.parse import strict

GOOD = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}],
}


def policy(**changes: Any) -> dict[str, Any]:
    one = {**GOOD["Statement"][0], **changes}  # type: ignore[dict-item]
    return {"Version": "2012-10-17", "Statement": [{k: v for k, v in one.items() if v is not None}]}


def filled(characters: int) -> dict[str, Any]:
    """A policy of exactly so many characters."""
    empty = size(policy(Resource="arn:aws:s3:::b/"))
    return policy(Resource="arn:aws:s3:::b/" + "x" * (characters - empty))


def places(document: Any, form: Form = "managed") -> list[str]:
    return [one.path for one in problems(document, form)]


def test_a_good_policy_has_no_problems() -> None:
    assert problems(GOOD) == ()
    strict(GOOD)


@pytest.mark.parametrize("form", ["managed", "user", "group", "role", "session", "scp"])
def test_the_limit_itself_is_within(form: Form) -> None:
    assert problems(filled(SIZES[form]), form) == ()
    (one,) = problems(filled(SIZES[form] + 1), form)
    assert one.path == "document"
    assert f"{SIZES[form]:,}" in one.message


def test_inline_policies_share_their_quota() -> None:
    assert problems(filled(1000), "user", beside=(1000,)) == ()
    assert places(filled(1000), "user") == []
    assert len(problems(filled(1000), "user", beside=(1000, 49))) == 1


def test_white_space_between_the_parts_is_not_counted_but_for_organisations() -> None:
    spread = json.dumps(GOOD, indent=8)
    assert size(spread) == len(compact(GOOD))
    assert size(spread, "scp") == len(spread)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"Sid": "not this"}, "Statement[0].Sid"),
        ({"Resource": None}, "Statement[0]"),
        ({"Resource": []}, "Statement[0].Resource"),
        ({"Action": []}, "Statement[0].Action"),
        ({"Action": "s3:GetObjekt"}, "Statement[0].Action"),
        ({"Action": "s4:*"}, "Statement[0].Action"),
        ({"Action": ["s3:Get*", "s3:Zap*"]}, "Statement[0].Action"),
        ({"Principal": "*"}, "Statement[0].Principal"),
        ({"Resource": "arn:aws:s3:::b/\u20ac"}, "document"),
        ({"Effect": "Perhaps"}, "Statement[0].Effect"),
    ],
)
def test_what_iam_refuses_is_named_by_its_place(changes: dict[str, Any], path: str) -> None:
    assert path in places(policy(**changes))


def test_a_policy_without_statements_is_refused() -> None:
    assert places({"Version": "2012-10-17", "Statement": []}) == ["Statement"]


def test_a_sid_stands_once() -> None:
    one = {**policy(Sid="A")["Statement"][0]}
    assert places({"Version": "2012-10-17", "Statement": [one, one]}) == ["Statement[1].Sid"]


def test_a_trust_policy_has_a_principal_and_no_resource() -> None:
    trust = policy(Action="sts:AssumeRole", Resource=None, Principal={"AWS": "111122223333"})
    assert problems(trust, "trust") == ()
    assert places(policy(Action="sts:AssumeRole"), "trust") == [
        "Statement[0]",
        "Statement[0].Resource",
    ]


def test_text_that_is_no_json_is_a_problem_and_no_error() -> None:
    for text in ("", "{", "[]", "null", '"x"', "{" * 2000, "[" * 100_000):
        assert problems(text)


def test_attachments_are_aws_s_default_and_maximum() -> None:
    assert all(most >= usual for usual, most in ATTACHED.values())
    assert ATTACHED["role"][0] == 20
