"""Paths into AWS's answers, plain and JMESPath, and the shapes they lead to."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from sharedline.collect.paths import getter, is_plain, items_at, shape_at

ANSWER: dict[str, Any] = {
    "A": {"B": [{"C": 1}, {"C": 2}, {}], "D": None},
    "Names": ["x", "y"],
    "ResponseMetadata": {"HTTPStatusCode": 200},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("@", ANSWER),
        ("A.B[].C", [1, 2]),
        ("A.D", None),
        ("A.Missing.C", None),
        ("Names[]", ["x", "y"]),
        ("Missing[].C", []),
        ("length(Names)", 2),
        ("A.B[?C==`2`] | [0].C", 2),
    ],
)
def test_getter(path: str, value: Any) -> None:
    assert getter(path)(ANSWER) == value


def test_nested_lists_are_flattened() -> None:
    assert getter("G[].I[].N")({"G": [{"I": [{"N": 1}]}, {"I": [{"N": 2}, {"N": 3}]}]}) == [1, 2, 3]
    assert getter("a")("text") is None


def test_plain_paths() -> None:
    assert is_plain("A.B[].C")
    assert is_plain("@")
    assert not is_plain("A || B")


def test_items() -> None:
    assert items_at(ANSWER, "Names") == ["x", "y"]
    assert items_at(ANSWER, "A") == [ANSWER["A"]]
    assert items_at(ANSWER, "None") == []
    assert items_at({"X": 1, "ResponseMetadata": {}}, "") == [{"X": 1}]


def test_shapes() -> None:
    model = botocore.session.Session().get_service_model("sqs")
    shape = model.operation_model("ListQueues").output_shape
    found, many = shape_at(shape, "QueueUrls[]")
    assert (found.type_name, many) == ("string", True)
    with pytest.raises(LookupError, match="has no member QueueUrl; it has: NextToken, QueueUrls"):
        shape_at(shape, "QueueUrl")
    with pytest.raises(LookupError, match="not a list"):
        shape_at(shape, "NextToken[]")
    with pytest.raises(LookupError, match="no output"):
        shape_at(None, "X")


def test_a_function_of_what_is_not_there_is_none() -> None:
    """An answer that lacks what a length is taken of must not end the scan."""
    assert getter("length(Rules)")({}) is None
    assert getter("length(Rules)")({"Rules": [1, 2]}) == 2
