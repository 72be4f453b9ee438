"""Files of cases: read line by line, faults named with their line, and the command over them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sharedline.iam import cases
from sharedline.iam.cases import CaseError
from sharedline.iam.request import Answer
from tests.running import Ended, runner

POLICY = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*"}}
POLICY["Statement"]["Resource"] = "*"  # type: ignore[index]


def record(**more: Any) -> dict[str, Any]:
    return {
        "id": "one",
        "request": {
            "principal": "arn:aws:iam::111122223333:user/ada",
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::bucket/x",
            "context": {
                "aws:SourceIp": "203.0.113.1",
                "N": 5,
                "B": True,
                "several": ["a", "b"],
                "absent": None,
            },
        },
        "policies": {"identity": [POLICY]},
        "expected": "Allowed",
        **more,
    }


def changed(path: str, value: Any) -> dict[str, Any]:
    found = record()
    place: Any = found
    *way, last = path.split(".")
    for step in way:
        place = place[step]
    place[last] = value
    return found


def write(path: Path, *lines: Any) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", "utf-8")
    return path


def test_a_record_is_a_request_and_its_policies() -> None:
    request, policies = cases.request_of(record(resource_account="444455556666"))
    assert request.caller.account == "111122223333"
    assert request.resource_account == "444455556666"
    assert dict(request.context.values) == {
        "aws:sourceip": ("203.0.113.1",),
        "n": ("5",),
        "b": ("true",),
        "several": ("a", "b"),
    }
    assert request.context.complete
    assert len(policies.identity) == 1
    assert (policies.resource, policies.boundary, policies.vpce) == (None, None, None)
    assert (policies.scps, policies.rcps) == ((), ())


def test_the_shapes_that_policies_may_have() -> None:
    given = {
        "identity": POLICY,
        "resource": json.dumps({**POLICY, "Id": "bucket"}),
        "boundary": [],
        "session": {**POLICY, "Id": "mine"},
        "scps": [[POLICY, POLICY], POLICY, []],
        "rcps": None,
        "vpce": [POLICY],
    }
    _, policies = cases.request_of(record(policies=given))
    assert len(policies.identity) == 1
    assert policies.resource is not None
    assert policies.boundary == ()
    assert policies.session is not None
    assert policies.session[0].name == "mine"
    assert [len(level) for level in policies.scps] == [2, 1, 0]
    assert policies.rcps == ()
    assert policies.scps[0][0] is policies.vpce[0]  # type: ignore[index]


def test_an_action_without_resource_is_asked_of_everything() -> None:
    request, _ = cases.request_of(changed("request.wildcard_only_action", value=True))
    assert request.resource == "*"
    unseen, _ = cases.request_of(changed("request.context_complete", value=False))
    assert not unseen.context.complete


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("request", None, "an object in request"),
        ("request", [], "an object in request"),
        ("request.principal", None, "text in request.principal"),
        (
            "request.principal",
            "ada",
            "a principal's ARN, a service's name or * in request.principal",
        ),
        ("request.action", "", "text in request.action"),
        ("request.action", "GetObject", "service:Action in request.action"),
        ("request.resource", 5, "text in request.resource"),
        ("request.context", [], "an object in request.context"),
        ("request.context", {"k": {}}, "text or a list of texts in request.context.k"),
        ("request.context", {"k": [None]}, "text or a list of texts in request.context.k"),
        ("resource_account", 5, "text in resource_account"),
        ("policies", None, "an object in policies"),
        ("policies.identity", [5], "a policy document in policies.identity[0]"),
        ("policies.resource", 5, "a policy document in policies.resource"),
        ("policies.scps", {}, "a list of levels in policies.scps"),
        ("policies.scps", [[None]], "a policy document in policies.scps[0][0]"),
    ],
)
def test_what_is_missing_is_named_with_its_place(path: str, value: Any, expected: str) -> None:
    given = changed(path, value) if value != [] or path != "request.context" else None
    if given is None:  # an empty list is no context, a list of anything is a fault
        given = changed(path, ["k"])
    with pytest.raises(CaseError) as caught:
        cases.request_of(given, 7)
    assert caught.value.message == f"Line 7: expected {expected}."


def test_lines_are_counted_and_empty_ones_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", "\ufeff" + json.dumps(record()), "", record(id=None))
    assert [(case.id, case.line) for case in cases.read(path)] == [("one", 1), ("None", 3)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [("{", "a JSON object, but"), ("[1]", "a JSON object"), ("[" * 100_000, "a JSON object, but")],
)
def test_a_line_that_is_no_record(line: str, expected: str, tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record(), line)
    read = cases.read(path)
    assert next(read).id == "one"
    with pytest.raises(CaseError, match=f"Line 2: expected {expected}"):
        next(read)


def test_a_line_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(b'{"id": "\xff"}\n')
    with pytest.raises(CaseError, match=r"Line 1: expected UTF-8 text\."):
        list(cases.read(path))


def test_a_file_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", record(), "{")
    assert next(cases.read(path)).id == "one"  # the malformed line is not reached


def test_either_denial_agrees_with_denied() -> None:
    assert cases.agrees(Answer.EXPLICITLY_DENIED, "Denied")
    assert cases.agrees(Answer.IMPLICITLY_DENIED, "Denied")
    assert not cases.agrees(Answer.ALLOWED, "Denied")
    assert not cases.agrees(Answer.UNKNOWN, "Denied")
    assert cases.agrees(Answer.UNKNOWN, "Unknown")


# The command


def run(capsys: pytest.CaptureFixture[str], path: Path, fmt: str = "text") -> Ended:
    return runner(capsys, "iam", "evaluate")("--cases", path, "--format", fmt)


def test_all_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "c.jsonl", record(), record(id="two", tags=["dubious"], expected="x"))
    code, out, _ = run(capsys, path)
    assert code == 0
    by = "Allowed by the identity policy number 1, statement number 1."
    assert out.splitlines() == [
        f"✓ one  Allowed: {by}",
        f"  two  Allowed (dubious, not counted): {by}",
        "1 of 1 agree, 1 dubious skipped.",
    ]


def test_one_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, write(tmp_path / "c.jsonl", record(expected="Denied"), record()))
    assert code == 1
    assert out.startswith("✗ one  Allowed, expected Denied: ")
    assert out.endswith("\n1 of 2 agree.\n")


def test_without_expectations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "c.jsonl", record(expected=None))
    assert run(capsys, path)[1].endswith("1 evaluated, 1 without an expected answer.\n")


def test_json_is_one_result_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "c.jsonl", record(), changed("request.action", "s3:NoSuchThing"))
    code, out, err = run(capsys, path, "json")
    first, second = (json.loads(line) for line in out.splitlines())
    assert code == 0
    assert first == {
        "id": "one",
        "answer": "Allowed",
        "reason": "Allowed by the identity policy number 1, statement number 1.",
        "deciding": [
            {
                "layer": "identity",
                "level": 0,
                "policy": "number 1",
                "statement": 1,
                "effect": "Allow",
            }
        ],
        "blocking": None,
        "depends": [],
        "expected": "Allowed",
        "agrees": True,
    }
    assert second["notes"] == ["AWS lists no action s3:NoSuchThing"]
    assert err == "2 of 2 agree.\n"


@pytest.mark.parametrize("fmt", ["text", "json"])
def test_a_malformed_line_is_named_and_the_others_evaluated(
    fmt: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "c.jsonl", record(expected="Denied"), "nonsense", {"id": "x"}, record())
    code, out, err = run(capsys, path, fmt)
    assert code == 2
    assert "c.jsonl: Line 2: expected a JSON object, but " in err
    assert "c.jsonl: Line 3: expected an object in request." in err
    assert "1 of 2 agree, 2 malformed." in out + err
    if fmt == "json":
        results = [json.loads(line) for line in out.splitlines()]
        assert [one["id"] for one in results] == ["one", "line 2", "x", "one"]
        assert [one["answer"] for one in results] == ["Allowed", None, None, "Allowed"]


def test_a_policy_that_is_malformed_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {"Statement": [{"Effect": "Permit", "Action": "*"}]}
    path = write(tmp_path / "c.jsonl", changed("policies.identity", [broken]))
    code, out, _ = run(capsys, path)
    assert code == 1
    assert "✗ one  Unknown, expected Allowed: Not known: the identity policy number 1 could" in out
    assert 'Statement[0].Effect: expected "Allow" or "Deny"' in out


def test_names_from_the_file_cannot_act_on_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, write(tmp_path / "c.jsonl", record(id="\x1b[2Jgone")))
    assert "\x1b" not in out
    assert "\\x1b[2Jgone" in out
