"""The runbooks that ship: each holds, each that a verdict names is there, nothing is unanswered."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import click
import pytest

from sharedline.checks.load import load as load_checks
from sharedline.cli.main import command
from sharedline.duties.catalogue import load as load_duties
from sharedline.incident.verdict_rules import load as load_incidents
from sharedline.runbooks import library
from sharedline.runbooks.guardduty import kinds
from sharedline.runbooks.lint import Known, lint
from sharedline.runbooks.model import PHASES
from sharedline.runbooks.rules import rules

FOUND = library.load()
NAMES = sorted(FOUND.runbooks)


def test_nothing_is_wrong_but_that_nobody_made_them_theirs() -> None:
    known = Known(load_duties().duties, load_checks(), rules(), date(2026, 11, 22), set())
    wrong = [one for one in lint(FOUND, known) if one.kind not in ("no owner", "never tested")]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_each_has_every_phase_and_roles(name: str) -> None:
    one = FOUND.runbooks[name]
    assert {step.phase for step in one.steps} == set(PHASES)
    assert len([step for step in one.steps if step.phase == "respond"]) >= 3
    assert "lead" in one.roles
    assert one.starter
    assert one.tested == ()


def test_each_runbook_that_a_verdict_names_is_there() -> None:
    named = {rule.runbook for rule in load_incidents() if rule.runbook}
    assert named
    assert named <= set(FOUND.runbooks)


def test_every_finding_type_and_detection_is_answered() -> None:
    assert [t for t in kinds() if not FOUND.answering("guardduty", t)] == []
    assert [r for r in rules() if not FOUND.answering("detection", r)] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_command_of_ours_that_it_names_exists(name: str) -> None:
    text = Path(FOUND.runbooks[name].path).read_text("utf-8")
    for said in re.findall(r"`sharedline ([^`]+)`", text):
        found: click.Command = command
        words = said.split()
        while words and isinstance(found, click.Group):
            under = found.get_command(click.Context(found), words.pop(0))
            assert under is not None, said
            found = under
        options = {opt for param in found.params for opt in param.opts}
        assert {word for word in words if word.startswith("--")} <= options, said


@pytest.mark.parametrize("name", NAMES)
def test_each_check_that_it_names_exists(name: str) -> None:
    text = Path(FOUND.runbooks[name].path).read_text("utf-8").split("---\n", 2)[2]
    said = set(re.findall(r"`([a-z0-9]+/[a-z0-9_]+)`", text))
    assert said <= set(load_checks())
