"""`sharedline trail detect`: Sigma rules over the lake's events, and what they found."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option
from sharedline.text import iso

if TYPE_CHECKING:
    from sharedline.inventory.lake import Lake
    from sharedline.project import Project
    from sharedline.trail.sigma import Detection, Rules

COLUMNS = (
    "time",
    "level",
    "name",
    "title",
    "duty",
    "techniques",
    "outcome",
    "account",
    "region",
    "principal",
    "owner",
    "count",
    "events",
    "summary",
)
#: So many problems and detections are shown as text; JSON and CSV have all.
SHOWN = 20
_LEVELS = ("critical", "high", "medium", "low", "informational")
_DAY = click.DateTime(("%Y-%m-%d",))


@click.command(name="detect")
@folder_option
@format_option("text", "json", "csv")
@click.option(
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder or file of Sigma rules instead of ours; repeatable.",
)
@click.option("--since", type=_DAY, help="From this UTC day on.")
@click.option("--until", type=_DAY, help="To this UTC day, included.")
@click.option("--level", type=click.Choice(_LEVELS), help="Rules of this level and worse.")
@click.option("--show", metavar="RULE", help="The detections of one rule, by its name or a glob.")
@click.option("--limit", type=int, default=50, show_default=True, help="Rows of text; 0 for all.")
@click.option("--engine", default="", help="duckdb, local[2] or spark://host:7077.")
@click.option("--lake", "lake_url", help="The lake's folder or URL.")
def command(folder: Path, fmt: str, **asked: Any) -> int:
    """Run detection rules over the trail.

    Without --rules, those of Sharedline. What was found is kept in the lake, in place of the last
    run's, for `sharedline incident --detections`; with --show nothing is kept. Exit code 1 where
    anything was detected, 3 where rules or events could not be read.
    """
    from sharedline.iam.access.quiet import undisturbed

    with undisturbed():  # modules, rules, detections: many objects, all of which stay
        return _detect(folder, fmt, asked)


def _detect(folder: Path, fmt: str, asked: dict[str, Any]) -> int:
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project
    from sharedline.trail import sigma

    project = open_project(folder)
    lake = Lake(asked["lake_url"] or project.lake_url)
    rules = _chosen(sigma.load(asked["rules"] or None), asked)
    found = _run(project, lake, rules, asked)
    if not asked["show"]:
        sigma.keep(lake, found)
    owners = _owners(project, lake, found)
    if fmt == "text":
        _text(rules, found, owners, asked)
    else:
        _machine(fmt, rules, found, owners)
    if rules.problems:
        return 3
    return 1 if found else 0


def _chosen(rules: Rules, asked: dict[str, Any]) -> Rules:
    """The rules of the level and name that were asked for; what they count stays with them."""
    from dataclasses import replace
    from fnmatch import fnmatchcase

    from sharedline.errors import Error

    worst = _LEVELS.index(asked["level"]) if asked["level"] else len(_LEVELS)
    kept = tuple(
        rule
        if _LEVELS.index(rule.level) <= worst
        and (not asked["show"] or fnmatchcase(rule.name, asked["show"]))
        else replace(rule, shown=False)
        for rule in rules.rules
    )
    needed = {n for rule in kept if rule.shown and rule.window for n in rule.window.rules}
    if asked["show"] and not any(rule.shown for rule in kept):
        raise Error(f"No rule is called {asked['show']}.", "Run it without --show for their names.")
    # A rule that is neither shown nor counted has no condition left to try.
    kept = tuple(
        rule if rule.shown or n in needed else replace(rule, condition=None)
        for n, rule in enumerate(kept)
    )
    return replace(rules, rules=kept)


def _run(project: Project, lake: Lake, rules: Rules, asked: dict[str, Any]) -> list[Detection]:
    import duckdb

    from sharedline.errors import IncompleteError
    from sharedline.inventory.engines import open_engine
    from sharedline.inventory.lake import LakeError
    from sharedline.trail import memory, sigma, store

    memory.keep()
    if not store.available(lake):
        raise IncompleteError(
            f"The lake {lake.url} holds no trail.", "Run `sharedline trail ingest` first."
        )
    since = asked["since"].replace(tzinfo=UTC) if asked["since"] else None
    until = asked["until"].replace(tzinfo=UTC) + timedelta(days=1) if asked["until"] else None
    try:
        with contextlib.closing(open_engine(asked["engine"] or project.engine, lake)) as engine:
            store.register(engine, lake, since, until)
            return sigma.run(engine, rules)
    except (LakeError, duckdb.IOException, duckdb.InvalidInputException) as error:
        told = error.message if isinstance(error, LakeError) else str(error).splitlines()[0]
        raise IncompleteError(
            f"Events of the lake cannot be read: {told.rstrip('.')}.", "Restore it from a copy."
        ) from error


def _owners(project: Project, lake: Lake, found: Sequence[Detection]) -> list[str]:
    """For each detection the owner of the rule's duty on the account it happened in."""
    from sharedline.model import NOBODY
    from sharedline.report.reviewing import Owners, results_of

    names = [NOBODY] * len(found)
    if not found or not project.owners.is_file():
        return names
    owner = Owners(project, results_of(lake, project))
    by_duty: dict[str, dict[tuple[str, str], list[int]]] = {}
    for number, one in enumerate(found):
        places = by_duty.setdefault(one.duty or "monitoring.log-review", {})
        places.setdefault((one.account, one.region), []).append(number)
    for duty, places in by_duty.items():
        rows = [
            {"arn": f"arn:aws::{region}:{account}:*", "account_id": account, "region": region}
            for account, region in places
        ]
        named = owner("cloudtrail", duty, rows)
        for name, numbers in zip(named, places.values(), strict=True):
            for number in numbers:
                names[number] = name
    return names


