"""`sharedline comply artifact gaps`: what is missing of AWS's paper for an audit window."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option, scan_option

if TYPE_CHECKING:
    from sharedline.comply.artifact.gap import Gap
    from sharedline.comply.model import Part

COLUMNS = ("kind", "subject", "sentence", "todo", "report", "names")
#: So many of one kind are shown in text; the machine formats have all.
SHOWN = 12


@click.command(name="gaps")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option(
    "--framework",
    "frameworks",
    multiple=True,
    default=("nist-800-53-r5",),
    show_default=True,
    help="What is asked for; repeat it for several.",
)
@click.option("--baseline", default="", help="Only parts of this baseline, e.g. moderate.")
@click.option("--from", "start", type=click.DateTime(("%Y-%m-%d",)), help="The window's first day.")
@click.option("--to", "end", type=click.DateTime(("%Y-%m-%d",)), help="Its last; today by default.")
def command(
    folder: Path,
    scan_id: str,
    fmt: str,
    frameworks: tuple[str, ...],
    baseline: str,
    start: datetime | None,
    end: datetime | None,
) -> int:
    """What is missing: reports, periods, services, Regions, terms, mappings.

    Compares the reports on file with the control parts on which AWS must act, with the audit
    window (the last 365 days by default), and with the services and Regions that the last scan
    found in use. Exit code 1 where something is missing, 3 where AWS refused to say.
    """
    from sharedline.cli import out
    from sharedline.comply.artifact.gap import GapKind, changed_files
    from sharedline.comply.artifact.gaps import gaps
    from sharedline.comply.artifact.register import open_register
    from sharedline.comply.artifact.supports import library
    from sharedline.errors import Error
    from sharedline.project import open_project

    last = end.date() if end else datetime.now(UTC).date()
    window = (start.date() if start else last - timedelta(days=365), last)
    if window[0] > window[1]:
        raise Error("The window ends before it starts.", "Give --from before --to.")
    project = open_project(folder)
    artifact = project.folder / "artifact"
    register = open_register(artifact)
    asked = _asked(frameworks, baseline, project.folder / "frameworks")
    services, regions = _in_use(folder, scan_id)
    found = changed_files(register, artifact)
    found += gaps(library(register, artifact), asked, window, services, regions)
    if not out.rows(fmt, [_plain(g) for g in found], COLUMNS):
        _text(found, window)
    if any(g.kind is GapKind.UNREAD for g in found):
        return 3
    return 1 if found else 0


def _asked(frameworks: tuple[str, ...], baseline: str, own: Path) -> dict[str, list[Part]]:
    """The controls, each with its parts."""
    from sharedline.comply.catalogue import load

    asked: dict[str, list[Part]] = {}
    for name in frameworks:
        for part in load(name, own).parts.values():
            if not baseline or baseline in part.baselines:
                asked.setdefault(f"{name}:{part.control}", []).append(part)
    return asked


def _in_use(folder: Path, scan_id: str) -> tuple[set[str], set[str]]:
    """Services and Regions with resources in the scan; none, and a note, where there is no scan."""
    from sharedline.cli import out
    from sharedline.cli.common import results_of
    from sharedline.errors import Error

    try:
        results = results_of(folder, scan_id)
    except Error as error:
        if scan_id:
            raise
        out.note(f"Services and Regions in use are not compared: {error.message}")
        return set(), set()
    regions = results.duck.query("select distinct region from finding where region <> ''")
    return set(results.services()), {r["region"] for r in regions.to_pylist()}


def _plain(gap: Gap) -> dict[str, Any]:
    return {
        "kind": str(gap.kind),
        "subject": gap.subject,
        "sentence": gap.sentence,
        "todo": gap.todo,
        "report": gap.report,
        "names": list(gap.names),
    }


def _text(found: list[Gap], window: tuple[date, date]) -> None:
    from sharedline.cli import out

    counted = Counter(str(g.kind) for g in found)
    out.line(f"{len(found):,} gaps from {window[0]} to {window[1]}.")
    shown: Counter[str] = Counter()
    rows = []
    for gap in found:
        shown[gap.kind] += 1
        if shown[gap.kind] <= SHOWN:
            rows.append({**_plain(gap), "what": f"{gap.sentence} {gap.todo}"})
    if rows:
        out.table(
            rows,
            (
                ("kind", "Gap", 15),
                ("subject", "Of", 20),
                ("what", "What is missing, what to do", 0),
            ),
            wide=(
                ("kind", "Gap", 20),
                ("subject", "Of", 40),
                ("what", "What is missing, what to do", 0),
            ),
            wrapped=("what", "subject"),
        )
    for kind, number in counted.items():
        if number > SHOWN:
            out.note(f"{number - SHOWN:,} more of {kind}: `--format json` has all.")
