"""Reading rule files: what each says of itself, and that nothing in one is fatal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharedline.errors import Error
from sharedline.trail.sigma import examples, load
from sharedline.trail.sigma.files import told

GOOD = """title: A trail was stopped
id: 8ad1600d-e9dc-4251-b0ee-a65268f29add
status: test
description: What it is.
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: StopLogging}, condition: s}
level: high
tags: [attack.t1562.008, attack.defense_evasion, attack.impact, attack.s0001, cve.2021-1]
sharedline: {duty: monitoring.audit-logging, outcome: attempt, noise: Rebuilding trails.}
"""


def test_a_rule_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "logging").mkdir()
    (tmp_path / "logging" / "trail_stopped.yml").write_text(GOOD)
    (tmp_path / "logging" / "trail_stopped.test.yaml").write_text("fire: []\nquiet: []\n")
    rules = load([tmp_path])
    [rule] = rules.rules
    assert (rule.id, rule.name) == ("8ad1600d-e9dc-4251-b0ee-a65268f29add", "trail_stopped")
    assert (rule.level, rule.status, rule.duty) == ("high", "test", "monitoring.audit-logging")
    assert (rule.outcome, rule.noise) == ("attempt", "Rebuilding trails.")
    assert rule.techniques == ("T1562.008",)
    assert rule.tactics == ("defense-evasion", "impact")
    assert rules.problems == ()


BAD = {
    "a list": "[aws]",
    "a number": "aws: 5",
    "no YAML": "aws: [",
    "an alias bomb": "a: &a [aws, aws]\nb: &b [*a, *a, *a]\nc: &c [*b, *b]\ntitle: *c\n",
    "no detection": "title: aws\nlogsource: {product: aws}\n",
    "a detection that is a number": GOOD.replace(
        "{s: {eventName: StopLogging}, condition: s}", "5"
    ),
    "no condition": GOOD.replace(", condition: s", ""),
    "an unknown selection": GOOD.replace("condition: s", "condition: other"),
    "a condition that is none": GOOD.replace("condition: s", "condition: s and and"),
    "an unknown modifier": GOOD.replace("eventName:", "eventName|perhaps:"),
    "an aggregation": GOOD.replace("condition: s", "condition: s | count() by awsRegion > 5"),
    "a timeframe": GOOD.replace("condition: s", "condition: s, timeframe: 5m"),
    "a look-ahead": GOOD.replace("eventName: StopLogging", "eventName|re: 'a(?!b)'"),
    "a back-reference": GOOD.replace("eventName: StopLogging", r"eventName|re: '(a)\1'"),
    "only a placeholder": GOOD.replace("eventName: StopLogging", "eventName|expand: '%x%'"),
    "a network that is none": GOOD.replace("eventName: StopLogging", "sourceIPAddress|cidr: x/9"),
    "a character of no text": GOOD.replace("StopLogging", '"a\\0b"'),
    "a number compared with a text": GOOD.replace("eventName: StopLogging", "eventName|gt: abc"),
    "the hour of a name": GOOD.replace("eventName: StopLogging", "eventName|hour: 5"),
    "settings that are a text": GOOD.replace("sharedline: {", "sharedline: 'x' #"),
    "a correlation of nothing": "title: aws\ncorrelation: {type: event_count}\n",
    "a correlation that is a text": "title: aws\ncorrelation: x\n",
    "nested deeply": "aws: " + "[" * 5_000 + "]" * 5_000,
}
CORRELATION = """title: C
correlation:
  type: %s
  rules: [%s]
  timespan: %s
  condition: {%s}
