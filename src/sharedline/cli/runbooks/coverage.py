"""`sharedline runbooks coverage`: what can be raised, which runbook answers it, tested when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option
from sharedline.cli.runbooks.common import days_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharedline.runbooks.coverage import Row

COLUMNS = (
    *("kind", "id", "title", "severity", "can_be_raised", "why", "open", "weight"),
    *("runbooks", "owners", "status", "tested", "how"),
)
_KINDS = ("guardduty", "control", "check", "detection")
_STATUSES = ("unanswered", "untested", "stale", "tested")


@click.command(name="coverage")
@folder_option
@scan_option
@format_option()
@days_option
@click.option("--kind", type=click.Choice(_KINDS), help="Only GuardDuty's types, controls, …")
@click.option("--status", type=click.Choice(_STATUSES), help="Only what stands so.")
@click.option("--possible", is_flag=True, help="Only what this estate can raise, or may.")
@click.option("--limit", type=int, default=20, show_default=True, help="Rows of text; 0 for all.")
def command(folder: Path, scan_id: str, fmt: str, days: int, **asked: Any) -> int:
    """Which runbook answers each finding type, control and detection.

    A row's weight is its severity (critical 4, high 3, medium 2, low 1), and 0 where the estate
    cannot raise it: its protection is off, or the service is not in use. What the scan cannot tell
    weighs as if it could. Exit code 1 where something that can be raised has no runbook, 3 where
    only what the scan cannot tell about has none.
    """
    from sharedline.cli import out
    from sharedline.cli.runbooks.common import library_of, today, unreadable
    from sharedline.runbooks import coverage, estate

    results = results_of(folder, scan_id)
    library = library_of(results.project)
    unreadable(library)
    by = coverage.Asked(today(), days)
    found = coverage.rows(library, results.checks, estate.of(results), by)
    chosen = [
        row
        for row in found
        if (not asked["kind"] or row.kind == asked["kind"])
        and (not asked["status"] or row.status == asked["status"])
        and (not asked["possible"] or row.answer.can is not False)
    ]
    plain = [row.plain() for row in chosen]
    if fmt == "json":
        out.as_json({"summary": coverage.summary(found), "rows": plain})
    elif not out.rows(fmt, plain, COLUMNS):
        _text(coverage.summary(found), plain, asked["limit"])
    return _code(chosen)


def _code(found: Sequence[Row]) -> int:
    lost = {row.answer.can for row in found if row.status == "unanswered"}
    return 1 if True in lost else 3 if None in lost else 0


_SAID = {
    "guardduty": "GuardDuty's finding types",
    "control": "Security Hub's controls",
    "check": "Checks without a control",
    "detection": "Own detections",
}


def _text(summary: list[dict[str, Any]], rows: list[dict[str, Any]], limit: int) -> None:
    from sharedline.cli import out

    for row in summary:
        row["what"] = _SAID[row["kind"]]
        row["possible"] = row["can_be_raised"] + row["unknown"]
    out.table(
        summary,
        (
            *(("what", "What", 25), ("known", "Known", 5), ("possible", "Possible", 8)),
            *(("answered", "Answered", 8), ("tested", "Tested", 6)),
            ("weight_answered", "Weight", 6),
            ("weight", "of", 0),
        ),
    )
    unknown = sum(row["unknown"] for row in summary)
    if unknown:
        out.line(f"Of the possible ones a scan cannot tell {unknown} for sure.")
    out.line("")
    shown = rows[:limit] if limit else rows
    for row in shown:
        row["runbook"] = ", ".join(row["runbooks"]) or "none"
        row["raised"] = row["can_be_raised"]
        row["tested"] = row["tested"] or ("never" if row["runbooks"] else "")
    narrow = (
        *(("severity", "Severity", 8), ("raised", "Raised", 7)),
        *(("runbook", "Runbook", 20), ("id", "What", 0)),
    )
    wide = (
        *(("severity", "Severity", 8), ("raised", "Raised", 7), ("why", "Why", 34)),
        *(("runbook", "Runbook", 26), ("tested", "Tested", 10), ("id", "What", 0)),
    )
    out.table(shown, narrow, wide=wide)
    if len(shown) < len(rows):
        out.line(f"{len(rows) - len(shown)} more; `--limit 0` shows all.")
