"""Documents become policies; what is malformed is named by its path and never stops anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharedline.iam.language import Principal
from sharedline.iam.parse import LONGEST, PolicyError, parse, strict

GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def with_(**changes: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{**GOOD, **changes}]}


def without(key: str) -> dict[str, Any]:
    return {"Statement": [{k: v for k, v in GOOD.items() if k != key}]}


def test_a_whole_document() -> None:
    text = """{"Version": "2012-10-17", "Id": "x",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "NotAction": ["S3:Get*"], "Resource": "arn:aws:s3:::b/*"},
    {"Effect": "Deny", "Principal": {"AWS": ["1", "2"], "Service": "s3.amazonaws.com"},
     "Action": "*", "NotResource": "*",
     "Condition": {"ForAllValues:StringLikeIfExists": {"AWS:TagKeys": ["a", 1, true]}}}]}"""
    policy = strict(text, "arn:x")
    first, second = policy.statements
    assert (first.sid, first.name, first.place) == ("Read", "'Read'", (3, 5))
    assert (first.not_action, first.principals, first.resources is None) == (True, None, False)
    assert first.actions[0].matches("s3:getobject")
    assert (second.name, second.place, second.not_resource) == ("number 2", (4, 5), True)
    assert second.principals == (
        Principal("AWS", "1"),
        Principal("AWS", "2"),
        Principal("Service", "s3.amazonaws.com"),
    )
    (condition,) = second.conditions
    assert (condition.operator, condition.quantifier) == ("stringlike", "forallvalues")
    assert (condition.if_exists, condition.key) == (True, "aws:tagkeys")
    assert condition.values == ("a", "1", "true")
    assert condition.variables
    assert (policy.allows, policy.denies) == ((first,), (second,))


def test_the_same_text_is_parsed_once() -> None:
    text = json.dumps(with_())
    assert parse(text, "a") is parse(text, "a")
    assert parse(text, "a") is not parse(text, "b")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "document: expected JSON"),
        ("{", "document: expected JSON"),
        ("[" * 100_000, "document: expected JSON: it is nested too deep"),
        ("[]", "document: expected an object, found a list"),
        ("null", "document: expected an object, found null"),
        ("{}", "document: expected a Statement"),
        ('{"Statement": [], "Statement": []}', "document: expected each key once"),
        (
            json.dumps(with_(Condition=1)).replace("1}", '{"Bool": {"a": 1, "a": 2}}}'),
            "Statement[0].Condition.Bool: expected each key once, found twice: a",
        ),
        ({"Statement": [], "Extra": 1}, "Extra: expected one of Version, Id, Statement"),
        ({"Statement": [1]}, "Statement[0]: expected an object, found a number"),
        ({"Statement": "x"}, "Statement: expected an object, found text"),
        (with_(Effect="allow"), 'Statement[0].Effect: expected "Allow" or "Deny"'),
        (without("Action"), "Statement[0]: expected Action or NotAction"),
        (with_(NotAction="*"), "Statement[0]: expected Action or NotAction, found both"),
        (with_(Action=[{}]), "Statement[0].Action: expected text or a list of texts"),
        (with_(Principal=3), 'Statement[0].Principal: expected "*" or an object'),
        (with_(Principal={"Aws2": "*"}), "Statement[0].Principal: expected AWS, Service"),
        (with_(Condition=[]), "Statement[0].Condition: expected an object of operators"),
        (with_(Condition={"Bool": 1}), "Statement[0].Condition.Bool: expected an object of"),
        (with_(Condition={"Bul": {"a": 1}}), "Statement[0].Condition.Bul: expected a condition"),
        (with_(Conditions={}), "Statement[0].Conditions: expected one of Sid, Effect"),
        (" " * (LONGEST + 1), "document: expected at most 2,000,000 characters"),
    ],
)
def test_what_has_no_meaning_is_named(document: Any, said: str) -> None:
    policy = parse(document, "arn:p")
    found = [str(one) for one in policy.problems if one.level != "warning"]
    assert any(one.startswith(said) for one in found), found
    with pytest.raises(PolicyError) as error:
        strict(document, "arn:p")
    assert said in error.value.message
    assert error.value.message.startswith("arn:p is not a policy that can be read: ")


def test_a_bad_statement_leaves_the_others_and_says_that_something_is_missing() -> None:
    policy = parse({"Statement": [GOOD, {"Effect": "Deny"}, GOOD]})
    assert [one.index for one in policy.statements] == [0, 2]
    assert not policy.whole


def test_an_unknown_operator_leaves_the_statement_undecided() -> None:
    policy = parse(with_(Condition={"ForEach:Bool": {"a": "b"}, "StringIs": {"c": "d"}}))
    assert policy.whole
    assert [one.operator for one in policy.statements[0].conditions] == ["foreach:bool", "stringis"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"statement": [GOOD]}, "statement: expected the spelling Statement"),
        (with_(Action="GetObject"), "Statement[0].Action: expected service:Action"),
        ({"Version": "2020", "Statement": [GOOD]}, "Version: expected 2012-10-17 or 2008-10-17"),
    ],
)
def test_what_is_only_unusual_is_a_warning(document: Any, said: str) -> None:
    policy = strict(document)
    assert next(str(one) for one in policy.problems).startswith(said)
    assert policy.whole


def test_variables_only_in_the_current_version() -> None:
    arn = "arn:aws:s3:::b/${aws:username}"
    for version, count in (("2012-10-17", 1), ("2008-10-17", 0), (None, 0)):
        document = {**with_(Resource=arn), "Version": version}
        if version is None:
            del document["Version"]
        (statement,) = parse(document).statements
        assert statement.resources is not None
        assert len(statement.resources[0].variables) == count


def test_a_document_quoted_twice_is_read() -> None:
    assert strict(json.dumps(json.dumps(with_()))).statements[0].effect == "Allow"


def test_ten_thousand_statements() -> None:
    policy = strict(json.dumps({"Statement": [{**GOOD, "Sid": f"s{i}"} for i in range(10_000)]}))
    assert len(policy.statements) == 10_000
    assert policy.statements[-1].place[1] > policy.statements[0].place[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Effect", "Action", "Principal", "Condition", "AWS", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, derandomize=True)
@given(JSON)
def test_no_document_raises(document: Any) -> None:
    policy = parse(json.dumps(document))
    assert policy.whole or any(one.level == "fatal" for one in policy.problems)
