"""CACAO 2.0 playbooks: read in the order of their workflow, and refused where they are none."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sharedline.errors import ConfigError
from sharedline.runbooks import library
from sharedline.runbooks.cacao import EXTENSION, cacao
from sharedline.runbooks.model import Mention, Trial


def uid(kind: str, number: int) -> str:
    return f"{kind}--{number:08x}-0000-4000-8000-000000000000"


START, LOOK, CHOOSE, SHUT, TELL, END, END_2 = (
    uid("start", 1), uid("action", 2), uid("if-condition", 3), uid("action", 4), uid("action", 5),
    uid("end", 6), uid("end", 7),
)  # fmt: skip
TEAM = uid("organization", 9)
Playbook = dict[str, Any]


def action(name: str, after: str, **command: str) -> Playbook:
    return {"type": "action", "name": name, "agent": TEAM, "on_completion": after,
            "commands": [{"type": "manual", "command": name, **command}]}  # fmt: skip


GOOD: Playbook = {
    "type": "playbook",
    "spec_version": "cacao-2.0",
    "id": uid("playbook", 0),
    "name": "A bucket is open",
    "description": "Answers Policy:S3/BucketPublicAccessGranted.",
    "playbook_types": ["remediation"],
    "created_by": uid("identity", 8),
    "created": "2026-01-01T00:00:00.000Z",
    "modified": "2026-02-01T00:00:00.000Z",
    "workflow_start": START,
    "workflow": {
        # Not in the order of reading.
        TELL: {**action("Tell counsel", END_2), "step_extensions": {EXTENSION: {"phase": "recover"}}},
        END: {"type": "end"},
        END_2: {"type": "end"},
        SHUT: action("Call s3:PutBucketPublicAccessBlock with aws s3api put-public-access-block", END,
                     playbook_activity="restrict-access"),
        LOOK: action("Look", CHOOSE, playbook_activity="analyze-collected-data"),
        CHOOSE: {"type": "if-condition", "name": "Is it open?", "condition": "__open__:value == '1'",
                 "on_true": SHUT, "on_completion": TELL},
        START: {"type": "start", "on_completion": LOOK},
    },
    "agent_definitions": {TEAM: {"type": "organization", "name": "Security"}},
    "playbook_extensions": {
        EXTENSION: {
            "duty": "data.exposure",
            "owner": "security",
            "guardduty": ["Policy:S3/*"],
            "tested": [{"on": "2026-05-01", "by": "Ann", "how": "tabletop"}],
        }
    },
    "extension_definitions": {
        EXTENSION: {"type": "extension-definition", "name": "Sharedline",
                    "created_by": uid("identity", 8), "schema": "https://example.org/runbook.json",
                    "version": "1.0.0"}
    },
}  # fmt: skip


def written(folder: Path, playbook: Any) -> Path:
    path = folder / "open-bucket.json"
    path.write_text(json.dumps(playbook), "utf-8")
    return path


def test_a_playbook_becomes_a_runbook(tmp_path: Path) -> None:
    one = cacao(written(tmp_path, GOOD), "open-bucket")
    assert (one.title, one.duty, one.owner) == ("A bucket is open", "data.exposure", "security")
    assert [(step.phase, step.text.split(":")[0]) for step in one.steps] == [
        ("detect", "Look"),
        ("respond", "Is it open?"),
        ("respond", "Call s3"),
        ("recover", "Tell counsel"),
    ]
    assert one.last == Trial(date(2026, 5, 1), "Ann", "tabletop")
    assert one.answers("guardduty", "Policy:S3/BucketPublicAccessGranted")
    assert set(one.mentions) == {
        Mention("type", "Policy:S3/BucketPublicAccessGranted"),
        Mention("action", "s3:PutBucketPublicAccessBlock"),
        Mention("command", "s3api put-public-access-block"),
    }


def test_a_command_may_be_base64(tmp_path: Path) -> None:
    playbook = copy.deepcopy(GOOD)
    encoded = base64.b64encode(b"aws s3api get-bucket-acl --bucket NAME").decode()
    playbook["workflow"][LOOK]["commands"] = [{"type": "bash", "command_b64": encoded}]
    one = cacao(written(tmp_path, playbook), "open-bucket")
    assert Mention("command", "s3api get-bucket-acl") in one.mentions


def dropped(*path: str) -> Callable[[Playbook], None]:
    def change(playbook: Playbook) -> None:
        at: Any = playbook
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]

    return change


def put(value: Any, *path: str) -> Callable[[Playbook], None]:
    def change(playbook: Playbook) -> None:
        at: Any = playbook
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("cacao-1.1", "spec_version"), "spec_version"),
        (put("playbook--1", "id"), "id: "),
        (put("2026-01-01T00:00:00Z", "created"), "created"),
        (put("2025-01-01T00:00:00.000Z", "modified"), "modified: it is before created"),
        (dropped("created_by"), "created_by"),
        (put(True, "extra"), "extra"),
        (put(uid("start", 99), "workflow_start"), "workflow_start: there is no step"),
        (put(uid("action", 99), "workflow", LOOK, "on_completion"), "there is no step"),
        (dropped("workflow", LOOK, "commands"), "commands"),
        (put([], "workflow", LOOK, "commands"), "commands"),
        (put([{"type": "manual"}], "workflow", LOOK, "commands"), "commands"),
        (put("end", "workflow", LOOK, "type"), "workflow"),
        (put(uid("action", 4), "workflow", END, "on_completion"), "workflow"),
        (put(uid("action", 4), "workflow", LOOK, "on_success"), "workflow"),
        (put({"type": "start"}, "workflow", "begin"), "begin"),
        (dropped("agent_definitions", TEAM), "agent_definitions"),
        (dropped("agent_definitions"), "in agent_definitions"),
        (put({"type": "string"}, "playbook_variables", ), "playbook_variables"),
        (put(101, "severity"), "severity"),
    ],
)  # fmt: skip
def test_what_the_standard_refuses_is_refused(
    tmp_path: Path, change: Callable[[Playbook], None], said: str
) -> None:
    playbook = copy.deepcopy(GOOD)
    change(playbook)
    with pytest.raises(ConfigError, match="no CACAO") as refused:
        cacao(written(tmp_path, playbook), "open-bucket")
    assert said in refused.value.message


def test_each_kind_of_step_is_known(tmp_path: Path) -> None:
    playbook = copy.deepcopy(GOOD)
    both, loop, switch, other = (
        uid("parallel", 20), uid("while-condition", 21), uid("switch-condition", 22),
        uid("playbook-action", 23),
    )  # fmt: skip
    playbook["workflow"][LOOK]["on_completion"] = both
    playbook["workflow"] |= {
        both: {"type": "parallel", "next_steps": [loop, switch], "on_completion": CHOOSE},
        loop: {"type": "while-condition", "condition": "x", "on_true": other, "on_completion": END},
        switch: {"type": "switch-condition", "switch": "__x__:value", "cases": {"default": SHUT}},
        other: {"type": "playbook-action", "playbook_id": uid("playbook", 30), "name": "Another"},
    }
    one = cacao(written(tmp_path, playbook), "open-bucket")
    assert "Another" in [step.text for step in one.steps]


def test_without_our_extension_nothing_says_the_duty(tmp_path: Path) -> None:
    playbook = copy.deepcopy(GOOD)
    del playbook["playbook_extensions"]
    with pytest.raises(ConfigError, match="which duty"):
        cacao(written(tmp_path, playbook), "open-bucket")


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '"a"'])
def test_what_is_no_playbook_at_all(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(ConfigError):
        cacao(path, "a")


def test_a_playbook_of_the_project_wins_over_the_starter(tmp_path: Path) -> None:
    written(tmp_path, GOOD).rename(tmp_path / "public-bucket.json")
    found = library.load(tmp_path)
    assert found.problems == ()
    assert found.runbooks["public-bucket"].title == "A bucket is open"
    (tmp_path / "public-bucket.md").write_text("---\ntitle: A\nduty: d\n---\n")
    [problem] = library.load(tmp_path).problems
    assert "same id" in problem.what
