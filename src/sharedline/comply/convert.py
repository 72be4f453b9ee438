"""Makes a framework's `catalog.json` from an OSCAL catalogue, NIST's or the user's licensed own."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sharedline.comply.spelling import nist
from sharedline.errors import Error
from sharedline.text import toml

_INSERT = re.compile(r"{{\s*insert:\s*param,\s*([^\s}]+)\s*}}")


def from_oscal(path: Path) -> list[dict[str, Any]]:
    """The parts of an OSCAL catalogue (JSON), in its order, as `catalog.json` holds them.

    Raises:
        Error: The file is no OSCAL catalogue.
    """
    try:
        catalog = json.loads(path.read_text("utf-8"))["catalog"]
        return [part for control in _controls(catalog) for part in _control(control)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Error(
            f"{path} is no OSCAL catalogue ({type(error).__name__}: {error}).",
            "Give the JSON file of a catalogue, with a member `catalog`.",
        ) from error


def from_csv(path: Path) -> list[dict[str, Any]]:
    """The parts of a table with columns `id`, `title` and, if wanted, `text`, `of` and `in`.

    Raises:
        Error: A column is missing or a row has no id.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Error(f"{path} cannot be read as CSV ({error}).", "Save it as UTF-8 CSV.") from error
    if not rows or not {"id", "title"} <= set(rows[0]):
        raise Error(f"{path} has no columns id and title.", "Add a first line with their names.")
    out = []
    for number, row in enumerate(rows, 2):
        if not (row["id"] or "").strip():
            raise Error(f"{path}, line {number}: a control without an id.", "Give it one.")
        part = {k: (row.get(k) or "").strip() for k in ("id", "title", "text", "of", "in")}
        part["title"] = part["title"] or part["id"]
        out.append({k: v for k, v in part.items() if v})
    return out


def lines_of(framework: str, parts: Sequence[Mapping[str, Any]]) -> str:
    """The lines of the framework that comes with Sharedline, for the parts that are in both."""
    from sharedline.comply import catalogue

    ours = catalogue.load(framework)
    known = {part["id"]: catalogue.part_of(ours, part["id"]) for part in parts}
    out = []
    for name, part in known.items():
        if part is None or not part.reviewed or part.capability is None:
            continue
        duties = ", ".join(map(toml, part.duties))
        out.append(f"[[line]]\nparts = [{toml(name)}]\nduties = [{duties}]")
        out[-1] += f'\nside = "{part.side.value}"\ncapability = "{part.capability.value}"'
        texts = {"aws": part.aws, "you": part.you, "source": part.source}
        out[-1] += "".join(f"\n{k} = {toml(v)}" for k, v in texts.items() if v)
        out[-1] += f"\nread = {part.read}\n" if part.read else "\n"
    return "\n".join(out)


def write(target: Path, head: str, parts: Sequence[Mapping[str, Any]], lines: str) -> None:
    """Writes a framework's folder; its head last, without which it is none.

    Raises:
        Error: The folder cannot be written.
    """
    try:
        (target / "lines").mkdir(parents=True, exist_ok=True)
        rows = ",\n".join(json.dumps(part, ensure_ascii=False) for part in parts)
        (target / "catalog.json").write_text(f"[\n{rows}\n]\n", "utf-8")
        if lines:
            (target / "lines" / "ours.toml").write_text(lines, "utf-8")
        (target / "framework.toml").write_text(head, "utf-8")
    except OSError as error:
        raise Error(f"{target} cannot be written ({error}).", "Check the folder.") from error


def baseline(path: Path) -> set[str]:
    """The control ids of a baseline, from the CSV file in which NIST publishes it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["identifier"].strip() for row in csv.DictReader(file)}


def _controls(group: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for inner in group.get("groups", ()):
        yield from _controls(inner)
    for control in group.get("controls", ()):
        yield control
        yield from _controls(control)


def _control(control: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    name = nist(control["id"])
    params = {p["id"]: p for p in control.get("params", ())}
    if any(p["name"] == "status" and p["value"] == "withdrawn" for p in control.get("props", ())):
        yield {"id": name, "title": control["title"], "withdrawn": True}
        return
    statements = [p for p in control.get("parts", ()) if p["name"] == "statement"]
    statement: Mapping[str, Any] = statements[0] if statements else {}
    yield {"id": name, "title": control["title"], **_text(statement, params)}
    yield from _items(statement, name, name, control["title"], params)


def _items(
    part: Mapping[str, Any], above: str, control: str, title: str, params: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for item in part.get("parts", ()):
        if item.get("name") != "item":
            continue
        name = nist(item["id"])
        yield {"id": name, "title": title, "of": above, **_text(item, params)}
        yield from _items(item, name, control, title, params)


def _text(part: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, str]:
    prose = part.get("prose", "")
    text = _INSERT.sub(lambda found: f"[{_asked(found[1], params, 0)}]", prose)
    return {"text": " ".join(text.split()).replace("] ;", "];")} if text else {}


def _asked(name: str, params: Mapping[str, Any], depth: int) -> str:
    """What a parameter asks for, in words: `time period`, `one of: a; b`."""
    param = params.get(name, {})
    if depth < 3 and (select := param.get("select")):
        choices = [
            _INSERT.sub(lambda f: f"[{_asked(f[1], params, depth + 1)}]", choice)
            for choice in select.get("choice", ())
        ]
        many = "one or more of" if select.get("how-many") == "one-or-more" else "one of"
        return f"{many}: {'; '.join(choices)}"
    return str(param.get("label", name))