"""
BAD |= {
    "a sum": CORRELATION % ("value_sum", "x", "1m", "gte: 5, field: a"),
    "a count below": CORRELATION % ("event_count", "x", "1m", "lt: 5"),
    "a rule that is not there": CORRELATION % ("event_count", "x", "1m", "gte: 5"),
    "a time that is none": CORRELATION % ("event_count", "x", "soon", "gte: 5"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_a_problem_and_others_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "bad.yml").write_text(BAD[name])
    (tmp_path / "good.yml").write_text(GOOD)
    rules = load([tmp_path])
    assert [rule.name for rule in rules.rules] == ["good"]
    [problem] = rules.problems
    assert problem.path == str(tmp_path / "bad.yml")
    assert problem.reason
    assert "\n" not in problem.reason.strip() or "line" in problem.reason


def test_what_is_not_understood_says_what(tmp_path: Path) -> None:
    path = tmp_path / "rule.yml"
    said = {
        "an aggregation": "Sigma correlation",
        "a timeframe": "Sigma correlation",
        "a look-ahead": "cannot be run",
        "only a placeholder": "can never fire",
        "a sum": "value_sum",
        "a count below": "below a number",
        "a rule that is not there": "'x'",
    }
    for name, part in said.items():
        path.write_text(BAD[name])
        [problem] = load([path]).problems
        assert part in problem.reason, problem
        assert problem.reason.startswith("not understood: ")


def test_a_placeholder_in_a_filter_filters_nothing(tmp_path: Path) -> None:
    text = GOOD.replace("condition: s", "f: {userAgent|expand: '%ours%'}, condition: s and not f")
    (tmp_path / "rule.yml").write_text(text)
    rules = load([tmp_path])
    event = {"eventName": "StopLogging", "eventSource": "x", "userAgent": "ours"}
    assert len(examples.over(rules, [event])) == 1


def test_rules_of_other_products_are_counted_and_not_run(tmp_path: Path) -> None:
    other = GOOD.replace("product: aws, service: cloudtrail", "product: %s")
    for number, source in enumerate(
        ("windows, service: security", "aws, service: s3", "azure", "aws_x")
    ):
        (tmp_path / f"{number}.yml").write_text(other % source + "name: theirs\n")
    (tmp_path / "c.yml").write_text(CORRELATION % ("event_count", "theirs", "1m", "gte: 5"))
    (tmp_path / "plain.yml").write_text(other % "aws")
    rules = load([tmp_path])
    assert [r.name for r in rules.rules] == ["plain"]
    assert (rules.problems, rules.foreign) == ((), 5)


@pytest.mark.parametrize(
    "said",
    [
        "falsepositives: Backups of the night.",
        "falsepositives: |\n  Some are known:\n    - backups\n    - restores",
        "date: soon",
        "modified: 2026/13/45",
        "references: https://example.com/a",
        "related: the other one",
        "fields: eventName",
        "author: [Ann, Bob]",
        "license: 5",
        "scope: everything",
        "taxonomy: 7",
    ],
)
def test_nothing_that_a_rule_only_tells_its_reader_stops_it(tmp_path: Path, said: str) -> None:
    (tmp_path / "rule.yml").write_text(f"{GOOD}{said}\n")
    rules = load([tmp_path])
    assert rules.problems == ()
    assert len(examples.over(rules, [{"eventName": "StopLogging", "eventSource": "x"}])) == 1


@pytest.mark.parametrize("source", ["{service: cloudtrail}", "{product: AWS, service: CloudTrail}"])
def test_a_log_source_is_cloudtrail_whatever_its_case_and_without_a_product(
    tmp_path: Path, source: str
) -> None:
    (tmp_path / "r.yml").write_text(
        f"title: T\nlogsource: {source}\n"
        "detection: {s: {eventName: StopLogging}, condition: s}\n"
    )
    rules = load([tmp_path])
    assert (len(rules.rules), rules.problems, rules.foreign) == (1, (), 0)


@pytest.mark.parametrize(
    "source", ["{product: okta}", "{category: proxy}", "{product: zeek, service: cloudtrail}"]
)
def test_the_faults_of_rules_of_other_products_are_not_ours(tmp_path: Path, source: str) -> None:
    text = BAD["an aggregation"].replace("{product: aws, service: cloudtrail}", source)
    (tmp_path / "rule.yml").write_text(f"{text}# seen beside aws\nname: theirs\n")
    (tmp_path / "c.yml").write_text(CORRELATION % ("event_count", "theirs", "1m", "gte: 5"))
    rules = load([tmp_path])
    assert (rules.rules, rules.problems, rules.foreign) == ((), (), 2)


def test_a_correlation_finds_its_rule_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "z.yml").write_text(GOOD + "name: stopped\n")
    (tmp_path / "a.yml").write_text(CORRELATION % ("event_count", "stopped", "1m", "gte: 2"))
    rules = load([tmp_path])
    assert rules.problems == ()
    assert [r.name for r in rules.shown()] == ["a"]
    event = {"eventName": "StopLogging", "eventSource": "x"}
    assert [d.count for d in examples.over(rules, [event, event])] == [2]


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Error, match="There is no"):
        load([tmp_path / "nowhere"])


def test_a_file_that_cannot_be_decoded_or_is_too_large_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"title: aws \xff\xfe")
    (tmp_path / "b.yml").write_bytes(b"# aws\n" * 200_000)
    (tmp_path / "c.yml").write_bytes(b"# aws only in a comment\n")
    assert len(load([tmp_path]).problems) == 3


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    key=st.sampled_from(
        [
            "title",
            "id",
            "detection",
            "logsource",
            "level",
            "tags",
            "date",
            "correlation",
            "name",
            "sharedline",
            "action",
            "filter",
            "status",
            "falsepositives",
            "related",
        ]
    ),
    value=VALUES,
    detection=st.booleans(),
)
def test_no_value_anywhere_is_fatal(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: object, *, detection: bool
) -> None:
    rule = {
        "title": "aws",
        "logsource": {"product": "aws"},
        "detection": {"s": {"eventName": "x"}, "condition": "s"},
    }
    if detection:
        rule["detection"] = {"s": value, "condition": "s"}
    else:
        rule[key] = value  # type: ignore[assignment]
    path = tmp_path_factory.getbasetemp() / "fuzzed.yml"
    path.write_text(json.dumps(rule), "utf-8", "surrogatepass")
    rules = load([path])
    # It is a rule that can be run, or told as a problem, or of another product.
    assert rules.rules or rules.problems or rules.foreign
    if rules.rules:
        examples.over(rules, [{"eventName": "x", "eventSource": "y"}])


def test_errors_are_told_in_a_line() -> None:
    assert told(RecursionError()) == "it is nested too deeply"
    assert "not a Sigma rule" in told(TypeError("x"))
