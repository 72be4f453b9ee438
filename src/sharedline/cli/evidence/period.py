"""`sharedline evidence period`: whether a control operated from one day to another."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.comply.evidence.choose import Chosen
    from sharedline.comply.evidence.period import Answer, OverTime
    from sharedline.comply.evidence.store import Store
    from sharedline.project import Project

#: So many lines of a list are shown in text; JSON has all.
SHOWN = 20
_DAY = click.DateTime(("%Y-%m-%d",))


@click.command(name="period")
@folder_option
@format_option("text", "json")
@click.option("--control", default="", metavar="FRAMEWORK:ID", help="Such as nist-800-53-r5:AC-2.")
@click.option("--duty", default="", help="A duty, with every check of it.")
@click.option("--check", default="", help="One check.")
@click.option("--from", "start", type=_DAY, required=True, help="The first UTC day.")
@click.option("--to", "end", type=_DAY, required=True, help="The last UTC day.")
@click.option(
    "--every", type=click.IntRange(1), default=7, show_default=True, help="Most days between looks."
)
@click.option("--named", is_flag=True, help="With --control: only checks that name it.")
@click.option(
    "--samples", type=click.IntRange(0), default=25, show_default=True, help="Looks to draw."
)
@click.option("--seed", default="", help="Draws others; the same seed draws the same.")
def command(
    folder: Path,
    fmt: str,
    start: datetime,
    end: datetime,
    every: int,
    samples: int,
    seed: str,
    **asked: Any,
) -> int:
    """Whether a control operated over a period: population, samples, gaps in coverage.

    It operated, it did not, or it cannot be shown, with the gap. Exit code 1 where it did not, 3
    where it cannot be shown.
    """
    from sharedline.comply.evidence.period import Verdict, answer
    from sharedline.comply.evidence.store import open_store
    from sharedline.errors import Error
    from sharedline.project import open_project

    if end < start:
        raise Error("--to is before --from.", "Give the first day, then the last.")
    if sum(bool(asked[k]) for k in ("control", "duty", "check")) != 1:
        raise Error("Ask about one thing.", "Give --control, --duty or --check.")
    project = open_project(folder)
    store = open_store(project.evidence)
    found = answer(
        asked["control"] or asked["duty"] or asked["check"],
        _chosen(store, project, asked),
        store.items(),
        start.date(),
        end.date(),
        every=every,
        samples=samples,
        seed=seed,
    )
    if fmt == "json":
        _as_json(found)
    else:
        _as_text(found)
    return {Verdict.OPERATED: 0, Verdict.DID_NOT: 1, Verdict.UNSHOWN: 3}[found.verdict]


def _chosen(store: Store, project: Project, asked: dict[str, Any]) -> Chosen:
    from sharedline.comply.evidence import choose

    checks = [item for _, item in store.items("check")]
    if asked["check"]:
        return choose.by_check(asked["check"], checks)
    if asked["duty"]:
        return choose.by_duty(asked["duty"], checks)
    return choose.by_control(asked["control"], checks, project.frameworks, named=asked["named"])


def _as_json(found: Answer) -> None:
    from dataclasses import asdict

    from sharedline.cli import out

    plain = asdict(found)
    plain["statements"] = [{"index": i, **item} for i, item in found.statements]
    plain["drawn"] = [
        {"check": over.check, "index": look.index, "observed": look.observed, "scan": look.scan}
        for over, look in found.drawn
    ]
    out.as_json(plain)


def _as_text(found: Answer) -> None:
    from sharedline.cli import out

    out.wrapped(f"{found.asked}: {found.title}")
    out.wrapped(f"{found.start} to {found.end}: {found.verdict}. {_sentence(found.why)}")
    if found.checks:
        out.line("")
        out.table(
            [_row(over) for over in found.checks],
            (("verdict", "Verdict", 15), ("looks", "Looks", 5), ("what", "Check and why", 0)),
            wide=(
                ("verdict", "Verdict", 15),
                ("by", "By", 6),
                ("looks", "Looks", 5),
                ("population", "Population", 12),
                ("most", "Exceptions", 10),
                ("check", "Check", 0),
                ("why", "Why", 0),
            ),
            wrapped=("what", "why", "check"),
        )
    _gaps(found)
    _exceptions(found)
    _statements(found)
    if found.drawn:
        out.line("")
        out.line("Looks drawn for a person to go through:")
        for over, look in found.drawn:
            out.line(f"  item {look.index}: {over.check}, scan {look.scan}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _row(over: OverTime) -> dict[str, Any]:
    sizes = [look.population for look in over.looks]
    low, high = (min(sizes), max(sizes)) if sizes else (0, 0)
    return {
        "verdict": str(over.verdict),
        "by": over.by,
        "looks": len(over.looks),
        "population": f"{low}" if low == high else f"{low} to {high}",
        "most": max((look.exceptions for look in over.looks), default=0),
        "check": over.check,
        "why": over.why,
        "what": f"{over.check}: {over.why}",
    }


def _gaps(found: Answer) -> None:
    from collections import Counter

    from sharedline.cli import out

    counted = Counter((gap.start, gap.end, gap.days) for over in found.checks for gap in over.gaps)
    if counted:
        out.line("")
        out.line("Gaps in coverage:")
    for (start, end, days), many in sorted(counted.items())[:SHOWN]:
        out.line(f"  {start:%Y-%m-%d} to {end:%Y-%m-%d}, {days} days: {many} checks")


def _exceptions(found: Answer) -> None:
    from sharedline.cli import out

    every = [(over, one) for over in found.checks for one in over.exceptions]
    if not every:
        return
    out.line("")
    out.table(
        [
            {
                "first": f"{one.first:%Y-%m-%d}",
                "closed": f"{one.closed:%Y-%m-%d}" if one.closed else one.state,
                "resource": one.resource,
                "check": over.check,
            }
            for over, one in every[:SHOWN]
        ],
        (("first", "Exception", 10), ("closed", "Closed", 10), ("resource", "Resource", 0)),
        wide=(
            ("first", "Exception", 10),
            ("closed", "Closed", 10),
            ("check", "Check", 40),
            ("resource", "Resource", 0),
        ),
    )
    if len(every) > SHOWN:
        out.line(f"  and {len(every) - SHOWN} more (--format json).")


def _statements(found: Answer) -> None:
    from sharedline.cli import out

    if found.statements:
        out.line("")
        out.line("What people and AWS stated:")
    for index, item in found.statements[:SHOWN]:
        by = f" ({item['attester']})" if item.get("attester") else ""
        until = f", until {item['expires'][:10]}" if item.get("expires") else ""
        out.wrapped(f"item {index}, {item['kind']}{until}: {item['statement']}{by}", 2)
