"""Wildcards, escapes, variables and the parts of an ARN."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharedline.iam.globs import Variable, glob


@pytest.mark.parametrize(
    ("pattern", "text", "answer"),
    [
        ("*", "", True),
        ("s3:get*", "s3:get", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a*c*", "abcd", True),
        ("a.c", "abc", False),
        ("a\nb*", "a\nbc\n", True),
    ],
)
def test_plain_texts(pattern: str, text: str, *, answer: bool) -> None:
    assert glob(pattern).matches(text) is answer


@pytest.mark.parametrize(
    ("pattern", "text", "answer"),
    [
        ("*", "arn:aws:s3:::b/k", True),
        ("arn:aws:s3:::*", "arn:aws:s3:::b/a:b:c", True),
        ("arn:aws:sqs:*:111111111111:q", "arn:aws:sqs:eu-west-1:111111111111:q", True),
        ("arn:aws:sqs:*:q", "arn:aws:sqs:eu-west-1:111111111111:q", True),  # five parts: no ARN
        ("arn:aws:*:*:*:q", "arn:aws:sqs:eu-west-1:111111111111:q", True),
        ("arn:aws:sqs:*:222222222222:q", "arn:aws:sqs:a:222222222222:1:222222222222:q", False),
        ("arn:aws:sns:?:1:t", "arn:aws:sns:::1:t", False),
    ],
)
def test_a_wildcard_stays_in_its_part_of_an_arn(pattern: str, text: str, *, answer: bool) -> None:
    assert glob(pattern, "arn").matches(text) is answer


def test_case_is_folded_only_where_asked() -> None:
    assert glob("S3:Get*", fold=True).matches("s3:GETObject")
    assert not glob("S3:Get*").matches("s3:GetObject")


def test_variables_are_read_only_where_asked() -> None:
    literal = glob("${aws:username}")
    assert literal.matches("${aws:username}")
    read = glob("home/${aws:UserName}/*", variables=True)
    assert read.variables == (Variable("aws:username"),)
    with pytest.raises(ValueError, match="filled"):
        read.matches("home/x/")
    filled = read.fill({Variable("aws:username"): "a*b"}.get)
    assert filled is not None
    assert filled.matches("home/a*b/x")
    assert not filled.matches("home/axb/x")
    assert read.fill(lambda _: None) is None


def test_defaults_and_escapes() -> None:
    one = glob("${aws:PrincipalTag/team, 'company-wide'}${*}${?}${$}", variables=True)
    assert one.variables == (Variable("aws:principaltag/team", "company-wide"),)
    filled = one.fill(lambda v: v.default)
    assert filled is not None
    assert filled.literal
    assert filled.matches("company-wide*?$")


def test_what_is_no_variable_is_text() -> None:
    assert glob("${}", variables=True).matches("${}")
    assert glob("${aws:x", variables=True).matches("${aws:x")
    assert glob("$x{y}", variables=True).matches("$x{y}")


def test_the_same_text_is_one_object() -> None:
    assert glob("a*") is glob("a*")
    assert glob("a*") is not glob("a*", fold=True)


@settings(max_examples=200, derandomize=True)
@given(st.text("ab:*?", max_size=8), st.text("ab:", max_size=8))
def test_a_glob_is_its_regular_expression(pattern: str, text: str) -> None:
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    assert glob(pattern).matches(text) == bool(re.fullmatch(regex, text))
    assert glob(pattern).prefix == re.split(r"[*?]", pattern)[0]
