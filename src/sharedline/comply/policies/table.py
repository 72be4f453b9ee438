"""Clauses from a CSV file with columns id, title, text and, if wanted, owner, controls, duties."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from sharedline.comply.policies.clauses import Clause
from sharedline.errors import Error

_KNOWN = ("id", "title", "text", "section", "owner", "controls", "duties")


def clauses(path: Path, document: str) -> list[Clause]:
    """One clause a row.

    Raises:
        Error: A column is missing, a row has no id or no words, or an id comes twice.
    """
    names, rows = _rows(path)
    if not {"id", "text"} <= set(names):
        raise Error(f"{path} has no columns id and text.", f"Known are {', '.join(_KNOWN)}.")
    found: dict[str, Clause] = {}
    for place, row in rows:
        given = {k: (row.get(n) or "").strip() for k, n in names.items() if k in _KNOWN}
        if not any(given.values()):
            continue  # spreadsheets leave empty rows
        local, text = given["id"], given["text"]
        if not local or not (text or given.get("title")):
            raise Error(f"{path}, line {place}: a clause without id or words.", "Give it both.")
        if not local.isprintable() or len(local) > 100:
            raise Error(
                f"{path}, line {place}: {local[:100]!r} is no id.",
                "Write one line of at most 100 characters that show.",
            )
        name = re.sub(r"\s+", "-", local)
        if name in found:
            raise Error(f"{path}, line {place}: {name} is there twice.", "Rename one.")
        found[name] = Clause(
            f"{document}/{name}", document, local, given.get("title") or text[:80], text,
            (given["section"],) if given.get("section") else (), place,
            tuple(_names(f"{given.get('controls', '')};{given.get('duties', '')}")),
            given.get("owner", ""),
        )  # fmt: skip
    return list(found.values())


def _rows(path: Path) -> tuple[Mapping[str, str], list[tuple[int, dict[str, str]]]]:
    """The columns by their names in small, and the rows with their lines."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            # Excel writes semicolons where the comma is the decimal sign.
            mark = ";" if head.count(";") > head.count(",") else ","
            reader = csv.DictReader(file, strict=True, delimiter=mark)
            rows = [(reader.line_num, row) for row in reader]
            given = list(reader.fieldnames or ())
    except (UnicodeDecodeError, csv.Error) as error:
        raise Error(f"{path} cannot be read as CSV ({error}).", "Save it as UTF-8 CSV.") from error
    columns = [(name or "").strip().lower() for name in given]
    twice = [c for c in _KNOWN if columns.count(c) > 1]
    if twice:
        raise Error(f"{path} has two columns {twice[0]}.", "Rename one.")
    return dict(zip(columns, given, strict=True)), rows


def _names(text: str) -> list[str]:
    """Names between semicolons, commas or lines; a control's holds a colon and maybe spaces."""
    return [name.strip() for name in re.split(r"[;,\n]", text) if name.strip()]
