"""The verbs `iam compare` and `iam public`: words, JSON, exit codes, files of cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sharedline.cli.iam.compare import command as compare
from sharedline.cli.iam.public import command as public
from sharedline.errors import Error

NARROW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
WIDE = {**NARROW, "Sid": "Wide", "Action": ["s3:GetObject", "s3:PutObject"]}
OPEN = {**NARROW, "Principal": "*"}
ORG = {**OPEN, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}}
ODD = {**OPEN, "Condition": {"StringEquals": {"example:Unheard": "x"}}}


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(name: str, *statements: Any) -> str:
        path = tmp_path / name
        path.write_text(json.dumps(document(*statements)))
        return str(path)

    return write


def run(command: Any, *arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(command, list(arguments), standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.return_value, found.stdout


def test_a_wider_policy_is_shown_by_a_request(file: Any) -> None:
    old, new = file("old.json", NARROW), file("new.json", NARROW, WIDE)
    code, text = run(compare, old, new)
    assert code == 1
    assert "s3:PutObject" in text
    assert "statement 'Wide'" in text
    assert max(map(len, text.splitlines())) <= 80
    code, text = run(compare, new, old)
    assert code == 0
    assert "nothing" in text


def test_the_json_holds_the_witness(file: Any) -> None:
    code, text = run(compare, file("old.json", NARROW), file("new.json", WIDE), "--format", "json")
    found = json.loads(text)
    assert code == 1
    assert found["answer"] == "FAIL"
    assert found["witness"]["action"] == "s3:PutObject"
    assert found["allowed_by"] == [{"policy": "new.json", "statement": "Wide"}]


@pytest.mark.parametrize(("statement", "code"), [(OPEN, 1), (ORG, 0), (ODD, 3)])
def test_public_says_yes_no_or_unknown(file: Any, statement: Any, code: int) -> None:
    path = file("policy.json", statement)
    found, text = run(public, path, "--resource", "arn:aws:s3:::b", "--account", "111122223333")
    assert found == code
    assert text.startswith({1: "Yes", 0: "No", 3: "Unknown"}[code])


def test_a_malformed_policy_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"Statement": [{"Effect": "Allow"}]}')
    with pytest.raises(Error, match=r"Statement\[0\]"):
        run(public, str(path))


def test_files_of_cases(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    pair = {"existing": document(NARROW), "new": document(WIDE)}
    records: list[Any] = [
        {"id": "wider", **pair, "expected": "FAIL"},
        {"id": "wrong", **pair, "expected": "PASS"},
    ]
    path.write_text("\n".join(map(json.dumps, records)))
    code, text = run(compare, "--cases", str(path))
    assert code == 1
    assert text.splitlines()[-1] == "1 of 2 agree."
    records = [
        {"id": "open", "kind": "is_public", "policy": document(OPEN), "expected": True},
        {"id": "odd", "kind": "is_public", "policy": document(ODD), "expected": False},
        {
            "id": "listed",
            "kind": "cross_account_violation",
            "policy": document(ORG),
            "config": {"allowed_orgid": ["o-abcdefghij"]},
            "expected": False,
        },
        {"id": "who", "kind": "whos_allowed", "policy": document(ORG)},
        {"id": "no policy", "kind": "is_public"},
    ]
    path.write_text("\n".join(map(json.dumps, records)))
    code, text = run(public, "--cases", str(path), "--format", "json")
    found = [json.loads(line) for line in text.splitlines()]
    assert code == 2
    assert [one["id"] for one in found] == ["open", "odd", "listed", "who", "no policy"]
    assert [one["answer"] for one in found[:3]] == [True, None, False]
    assert found[3]["answer"] == [
        "Condition(category='organization', value='o-abcdefghij')",
        "Principal(category='principal', value='*')",
    ]
    assert "Line 5" in found[4]["error"]
    path.write_text("\n".join(map(json.dumps, records[:4])))
    assert run(public, "--cases", str(path))[0] == 3