def _machine(fmt: str, rules: Rules, found: Sequence[Detection], owners: Sequence[str]) -> None:
    from sharedline.cli import out

    rows = [{**one.plain(), "owner": name} for one, name in zip(found, owners, strict=True)]
    if fmt == "csv":
        out.as_csv(rows, COLUMNS)
        _problems(rules)
        return
    out.as_json(
        {
            "rules": _summaries(rules, found, owners),
            "detections": rows,
            "problems": [vars(p) for p in rules.problems],
            "other_products": rules.foreign,
        }
    )


def _summaries(
    rules: Rules, found: Sequence[Detection], owners: Sequence[str]
) -> list[dict[str, Any]]:
    """One row for each rule that found something: how often, when, who, and whom to call."""
    mine: dict[str, list[int]] = {}
    for number, one in enumerate(found):
        mine.setdefault(one.name, []).append(number)
    rows: list[dict[str, Any]] = []
    for rule in rules.shown():
        numbers = mine.pop(rule.name, [])
        if not numbers:
            continue
        times = [found[n].time for n in numbers]
        who = sorted({found[n].principal for n in numbers if found[n].principal})
        rows.append(
            {
                "rule": rule.id,
                "name": rule.name,
                "title": rule.title,
                "level": rule.level,
                "duty": rule.duty,
                "techniques": list(rule.techniques),
                "detections": len(numbers),
                "events": sum(found[n].count for n in numbers),
                "first": iso(min(times)),
                "last": iso(max(times)),
                "principals": who,
                "owners": sorted({owners[n] for n in numbers}),
                "noise": rule.noise,
            }
        )
    rows.sort(key=lambda row: (_LEVELS.index(row["level"]), -row["detections"], row["name"]))
    return rows


def _text(
    rules: Rules, found: Sequence[Detection], owners: Sequence[str], asked: dict[str, Any]
) -> None:
    from sharedline.cli import out

    limit = asked["limit"] or max(len(found), 1)
    if asked["show"]:
        _one(found[:limit], owners)
        left = len(found) - limit
    else:
        rows = _summaries(rules, found, owners)
        _table(rows[:limit])
        left = len(rows) - limit
    if left > 0:
        out.note(f"{left:,} more: --limit 0, or --format csv.")
    tried = len(rules.shown())
    events = sum(one.count for one in found)
    if found:
        named = len({one.name for one in found})
        out.note(f"{named} of {tried} rules detected something, in {events:,} events.")
        if not asked["show"]:
            out.note("The events of a rule: `sharedline trail detect --show RULE`.")
    else:
        out.note(f"None of {tried} rules detected anything.")
    _problems(rules)


def _table(rows: Sequence[dict[str, Any]]) -> None:
    from sharedline.cli import out

    if not rows:
        return
    shown = [
        {
            **row,
            "severity": row["level"] if row["level"] != "informational" else "info",
            "many": f"{row['events']:,}",
            "seen": row["last"].replace("T", " ")[:16],
            "begun": row["first"].replace("T", " ")[:16],
            "who": _who(row["principals"]),
            "owner": _several(row["owners"], "owners"),
        }
        for row in rows
    ]
    narrow = (
        ("severity", "Level", 8),
        ("name", "Rule", 0),
        ("many", "Events", 7),
        ("seen", "Last (UTC)", 16),
        ("owner", "Owner", 10),
    )
    wide = (
        ("severity", "Level", 8),
        ("name", "Rule", 0),
        ("many", "Events", 8),
        ("begun", "First (UTC)", 16),
        ("seen", "Last (UTC)", 16),
        ("who", "Principals", 0),
        ("owner", "Owner", 14),
        ("duty", "Duty", 28),
    )
    out.table(shown, narrow, wide=wide)


def _several(names: Sequence[str], what: str) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} {what}" if names else ""


def _who(names: Sequence[str]) -> str:
    return _several([name.split(":")[-1] for name in names], "principals")


def _one(found: Sequence[Detection], owners: Sequence[str]) -> None:
    from sharedline.cli import out

    for one, owner in zip(found, owners, strict=False):
        out.line(f"{iso(one.time)}  {one.level}  {one.title}")
        out.line(f"  {one.summary}")
        told = [f"account {one.account or 'unknown'}", f"owner {owner}"]
        told += [f"duty {one.duty}"] if one.duty else []
        told += [", ".join(one.techniques)] if one.techniques else []
        out.line(f"  {'; '.join(told)}")
        named = ", ".join(one.events[:SHOWN])
        more = one.count - min(SHOWN, len(one.events))
        out.line(f"  events {named}" + (f" and {more:,} more" if more > 0 else ""))


def _problems(rules: Rules) -> None:
    from sharedline.cli import out

    if rules.foreign:
        out.note(f"{rules.foreign:,} rules are for other products.")
    if rules.problems:
        out.note(f"{len(rules.problems):,} rules cannot be used:")
    for problem in rules.problems[:SHOWN]:
        out.note(f"  {problem.path}: {problem.reason}")
    if len(rules.problems) > SHOWN:
        out.note(f"  and {len(rules.problems) - SHOWN:,} more: --format json.")
