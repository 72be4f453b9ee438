"""`sharedline trail tune`: the threshold that keeps a rule's alerts within a budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

if TYPE_CHECKING:
    from sharedline.trail.tune.history import Tuned
    from sharedline.trail.tune.suppressions import Suppression
    from sharedline.trail.tune.threshold import Outcome

_DAY = click.DateTime(("%Y-%m-%d",))
#: So many labelled events are named in text.
_NAMED = 10


@click.command(name="tune")
@click.argument("rule", required=False)
@folder_option
@scan_option
@format_option("text", "json")
@click.option("--budget", default="5/week", show_default=True, help="Alerts a day, week or month.")
@click.option("--rules", type=click.Path(path_type=Path, exists=True), help="Rules to look in.")
@click.option("--labelled", type=click.Path(path_type=Path), help="Events of incidents: ids, JSON.")
@click.option("--since", type=_DAY, help="From this UTC day on.")
@click.option("--until", type=_DAY, help="To this UTC day, included.")
@click.option("--suppressions", is_flag=True, help="Judge what hides findings instead.")
def command(
    rule: str | None,
    folder: Path,
    scan_id: str,
    fmt: str,
    budget: str,
    rules: Path | None,
    labelled: Path | None,
    since: datetime | None,
    until: datetime | None,
    suppressions: bool,  # noqa: FBT001 click gives it by name
) -> int:
    """A threshold that keeps alerts within a budget.

    RULE is a detection's name, id or file. Its matches in the lake are counted again with other
    thresholds: what the budget allows, what it would have missed, who makes the noise. Nothing is
    changed; what it prints can be put in place of the rule. Exit code 1 where the rule is over its
    budget, or with --suppressions where one is too broad.
    """
    from sharedline.errors import Error

    if bool(rule) == suppressions:
        raise Error("Say what to tune.", "Name a rule, or give --suppressions.")
    if suppressions:
        return _suppressions(folder, scan_id, fmt)
    assert rule is not None
    made = _tuned(folder, rule, rules, budget, labelled, since, until)
    if fmt == "json":
        from sharedline.cli import out
        from sharedline.trail.tune.history import as_data

        out.as_json(as_data(made))
    else:
        _print(made)
    return 0 if made.within else 1


def _tuned(
    folder: Path,
    rule: str,
    rules: Path | None,
    budget: str,
    labelled: Path | None,
    since: datetime | None,
    until: datetime | None,
) -> Tuned:
    from sharedline.inventory.engines import open_engine
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project
    from sharedline.trail.tune import labels, rulefile
    from sharedline.trail.tune.history import tune
    from sharedline.trail.tune.threshold import Budget

    allowed = Budget.parse(budget)
    found = rulefile.find(rule, rules)
    marked = labels.read(labelled) if labelled else frozenset()
    project = open_project(folder)
    lake = Lake(project.lake_url)
    engine = open_engine(project.engine, lake)
    first = since.replace(tzinfo=UTC) if since else None
    last = until.replace(tzinfo=UTC) + timedelta(days=1) if until else None
    try:
        return tune(engine, lake, found, allowed, marked, first, last)
    finally:
        engine.close()


def _print(made: Tuned) -> None:
    from sharedline.cli import out

    replay, rule = made.replay, made.file.rule
    history = replay.history
    out.line(
        f"{rule.title} ({rule.name}): {_many(len(replay.hits), 'match', 'matches')} in "
        f"{history.days:.1f} days, {history.first:%Y-%m-%d} to {history.last:%Y-%m-%d}."
    )
    verdict = "Within" if made.within else "Over"
    alerts = _many(len(made.before.alerts), "alert")
    out.line(
        f"{verdict} the budget of {replay.budget.text}: {alerts}, {made.before.busiest} in the "
        f"worst {replay.budget.text.partition('/')[2]}."
    )
    if history.days < replay.budget.days:
        out.line("The history is shorter than the budget's period: what it proves is little.")
    rows = [_row(made, "as it is", made.before)]
    best = "could be" if made.within else "tuned"
    rows += [_row(made, "or" if n else best, one) for n, one in enumerate(made.options)]
    if made.quiet is not None:
        rows.append(_row(made, "without the noisy", made.quiet))
        if not made.quiet_within:
            rows += [_row(made, "  and tuned", one) for one in made.quiet_options[:1]]
    narrow = (
        ("what", "Rule", 18),
        ("least", "At least", 8),
        ("within", "Within", 6),
        ("alerts", "Alerts", 6),
        ("busiest", "Worst", 5),
        ("missed", "Missed", 6),
        ("periods", f"Each {replay.budget.text.partition('/')[2]}", 0),
    )
    out.table(rows, narrow)
    _notes(made)
    _snippets(made)


def _row(made: Tuned, what: str, one: Outcome) -> dict[str, Any]:
    from sharedline.trail.tune.rulefile import duration

    return {
        "what": what,
        "least": one.least or "",
        "within": duration(one.seconds) if one.seconds else "",
        "alerts": len(one.alerts),
        "busiest": one.busiest,
        "missed": len(made.missed(one)) if made.replay.labelled else "",
        "periods": " ".join(map(str, one.periods)),
    }


def _notes(made: Tuned) -> None:
    from sharedline.cli import out

    total = len(made.before.alerts)
    if made.noisy:
        out.line("Treat separately:")
        for who, number in made.noisy:
            out.line(f"  {number / total:4.0%} of the alerts ({number}): {who}")
    if made.groupless and made.options:
        out.line(
            f"{_many(made.groupless, 'match', 'matches')} lack what the correlation counts by: a "
            "tuned rule would never show them."
        )
    if made.options and not made.options[0].alerts and not made.within:
        out.line("No threshold keeps the budget and still speaks: look at who makes the noise.")
    if not made.options and made.replay.hits:
        out.line("The rule is of a kind that has no count to tune.")
    if made.options and not made.within and (missed := made.missed(made.options[0])):
        out.line(f"Labelled events that the tuned rule misses: {_named(missed)}.")
    if made.unmatched:
        out.line(
            "Labelled events that the rule does not match, or the lake does not hold: "
            f"{_named(sorted(made.unmatched))}."
        )


def _snippets(made: Tuned) -> None:
    from sharedline.cli import out

    for text, title in (
        (made.snippet(), "The rule, tuned:"),
        (made.filter_snippet(), "The rule without the noisy, which need a rule of their own:"),
    ):
        if text:
            out.line("")
            out.line(f"# {title}")
            out.line(text.rstrip())


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _many(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


# -- what hides findings ---------------------------------------------------------------------


def _suppressions(folder: Path, scan_id: str, fmt: str) -> int:
    from sharedline.cli import out
    from sharedline.inventory.engines import quoted
    from sharedline.resource import register
    from sharedline.trail.tune.suppressions import judge, worst

    results = results_of(folder, scan_id)
    unread = _unread(results)

    def rows(table: str) -> list[dict[str, Any]]:
        register(results, table)
        found = results.duck.query(f"select * from {quoted(table)}").to_pylist()
        return list(found)

    found = judge(rows, results.manifest.as_of)
    if fmt == "json":
        out.as_json({"suppressions": [one.plain() for one in found], "unread": unread})
    else:
        _judged(found, unread)
    if worst(found) == "too broad":
        return 1
    return 3 if unread or worst(found) else 0


#: What the judgement stands on.
_TABLES = (
    "guardduty_filter",
    "guardduty_finding",
    "securityhub_automation_rule",
    "securityhub_finding",
)


def _unread(results: Any) -> list[str]:
    data = results.manifest.data
    missing = [f"{t}: not part of this scan" for t in _TABLES if t not in data["tables"]]
    failed = {
        f"{x['table']} in {x['account_id']} {x['region']}: {x['call']} {x['code']}".strip()
        for x in results.manifest.failures
        if x["table"] in _TABLES
    }
    return missing + sorted(failed)


def _judged(found: list[Suppression], unread: list[str]) -> None:
    from sharedline.cli import out

    rows = [
        {
            "verdict": one.verdict,
            "kind": one.kind,
            "name": one.name,
            "does": one.does,
            "hides": _counted(one.hides) or "none",
            "may": _counted(one.may_hide),
            "limits": ", ".join(one.limits) or "nothing",
            "where": f"{one.account} {one.region}",
            "why": one.reason,
            "what": f"{one.name}: {one.reason}",
        }
        for one in found
    ]
    narrow = (("verdict", "Verdict", 13), ("kind", "Kind", 17), ("what", "What and why", 0))
    wide = (
        ("verdict", "Verdict", 13),
        ("kind", "Kind", 17),
        ("name", "Name", 22),
        ("where", "Where", 25),
        ("hides", "Hides", 22),
        ("may", "May hide", 12),
        ("why", "Why", 0),
    )
    if rows:
        out.table(rows, narrow, wide=wide, wrapped=("what", "why", "hides", "may"))
    for one in found:
        for arn in one.findings[:3] if one.verdict == "too broad" else ():
            out.line(f"{one.name} hides {arn}")
    if not rows:
        out.line("The scan holds no filter of GuardDuty and no automation rule of Security Hub.")
    for what in unread:
        out.note(f"Not read: {what}.")


def _counted(hidden: Any) -> str:
    return ", ".join(f"{number} {severity}" for severity, number in hidden.items())
