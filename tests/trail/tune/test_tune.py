"""Thresholds from history, computed by hand: what a budget allows, and what that would miss."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sharedline.cli.main import main
from sharedline.errors import ConfigError, Error, IncompleteError
from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.lake import Lake
from sharedline.inventory.spark import Spark
from sharedline.trail import store
from sharedline.trail.ingest import ingest
from sharedline.trail.sigma import load, run
from sharedline.trail.tune import labels, rulefile
from sharedline.trail.tune.history import Tuned, tune
from sharedline.trail.tune.threshold import Budget, History, noisy

ACCOUNT = "111122223333"
#: The last event: weeks are counted back from here.
END = datetime(2026, 11, 15, 12, tzinfo=UTC)
BOT = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/i-1"
BOT_ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
ANNA, EVE = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("anna", "eve"))
PLAIN = """\
title: Secret read
id: 11111111-1111-4111-8111-111111111111
status: experimental
description: Somebody read a secret.
author: Sharedline
date: 2026-11-22
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: secretsmanager.amazonaws.com, eventName: GetSecretValue}
  condition: selection
level: medium
tags: [attack.t1555.006]
sharedline: {duty: application.secrets, outcome: success, noise: deployments}
"""
COUNTED = """\
---
title: Secrets read
id: 22222222-2222-4222-8222-222222222222
correlation:
  type: event_count
  rules: [11111111-1111-4111-8111-111111111111]
  group-by: [userIdentity.arn]
  timespan: 1h
  condition: {gte: 2}
