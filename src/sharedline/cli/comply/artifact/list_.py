"""`sharedline comply artifact list`: the register, and what a control part can lean on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.comply.artifact.supports import Library

COLUMNS = (
    "series",
    "name",
    "id",
    "version",
    "period_start",
    "period_end",
    "on_file",
    "accepted_by",
    "accepted_at",
    "sha256",
    "company",
    "state",
    "basis",
)


@click.command(name="list")
@folder_option
@format_option("text", "json", "csv", "markdown")
@click.option(
    "--for",
    "part",
    default="",
    metavar="FRAMEWORK:PART",
    help="Only what supports this part, and the series you could still get.",
)
def command(folder: Path, fmt: str, part: str) -> int:
    """The reports and agreements on record, and what a control part can lean on."""
    from sharedline.cli import out
    from sharedline.comply.artifact.register import open_register
    from sharedline.comply.artifact.supports import library
    from sharedline.project import open_project

    project = open_project(folder)
    artifact = project.folder / "artifact"
    shelf = library(open_register(artifact), artifact)
    found = _for(shelf, part, project.folder / "frameworks") if part else _all(shelf)
    if out.rows(fmt, found, COLUMNS):
        return 0
    drawn = [{**r, "period": _period(r), "file": "yes" if r["on_file"] else "no"} for r in found]
    last = ("basis", "How", 8) if part else ("accepted_by", "Accepted by", 14)
    out.table(
        drawn,
        (("name", "Report", 0), ("series", "Series", 12), ("period", "Period", 24), last),
        wide=(
            ("name", "Report", 0),
            ("id", "Id", 23),
            ("series", "Series", 16),
            ("period", "Period", 24),
            ("file", "On file", 7),
            last,
        ),
    )
    for agreement in () if part else shelf.register.agreements:
        out.line(f"Agreement: {agreement.name}, {agreement.state or 'state unknown'}.")
    return 0


def _row(shelf: Library, report: Any, basis: str = "") -> dict[str, Any]:
    from sharedline.comply.artifact.series import third_party

    series = shelf.known.of(report)
    unmapped = "(vendor)" if third_party(report) else "(unmapped)"
    return {
        "series": series.id if series else unmapped,
        "name": report.name,
        "id": report.id,
        "version": report.version,
        "period_start": str(report.period_start or ""),
        "period_end": str(report.period_end or ""),
        "on_file": report.on_file,
        "accepted_by": report.terms.accepted_by if report.terms else "",
        "accepted_at": _moment(report),
        "sha256": report.sha256,
        "company": report.company,
        "state": report.state,
        "basis": basis,
    }


def _moment(report: Any) -> str:
    at = report.terms.accepted_at if report.terms else None
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def _all(shelf: Library) -> list[dict[str, Any]]:
    found = [_row(shelf, r) for r in shelf.register.reports]
    return sorted(found, key=lambda r: (not r["on_file"], r["series"][:1] == "(", r["series"]))


def _for(shelf: Library, spelled: str, own: Path) -> list[dict[str, Any]]:
    """The reports that support a part, and a row for each series that nobody has yet."""
    from sharedline.comply.catalogue import load, part_of
    from sharedline.errors import Error

    framework, _, name = spelled.partition(":")
    part = part_of(load(framework, own), name)
    if part is None:
        raise Error(f"There is no part {name!r} of {framework}.", "Write nist-800-53-r5:PE-3.")
    rows = []
    for series in shelf.known.series.values():
        basis = series.supporting(part)
        if basis is None:
            continue
        reports = shelf.by_series.get(series.id, ())
        rows += [_row(shelf, r, str(basis)) for r in reports]
        if not reports:
            empty: dict[str, Any] = dict.fromkeys(COLUMNS, "")
            to_get = {"series": series.id, "name": series.title, "on_file": False}
            rows.append({**empty, **to_get, "basis": str(basis)})
    return rows


def _period(row: dict[str, Any]) -> str:
    start, end = row["period_start"], row["period_end"]
    return f"{start or '?'} to {end or '?'}" if start or end else "unknown" if row["id"] else "-"
