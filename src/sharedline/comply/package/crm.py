"""The customer responsibility matrix: one line per control part, as CSV, Markdown and XLSX."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from sharedline.comply.package.common import Context
from sharedline.comply.package.evidence import cell
from sharedline.comply.package.naming import day, line
from sharedline.comply.package.oscal_poam import poam_id
from sharedline.comply.package.verdicts import Verdict
from sharedline.comply.values import spoken

#: Key, heading, width in the workbook.
COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("part", "Control part", 14),
    ("control", "Control", 12),
    ("title", "Title", 32),
    ("text", "Requirement", 60),
    ("side", "Who must act", 13),
    ("capability", "What AWS offers", 22),
    ("crm", "Can be inherited", 15),
    ("fedramp", "FedRAMP control origination", 30),
    ("ccm", "CCM ownership", 20),
    ("pci", "PCI DSS 12.8.5", 16),
    ("oscal", "OSCAL control-origination", 24),
    ("aws", "AWS does", 60),
    ("you", "You do", 60),
    ("duties", "Duties", 30),
    ("owner", "Owner", 18),
    ("status", "Status", 12),
    ("satisfied", "Shown to be done", 15),
    ("why", "Why", 50),
    ("checks", "Checks that name it", 40),
    ("reports", "AWS reports on file", 30),
    ("source", "Source of the line", 40),
    ("read", "Read", 12),
    ("reviewed", "Line reviewed", 13),
)
_WORK = (
    ("id", "Id", 10), ("severity", "Severity", 10), ("kind", "Kind", 12), ("title", "What", 50),
    ("owner", "Owner", 18), ("due", "Due", 12), ("late", "Late", 8), ("since", "Since", 12),
    ("count", "How many", 10), ("check", "Check", 34), ("parts", "Control parts", 14),
    ("todo", "What to do", 60), ("accepted", "Accepted", 50),
)  # fmt: skip
_REPORTS = (
    ("id", "Id", 24), ("version", "Version", 9), ("title", "Title", 50), ("start", "From", 12),
    ("end", "To", 12), ("sha256", "SHA-256 of the document", 66), ("accepted", "Terms accepted", 30),
)  # fmt: skip
_EXPLAINED = {
    "Who must act": "aws: inherited whole; customer: yours; shared: each its half; unknown: nobody "
    "has drawn the line.",
    "Can be inherited": "yes, partial or no, as FedRAMP's customer responsibility matrix asks.",
    "Shown to be done": "yes only where checks that name the part, or a person, show your half and "
    "a report on file shows AWS's.",
    "Whose words": "The line is Sharedline's reading of AWS's public pages; AWS has not approved "
    "it.",
}
_IN_MARKDOWN = ("part", "title", "side", "crm", "aws", "you", "owner", "status", "satisfied")

Row = dict[str, str]


def rows(ctx: Context) -> list[Row]:
    """One row per control part that is more than a heading."""
    return [_row(ctx, verdict) for verdict in ctx.verdicts.values()]


def _row(ctx: Context, verdict: Verdict) -> Row:
    part, words = verdict.part, spoken(verdict.part)
    return {
        "part": part.id,
        "control": ctx.at[part.id].of,
        "title": line(part.title),
        "text": line(part.text),
        "side": part.side,
        "capability": part.capability or "",
        "crm": words.crm,
        "fedramp": words.fedramp,
        "ccm": words.ccm,
        "pci": words.pci,
        "oscal": words.oscal,
        "aws": line(part.aws),
        "you": line(part.you),
        "duties": ", ".join(part.duties),
        "owner": ", ".join(verdict.owners) or "nobody",
        "status": verdict.status,
        "satisfied": "yes" if verdict.satisfied else "no",
        "why": line(verdict.reason),
        "checks": ", ".join(verdict.checks),
        "reports": ", ".join(r.key for r in verdict.reports),
        "source": part.source,
        "read": day(part.read),
        "reviewed": "yes" if part.reviewed else "no",
    }


def work_rows(ctx: Context) -> Iterator[Row]:
    """One row per item of the plan of action, with the same numbers."""
    number = 0
    for work in ctx.work:
        for share in work.shares:
            number += 1
            yield {
                "id": poam_id(number),
                "severity": work.severity,
                "kind": work.kind,
                "title": line(work.title),
                "owner": share.owner,
                "due": day(share.due),
                "late": "yes" if share.due < ctx.inputs.moment and work.kind != "waived" else "no",
                "since": day(share.since),
                "count": str(share.count),
                "check": work.check,
                "parts": str(len(work.parts)),
                "todo": line(work.todo),
                "accepted": line("; ".join(work.accepted)),
            }


def _report_rows(ctx: Context) -> Iterator[Row]:
    for r in ctx.inputs.reports:
        accepted = f"{r.accepted_by}, {day(r.accepted_at)}" if r.accepted_by else ""
        yield {
            "id": r.id, "version": r.version, "title": line(r.title), "start": day(r.start),
            "end": day(r.end), "sha256": r.sha256, "accepted": accepted,
        }  # fmt: skip


def write(ctx: Context, folder: Path) -> None:
    """Writes the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    found = rows(ctx)
    with (folder / "responsibility-matrix.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([key for key, _, _ in COLUMNS])
        writer.writerows([cell(row[key]) for key, _, _ in COLUMNS] for row in found)
    with (folder / "responsibility-matrix.md").open("w", encoding="utf-8") as stream:
        stream.writelines(_markdown(ctx, found))
    (folder / "responsibility-matrix.xlsx").write_bytes(_workbook(ctx, found))


def _markdown(ctx: Context, found: Iterable[Row]) -> Iterator[str]:
    heads = {key: head for key, head, _ in COLUMNS}
    yield f"# Customer responsibility matrix: {_safe(ctx.name)}\n\n"
    yield f"{_safe(ctx.inputs.system)}, {ctx.inputs.window}, scan `{ctx.inputs.scan.id}`.\n\n"
    yield "| " + " | ".join(heads[k] for k in _IN_MARKDOWN) + " |\n"
    yield "|" + " --- |" * len(_IN_MARKDOWN) + "\n"
    for row in found:
        yield "| " + " | ".join(_safe(row[k]) for k in _IN_MARKDOWN) + " |\n"


def _safe(text: str) -> str:
    """Text in a cell of a Markdown table."""
    return line(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _workbook(ctx: Context, found: Sequence[Row]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    moment = ctx.inputs.moment.replace(tzinfo=None, microsecond=0)
    book.properties.created, book.properties.creator = moment, "Sharedline"
    book.properties.title = f"Customer responsibility matrix: {ctx.name}"
    _readme(book.create_sheet("Read me"), ctx)
    for name, columns, listed in (
        ("Responsibility matrix", COLUMNS, found),
        ("To do", _WORK, list(work_rows(ctx))),
        ("AWS reports", _REPORTS, list(_report_rows(ctx))),
    ):
        _sheet(book.create_sheet(name), columns, listed)
    out = BytesIO()
    book.save(out)
    return _timeless(out.getvalue(), f"{moment.isoformat()}Z")


def _readme(sheet: Any, ctx: Context) -> None:
    inputs = ctx.inputs
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 100
    moment = f"{inputs.moment:%Y-%m-%d %H:%M} UTC"
    for name, text in {
        "Framework": ctx.name,
        "System": inputs.system,
        "Window": str(inputs.window),
        "Scan": f"{inputs.scan.id}, as of {moment}",
        "Licence of the texts": inputs.framework.licence,
        **_EXPLAINED,
    }.items():
        sheet.append([_cell(sheet, name, bold=True), _cell(sheet, text)])


def _cell(sheet: Any, value: str, *, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    made = WriteOnlyCell(sheet, value=line(value)[:32_000])
    made.data_type = "s"  # a text that begins with = stays a text
    if bold:
        made.font = Font(bold=True)
    made.alignment = Alignment(wrap_text=True, vertical="top")
    return made


def _sheet(sheet: Any, columns: Sequence[tuple[str, str, int]], found: Sequence[Row]) -> None:
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, (_, _, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(found) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    heads = [_cell(sheet, head) for _, head, _ in columns]
    for head in heads:
        head.font, head.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", "1F3A5F")
    sheet.append(heads)
    # A row is written when it is appended, so that its cells, whose style costs most, serve again.
    cells = [_cell(sheet, "") for _ in columns]
    for row in found:
        for cell_of, (key, _, _) in zip(cells, columns, strict=True):
            text = line(row[key])[:32_000]
            cell_of.value = text or None
            if text:
                cell_of.data_type = "s"
        sheet.append(cells)


_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def _timeless(data: bytes, moment: str) -> bytes:
    """The workbook without the time at which it was written, so that the same gives the same."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            body = _MODIFIED.sub(rb"\g<1>" + moment.encode() + rb"\g<2>", old.read(name))
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, body)
    return out.getvalue()