level: high
"""
VALUES = COUNTED.replace("event_count", "value_count").replace(
    "{gte: 2}", "{field: requestParameters.secretId, gte: 2}"
)


def read(number: int, arn: str, before: timedelta, name: str = "s") -> dict[str, Any]:
    kind = "AssumedRole" if "assumed-role" in arn else "IAMUser"
    return {
        "eventID": f"e{number:03d}",
        "eventTime": f"{END - before:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "awsRegion": "eu-central-1",
        "recipientAccountId": ACCOUNT,
        "requestParameters": {"secretId": name},
        "userIdentity": {"type": kind, "arn": arn, "accountId": ACCOUNT},
    }


def history() -> list[dict[str, Any]]:
    """Two weeks. In each the bot reads 6 at a time on 3 days, and Anna 2 at a time on 2 days.

    In the last week Eve reads 4 secrets within ten minutes (e900 to e903): the incident.
    """
    made = []
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    for week in range(2):
        start = timedelta(weeks=week)
        for day in (1, 3, 5):
            made += [(BOT, start + timedelta(days=day) + n * minute, "s") for n in range(6)]
        for day in (2, 4):
            made += [(ANNA, start + timedelta(days=day) + n * hour / 2, f"a{n}") for n in range(2)]
    made.append((ANNA, timedelta(weeks=2), "s"))
    made.append((ANNA, timedelta(), "s"))
    events = [read(n, *one) for n, one in enumerate(made)]
    return events + [
        read(900 + n, EVE, timedelta(days=6, minutes=3 * n), f"e{n}") for n in range(4)
    ]


def lake_of(folder: Path, events: list[dict[str, Any]]) -> Lake:
    (folder / "a.json").write_text(json.dumps({"Records": events}))
    lake = Lake(str(folder / "lake"))
    assert ingest(lake, [str(folder / "a.json")], processes=0).events == len(events)
    return lake


def rule(folder: Path, text: str) -> rulefile.RuleFile:
    path = folder / "secret.yml"
    path.write_text(text)
    return rulefile.find(str(path), None)


def tuned(
    folder: Path, text: str, budget: str, labelled: frozenset[str] = frozenset()
) -> tuple[Tuned, Lake]:
    lake = lake_of(folder, history())
    duck = Duck(lake)
    return tune(duck, lake, rule(folder, text), Budget.parse(budget), labelled), lake


INCIDENT = frozenset({"e900", "e901", "e902", "e903"})


def numbers(made: Tuned) -> list[tuple[int, int, tuple[int, ...], int]]:
    return [(o.least, o.seconds, o.periods, len(made.missed(o))) for o in made.options]


def test_a_plain_rule_becomes_a_count_of_one_principal(tmp_path: Path) -> None:
    made, _ = tuned(tmp_path, PLAIN, "4/week", INCIDENT)
    # Week 1: 18 of the bot, 4 of Anna, and 1 at its beginning; week 2: 18, 4, 1 and Eve's 4.
    assert made.before.periods == (23, 27)
    assert not made.within
    # Two in an hour: the bot 3 and 3, Anna 2 and 2, Eve 1 in the last; five leave the bot alone.
    # Three leave the bot (3, 3) and Eve (0, 1): that is within 4 a week, and nothing is missed.
    # Within ten minutes Anna's pairs are half an hour apart: two are the bot's and Eve's.
    # Within a day Anna's pairs count too, and so again three are needed.
    assert numbers(made) == [
        (3, 3600, (3, 4), 0),
        (2, 600, (3, 4), 0),
        (3, 86400, (3, 4), 0),
    ]


def test_a_tighter_budget_misses_the_incident_and_says_so(tmp_path: Path) -> None:
    made, _ = tuned(tmp_path, PLAIN, "3/week", INCIDENT)
    # Above the four of Eve only the bot's six are left: five are the least that do.
    assert numbers(made) == [
        (5, 3600, (3, 3), 4),
        (5, 600, (3, 3), 4),
        (5, 86400, (3, 3), 4),
    ]
    assert made.missed(made.options[0]) == sorted(INCIDENT)
    # 36 of 50 alerts are the bot's; Anna's 10 are a fifth of them.
    assert made.noisy == ((BOT_ROLE, 36), (ANNA, 10))
    # Without both only Eve's four are left: four is over the budget, any count of them is not.
    assert made.quiet is not None
    assert made.quiet.periods == (0, 4)
    assert [(o.least, o.seconds, o.periods) for o in made.quiet_options] == [
        (1, 3600, (0, 1)),
        (1, 600, (0, 1)),
        (1, 86400, (0, 1)),
    ]


def test_a_correlation_keeps_its_own_time(tmp_path: Path) -> None:
    made, _ = tuned(tmp_path, PLAIN + COUNTED, "4/week", INCIDENT)
    assert made.before.periods == (5, 6)
    assert numbers(made)[0] == (3, 3600, (3, 4), 0)
    assert [one.principal for one in made.before.alerts].count(BOT_ROLE) == 6
    assert made.noisy == ((BOT_ROLE, 6), (ANNA, 4))


def test_within_the_budget_nothing_need_change(tmp_path: Path) -> None:
    made, _ = tuned(tmp_path, PLAIN + COUNTED, "6/week")
    assert made.within
    assert made.snippet() == made.filter_snippet() == ""
    assert made.noisy == ()
    # It could not be lowered: a single read within an hour makes 6 and 7.
    assert numbers(made)[0] == (2, 3600, (5, 6), 0)


def test_values_are_counted(tmp_path: Path) -> None:
    made, _ = tuned(tmp_path, PLAIN + VALUES, "2/week", INCIDENT)
    # The bot reads one secret again and again. Anna reads two: 2 and 2; Eve four: 1 in the last.
    assert made.before.periods == (2, 3)
    assert numbers(made)[0] == (3, 3600, (0, 1), 0)


def test_no_threshold_speaks_where_the_budget_is_nothing(tmp_path: Path) -> None:
    made, _ = tuned(tmp_path, PLAIN, "0/week")
    assert numbers(made)[0] == (7, 3600, (0, 0), 0)
    assert made.snippet() == ""


def replayed(engine: Engine, lake: Lake, folder: Path, text: str) -> int:
    path = folder / "tuned.yml"
    path.write_text(text)
    found = rulefile.find(str(path), None)
    store.register(engine, lake)
    return len(run(engine, rulefile.loaded(found.documents)))


@pytest.mark.parametrize("text", [PLAIN, PLAIN + COUNTED, PLAIN + VALUES])
@pytest.mark.parametrize("budget", ["1/week", "2/week", "3/week", "4/week"])
def test_the_engine_finds_what_was_promised(tmp_path: Path, text: str, budget: str) -> None:
    """What is printed, put in place of the rule, makes as many detections as the replay said."""
    made, lake = tuned(tmp_path, text, budget)
    duck = Duck(lake)
    if snippet := made.snippet():
        assert replayed(duck, lake, tmp_path, snippet) == len(made.options[0].alerts)
    if snippet := made.filter_snippet():
        quiet = made.quiet if made.quiet_within else made.quiet_options[0]
        assert quiet is not None
        assert replayed(duck, lake, tmp_path, snippet) == len(quiet.alerts)


def test_some_snippets_are_there(tmp_path: Path) -> None:
    made, _ = tuned(tmp_path, PLAIN, "3/week")
    assert "gte: 5" in made.snippet()
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/" in made.filter_snippet()
    assert "(selection) and not filter_tuned" in made.filter_snippet()


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_spark_says_the_same(spark: Spark, tmp_path: Path) -> None:
    made, lake = tuned(tmp_path, PLAIN + VALUES, "2/week", INCIDENT)
    engine = Spark("local[2]", lake)
    try:
        again = tune(engine, lake, made.file, made.replay.budget, INCIDENT)
    finally:
        engine.close()
    assert (again.before, again.options) == (made.before, made.options)


def test_matches_that_cannot_be_counted_are_said(tmp_path: Path) -> None:
    nobody = read(5, ANNA, timedelta(days=1))
    nobody["userIdentity"] = {"type": "IAMUser", "principalId": "AIDA"}
    lake = lake_of(tmp_path, [nobody, read(6, ANNA, timedelta())])
    made = tune(Duck(lake), lake, rule(tmp_path, PLAIN), Budget.parse("1/week"))
    assert made.before.periods == (2,)
    assert made.groupless == 1


def test_weeks_are_counted_back_from_the_end() -> None:
    span = History(END - timedelta(days=10), END)
    days = (0, 6.9, 7, 10)
    assert span.spread((END - timedelta(days=d) for d in days), 7) == (2, 2)
    assert span.spread((), 30) == (0,)
    assert History(END, END).spread([END], 1) == (1,)


def test_nobody_is_noisy_who_makes_little() -> None:
    assert noisy([]) == []


@pytest.mark.parametrize("text", ["", "five/week", "5", "5/year", "-1/week"])
def test_what_is_no_budget(text: str) -> None:
    with pytest.raises(ConfigError):
        Budget.parse(text)


def test_an_empty_lake_says_so(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    with pytest.raises(IncompleteError):
        tune(Duck(lake), lake, rule(tmp_path, PLAIN), Budget.parse("1/day"))


def test_rules_are_found_by_name_and_id(tmp_path: Path) -> None:
    rule(tmp_path, PLAIN)
    found = rulefile.find("11111111-1111-4111-8111-111111111111", tmp_path)
    assert found.rule.name == "secret"
    assert rulefile.find("secret", tmp_path).rule.id == found.rule.id
    with pytest.raises(Error, match="no rule"):
        rulefile.find("nothing", tmp_path)
    (tmp_path / "bad.yml").write_text("title: aws\ndetection: 3\n")
    with pytest.raises(Error, match="cannot be used"):
        rulefile.find("bad", tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '["a", "b"]',
        '[{"eventID": "a"}, {"event": {"eventID": "b"}, "label": "incident"}]',
        '{"eventID": "a", "expected": true}\n{"eventID": "b"}\n{"eventID": "c", "label": "benign"}',
        "a\nb\n",
        "- eventID: a\n- event: b\n  malicious: yes\n- event: c\n  malicious: false\n",
        '{"chain": [{"event": "a"}, {"event": "b"}]}',
    ],
)
def test_labels_in_any_form(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels"
    path.write_text(text)
    assert labels.read(path) == {"a", "b"}


@pytest.mark.parametrize(
    "text", ["", "[]", "[3]", '[{"no": "id"}]', '[{"eventID": "a", "label": "perhaps"}]', "{: ["]
)
def test_labels_that_are_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels"
    path.write_text(text)
    with pytest.raises(ConfigError):
        labels.read(path)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake_of(tmp_path, history())
    rule(tmp_path, PLAIN)
    (tmp_path / "ids.txt").write_text("e900\ne999\n")

    def ran(*more: str) -> tuple[Any, str]:
        arguments = ["trail", "tune", "secret", "--rules", str(tmp_path), "--dir", str(tmp_path)]
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--labelled", str(tmp_path / "ids.txt"), *more])
        return ended.value.code, capsys.readouterr().out

    code, out = ran("--budget", "3/week", "--format", "json")
    found = json.loads(out)
    assert code == 1
    assert found["after"]["threshold"] == 5
    assert found["after"]["missed"] == ["e900"]
    assert found["labelled_not_matched"] == ["e999"]
    assert found["noisy"][0] == {"principal": BOT_ROLE, "alerts": 36, "share": 0.72}
    code, out = ran("--budget", "3/week")
    assert code == 1
    assert "Over the budget of 3/week: 50 alerts, 27 in the worst week." in out
    assert "72% of the alerts (36)" in out
    code, out = ran("--budget", "30/week")
    assert code == 0
    assert "Within the budget" in out
    code, out = ran("--budget", "30/week", "--until", "2026-11-03", "--format", "json")
    assert json.loads(out)["to"] == "2026-11-03T12:00:00Z"


def test_every_rule_of_ours_can_be_tuned() -> None:
    """Each is found in its file again, alone, and the tuned one is understood by the engine."""
    rules = load(None)
    shown = rules.shown()
    assert len(shown) > 20
    for one in shown:
        file = rulefile.RuleFile(one, rulefile.documents_of(one, rules))
        again = rulefile.loaded(file.documents)
        assert [r.id for r in again.shown()] == [one.id]
        if file.counts or not file.correlates:
            documents = file.without(file.tuned(7, 600), [BOT_ROLE, ANNA])
            [window] = [r.window for r in rulefile.loaded(documents).shown()]
            assert window is not None
            assert (window.least, window.seconds) == (7, 600)
