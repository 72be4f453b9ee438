"""The corpus of verdict rules: every rule documented, exemplified, and tied to what exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from sharedline.checks.load import load as load_checks
from sharedline.duties.catalogue import canonical
from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.side import line_for
from sharedline.errors import ConfigError
from sharedline.incident.verdict_examples import failures
from sharedline.incident.verdict_rules import Rule, capabilities, chosen, load, parse

RULES = load()
CHECKS = tuple(load_checks(()))
GOOD = """
title: Did it
service: s3
match: {events: ["s3:GetObject"]}
duties:
- {duty: data.exposure, effect: prevents, why: Because., checks: [s3/bucket_policy_not_public]}
examples: {fire: [{says: Yes., event: {}}], quiet: [{says: No., event: {}}]}
"""


def test_there_are_many_kinds_of_step() -> None:
    assert len(RULES) >= 25
    assert {r.kind for r in RULES} == {"customer", "aws"}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_the_examples_hold(rule: Rule) -> None:
    assert list(failures(rule, RULES)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_has_examples_of_both_kinds_with_a_sentence_each(rule: Rule) -> None:
    assert set(rule.examples) == {"fire", "quiet"}
    for cases in rule.examples.values():
        assert cases
        assert all(case["says"].endswith(".") for case in cases)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_names_checks_that_exist_and_a_runbook(rule: Rule) -> None:
    assert rule.runbook
    for entry in rule.duties:
        for glob in entry.checks:
            assert chosen([glob], CHECKS), f"{entry.duty}: no check {glob}"
        assert entry.checks or entry.proves or entry.needs, f"{entry.duty} could never be decided"


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_only_a_rule_of_the_provider_speaks_of_duties_of_aws(rule: Rule) -> None:
    for entry in rule.duties:
        sides = {
            line.side.value
            for line in line_for(load_duties(), canonical(entry.service), entry.duty).lines
        }
        if rule.kind == "aws":
            assert sides == {"aws"}
        else:
            assert sides - {"aws"}


def test_every_capability_has_a_public_source_and_is_of_the_past() -> None:
    for one in capabilities().values():
        assert one.source.startswith(("https://docs.aws.amazon.com/", "https://aws.amazon.com/"))
        assert one.date < one.read
    named = {e.capability for r in RULES for e in r.duties if e.capability}
    assert "imdsv2" in named
    assert capabilities()["imdsv2"].date.isoformat() == "2019-11-19"


def test_a_good_rule_is_read() -> None:
    assert parse(GOOD, "good.yaml").duties[0].duty == "data.exposure"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title: Did it", "titel: Did it", "unknown key titel"),
        ("duty: data.exposure", "duty: data.exposed", "data.exposed"),
        ("effect: prevents", "effect: hinders", "hinders"),
        ("why: Because.", "why: ''", "no why"),
        ('{events: ["s3:GetObject"]}', "{events: [], outcome: success}", "list of texts"),
        ('{events: ["s3:GetObject"]}', '{events: ["*"], outcome: maybe}', "maybe"),
        ('{events: ["s3:GetObject"]}', '{events: ["*"], where: {rekuest.x: 1}}', "rekuest"),
        ('{events: ["s3:GetObject"]}', '{events: ["*"], where: {request.x: {is: 1}}}', "is"),
        ("service: s3", "service: s3\nafter: x: y", "YAML"),
        ("why: Because.", "why: Because., capability: time-travel", "time-travel"),
    ],
)
def test_a_wrong_rule_is_refused_by_name(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError, match=says):
        parse(GOOD.replace(old, new), "bad.yaml")


def test_a_rule_after_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace("service: s3", "service: s3\nafter: [nothing]")
    (tmp_path / "lone.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="nothing"):
        load(tmp_path)
