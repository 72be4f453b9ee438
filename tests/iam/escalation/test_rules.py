"""The rules as a corpus: all read, all exemplified, each path of the public catalogue covered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sharedline.errors import ConfigError
from sharedline.iam.escalation import rules as loader
from sharedline.iam.escalation.dormant import dormant
from sharedline.iam.escalation.holding import RANK
from sharedline.iam.escalation.needs import FACTS
from sharedline.iam.escalation.rules import NEEDS, Example, Rule, parse, read, rules
from sharedline.iam.escalation.scan import of_tables

from . import small

CATALOGUE = Path(__file__).parents[4] / "shared/data/iam/privesc_catalogue_pathfinding_cloud.jsonl"
EXAMPLES = [
    pytest.param(rule, one, id=f"{rule.id}-{n}")
    for rule in rules().values()
    for n, one in enumerate(rule.examples, 1)
]


def catalogue() -> list[dict[str, Any]]:
    if not CATALOGUE.exists():
        pytest.skip(f"{CATALOGUE} is not there")
    return [json.loads(line) for line in CATALOGUE.read_text("utf-8").splitlines() if line]


def test_every_path_of_the_catalogue_is_covered_with_the_same_permissions() -> None:
    known = catalogue()
    assert len(known) == 65
    for record in known:
        name = record["id"].rpartition("/")[2]
        covering = [rule for rule in rules().values() if name in rule.covers]
        assert covering, name
        wanted = {one["permission"] for one in record["required"]}
        assert [rule.id for rule in covering if rule.actions != wanted] == []


def test_no_rule_covers_what_the_catalogue_has_not() -> None:
    names = {record["id"].rpartition("/")[2] for record in catalogue()}
    assert {one for rule in rules().values() for one in rule.covers} <= names


def test_no_sentence_is_the_catalogues() -> None:
    said = {
        text.strip().lower()
        for record in catalogue()
        for text in (record.get("description") or "").replace("\n", " ").split(". ")
        if len(text.split()) > 6
    }
    for rule in rules().values():
        for text in (rule.title, *rule.why.split(". "), *rule.mitigation.split(". ")):
            assert text.strip().lower() not in said, rule.id


def test_every_rule_has_a_path_and_none_beside_it() -> None:
    for rule in rules().values():
        expected = {one.expect for one in rule.examples}
        assert expected & {"yes", "depends"}, rule.id
        assert expected & {"no", "dormant", "bounded"}, rule.id
        assert len({one.says for one in rule.examples}) == len(rule.examples), rule.id


def test_every_need_has_its_function() -> None:
    assert set(FACTS) == set(NEEDS) - {"assumable-once-trusted"}
    assert {need for rule in rules().values() for need in rule.needs} == set(NEEDS)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_is_decided_as_it_says(rule: Rule, example: Example) -> None:
    graph = of_tables(small.tables(example.estate))
    start, end = small.arn(example.start), small.arn(example.end)
    found = []
    for node in graph.nodes.values():
        if node.arn == end:
            edges = graph.into(node, lambda other: other.key == start)
            found += [(one, graph.admin(node)[0]) for one in edges if one.rule is rule]
    asleep = [one for one in dormant(graph, graph.base[start]) if one.rule is rule]
    if example.expect in ("no", "dormant"):
        assert found == [], example.says
        if example.expect == "dormant":
            assert [one.reason for one in asleep if one.reason], example.says
        return
    assert found, example.says
    assert asleep == [], example.says
    edge, administrator = min(found, key=lambda one: RANK[one[0].answer])
    if example.expect == "bounded":
        assert administrator == "no", example.says
        return
    assert edge.answer == example.expect, example.says
    assert rule.gives not in ("raise", "join") or administrator != "no", example.says
    assert {step.action for step in edge.steps} == rule.actions, example.says
    assert all(step.statements or step.answer != "yes" for step in edge.steps), example.says
    assert bool(edge.conditions) == (edge.answer == "depends"), example.says
    assert bool(edge.unknown) == (edge.answer == "unknown"), example.says


GOOD = """
title = "Try"
covers = []
technique = []
source = "https://docs.aws.amazon.com/"
read = 2026-11-21
why = "Why."
mitigation = "How."
target = "user"
gives = "become"
[[permission]]
action = "iam:CreateAccessKey"
on = "target"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Try"', "", "title is not text"),
        ('title = "Try"', 'titel = "Try"', "unknown key titel"),
        ('"user"', '"users"', "target is 'users'"),
        ('"become"', '"all"', "gives is 'all'"),
        ("iam:CreateAccessKey", "iam:CreateAccesKey", "permission[0].action"),
        ('on = "target"', 'on = "somebody"', "permission[0].on"),
        ('on = "target"', 'on = "new lambda:functions"', "lambda:functions"),
        ('on = "target"', 'in = "target"', "permission[0] has the unknown key in"),
        ("2026-11-21", '"2026-11-21"', "read is not a date"),
        ("https://docs.aws.amazon.com/", "the docs", "source is no address"),
        ('"user"', '"resource"', "[resource]"),
        ('"user"', '"passed-role"', "go together"),
        ("covers = []", 'covers = [""]', "covers is not a list of texts"),
        ("covers = []", 'needs = ["luck"]', "needs is 'luck'"),
        ("covers = []", 'by = "group"', "by is 'group'"),
        ("covers = []", "covers = [", "Invalid"),
        ("[[permission]]", "[permission]", "permission is not a list"),
    ],
)
def test_a_fault_is_named_with_file_key_and_what_is_allowed(old: str, new: str, said: str) -> None:
    assert parse(GOOD, "try", "try.toml").id == "try"
    with pytest.raises(ConfigError) as caught:
        parse(GOOD.replace(old, new), "try", "try.toml")
    assert said in str(caught.value)
    assert str(caught.value).startswith("try.toml: ")
    assert caught.value.advice


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"x\.toml is not UTF-8"):
        read(tmp_path)


def test_targets_and_gives_are_all_used() -> None:
    assert {rule.target for rule in rules().values()} == set(loader.TARGETS)
    assert {rule.gives for rule in rules().values()} == set(loader.GIVES)
