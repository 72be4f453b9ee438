"""The rows of a scenario as CSV and as a workbook: files that spreadsheets open and give back."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from sharedline.errors import ConfigError
from sharedline.exercise.model import NAME, Scenario
from sharedline.exercise.msel import KIND, KINDS, Row, columns, from_plain, rows, scenario_of

#: A workbook of a whole exercise is 40 kB; one that unpacks to more than this is none.
MOST = 50_000_000
_MOST_ROWS = 20_000
#: What a spreadsheet would run, and what was quoted so that it would not.
_RUNS = re.compile(r"'* *[=+\-@\t\r\n＝＋－＠]")
_QUOTED = re.compile(r"''* *[=+\-@\t\r\n＝＋－＠]")


def to_csv(scenario: Scenario) -> str:
    """One table of all rows, each with its kind."""
    heads = [KIND, *dict.fromkeys(c for kind in KINDS for c in columns(kind))]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    for kind, row in rows(scenario):
        writer.writerow([kind, *(_quoted(row.get(c, "")) for c in heads[1:])])
    return out.getvalue()


def _quoted(text: str) -> str:
    return f"'{text}" if _RUNS.match(text) else text


def _unquoted(text: str) -> str:
    # Spreadsheets end the lines of a cell as they like.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text[1:] if _QUOTED.match(text) else text


def to_xlsx(scenario: Scenario) -> bytes:
    """A workbook with a sheet for each kind of row, texts as texts."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    found: dict[str, list[Row]] = {kind: [] for kind in KINDS}
    for kind, row in rows(scenario):
        found[kind].append(row)
    for kind, mine in found.items():
        sheet = book.create_sheet(kind)
        heads = columns(kind)
        for n, values in enumerate([dict(zip(heads, heads, strict=True)), *mine], 1):
            for m, head in enumerate(heads, 1):
                if not values.get(head):
                    continue
                cell = sheet.cell(n, m)
                cell.value = _escaped(values[head])
                cell.data_type = "s"  # what begins with = is a text and not a formula
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for m, head in enumerate(heads, 1):
            width = 60 if head in ("text", "consequence", "summary") else 22
            sheet.column_dimensions[sheet.cell(1, m).column_letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _escaped(text: str) -> str:
    # In a workbook `_x0041_` stands for a character, so that it must be written escaped itself.
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def _unescaped(text: str) -> str:
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def read_any(path: Path, name: str = "") -> Scenario:
    """The scenario of a `.csv` or `.xlsx` file: one of ours, or another tool's plain list."""
    where = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}).", "Name a CSV file or a workbook."
        ) from error
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise ConfigError(f"{path} is neither .csv nor .xlsx.", "Save it as one of them.")
    sheets = _csv(data, where) if suffix == ".csv" else _xlsx(data, where)
    return _scenario(sheets, name or _name(path.stem), where)


def _scenario(sheets: dict[str, list[Row]], name: str, where: str) -> Scenario:
    """One sheet of rows that say their kind, a sheet for each kind, or a plain list."""
    all_rows = [(title, row) for title, found in sheets.items() for row in found]
    if any(KIND in row for _, row in all_rows):
        return scenario_of(
            [(r.get(KIND, ""), {k: v for k, v in r.items() if k != KIND}) for _, r in all_rows],
            where,
        )
    if "scenario" in sheets and "inject" in sheets:
        return scenario_of(all_rows, where)
    return from_plain([row for _, row in all_rows], name, where)


def _name(stem: str) -> str:
    word = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60]
    return word if re.search(NAME, word) else "imported"


def _csv(data: bytes, where: str) -> dict[str, list[Row]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{where} is not UTF-8 text.", "Save it as CSV UTF-8, or as .xlsx."
        ) from error
    # Spreadsheets of half of Europe separate by semicolons.
    first = text.partition("\n")[0]
    mark = ";" if first.count(";") > first.count(",") else ","
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise ConfigError(f"{where} is not CSV ({error}).", "Save it again.") from error
    return {"csv": list(_rows(iter(table)))}


def _rows(table: Iterator[list[str]]) -> Iterator[Row]:
    heads = [h.strip() for h in next(table, [])]
    for row in table:
        if any(row):
            yield {h: _unquoted(v) for h, v in zip(heads, row, strict=False) if h}


def _xlsx(data: bytes, where: str) -> dict[str, list[Row]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(i.file_size for i in packed.infolist()) > MOST:
                raise ConfigError(f"{where} unpacks to too much.", f"At most {MOST:,} bytes.")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return {s.title: list(_cells(s.iter_rows(values_only=True))) for s in book.worksheets}
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        # SyntaxError: the base of XML's parse errors.
        raise ConfigError(f"{where} is not a workbook ({error}).", "Save it as .xlsx.") from error


def _cells(found: Iterator[tuple[object, ...]]) -> Iterator[Row]:
    heads = [_said(v).strip() for v in next(found, ())]
    for n, row in enumerate(found):
        if n > _MOST_ROWS:
            return
        if any(v is not None for v in row):
            yield {h: _said(v) for h, v in zip(heads, row, strict=False) if h and v is not None}


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("\r\n", "\n")
    return _unescaped(text) if isinstance(value, str) else text
