"""Reads the frameworks: their control parts, and the line through each, the most specific wins."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from sharedline.comply.model import FROM_DUTIES, KINDS, Capability, Framework, Part
from sharedline.comply.spelling import index, key, nist
from sharedline.duties.catalogue import entries, read_toml, refuse_unknown
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import ConfigError, Error
from sharedline.model import Duty, Side

_HEAD = {
    "id",
    "title",
    "publisher",
    "version",
    "url",
    "read",
    "licence",
    "text",
    "kind",
    "source",
    "baselines",
    "part",
}
_LINE = {"duties", "side", "capability", "aws", "you", "source", "read"}
#: `of` names the control whose lettered part it is, `in` the group under which it is listed.
_PART = _LINE | {"id", "title", "text", "of", "in", "baselines", "maps", "withdrawn"}


def root() -> Path:
    """The folder of the frameworks that come with Sharedline."""
    return Path(str(resources.files("sharedline.comply"))) / "frameworks"


def ids(folder: Path | None = None) -> list[str]:
    """The ids of the frameworks, `nist-800-53-r5` and so on; a project's own are added."""
    found = {p.parent.name for p in root().glob("*/framework.toml")}
    if folder is not None:
        found |= {p.parent.name for p in folder.glob("*/framework.toml")}
    return sorted(found)


def load(framework: str, folder: Path | None = None) -> Framework:
    """A framework with every part; a project's folder of that name wins over ours.

    Raises:
        Error: There is no such framework.
        ConfigError: A file of it says something that cannot be.
    """
    own = folder / framework if folder is not None else None
    if own is not None and (own / "framework.toml").is_file():
        return _load(own)
    if framework not in ids():
        known = ", ".join(ids(folder))
        raise Error(f"There is no framework {framework!r}.", f"Known are {known}.")
    return _shipped(framework)


def part_of(framework: Framework, spelled: str) -> Part | None:
    """The part that a spelling names, `AC-2 (1)(a)`, `ac-2.1_smt.a` or `AC-02(01)(a)`."""
    if spelled in framework.parts:
        return framework.parts[spelled]
    known = index(framework.parts)
    found = known.get(key(nist(spelled.lower())), known.get(key(spelled)))
    return framework.parts[found] if found else None


@cache
def _shipped(framework: str) -> Framework:
    return _load(root() / framework)


def _load(folder: Path) -> Framework:
    path = folder / "framework.toml"
    data = read_toml(path)
    where = f"{folder.name}/framework.toml"
    refuse_unknown(data, _HEAD, where)
    missing = sorted(
        {"id", "title", "publisher", "version", "url", "read", "licence"} - data.keys()
    )
    if missing:
        raise ConfigError(f"{where} lacks {', '.join(missing)}.", "Add what is missing.")
    kind = data.get("kind", KINDS[0])
    if kind not in KINDS:
        raise ConfigError(f"{where}: kind = {kind!r}.", f"Write one of {', '.join(KINDS)}.")
    if data["id"] != folder.name:
        raise ConfigError(f"{where}: id = {data['id']!r}.", f"Write {folder.name!r}.")
    duties = load_duties().duties
    parts, above = _parts(folder, data, where)
    lines = _lines(folder, data, parts, duties)
    head = {k: data[k] for k in ("id", "title", "publisher", "version", "url", "read", "licence")}
    shown = {name: _drawn(part, above, lines, duties) for name, part in parts.items()}
    return Framework(
        **head,
        text=bool(data.get("text", False)),
        kind=kind,
        parts=shown,
        baselines=tuple(data.get("baselines", ())),
    )


def _parts(
    folder: Path, data: Mapping[str, Any], where: str
) -> tuple[dict[str, Part], dict[str, str]]:
    """The parts by id, in the framework's own order, without their lines, and the part above each."""
    catalog = folder / "catalog.json"
    given = json.loads(catalog.read_text("utf-8")) if catalog.is_file() else []
    given += entries(data, "part", where)
    parts: dict[str, Part] = {}
    for entry in given:
        refuse_unknown(entry, _PART, f"{where} {entry.get('id', '')}")
        if not entry.get("id") or not entry.get("title"):
            raise ConfigError(f"{where}: a part has no id or no title.", "Give it both.")
        if entry["id"] in parts:
            raise ConfigError(f"{where}: {entry['id']} is there twice.", "Remove one.")
        above = entry.get("of", "") or entry.get("in", "")
        if above and above not in parts:
            raise ConfigError(
                f"{where}: {entry['id']} is in {above}, which does not come before it.",
                "Put the control first.",
            )
        parts[entry["id"]] = Part(
            framework=data["id"],
            id=entry["id"],
            control=parts[above].control if entry.get("of") else entry["id"],
            title=entry["title"],
            group=entry.get("in", ""),
            text=entry.get("text", ""),
            baselines=tuple(entry.get("baselines", ())),
            maps=tuple(entry.get("maps", ())),
            withdrawn=bool(entry.get("withdrawn", False)),
        )
    for name in {entry.get("of") or entry.get("in") for entry in given} - {None, ""}:
        parts[name] = replace(parts[name], header=True)
    return parts, {entry["id"]: entry["of"] for entry in given if entry.get("of")}


def _lines(
    folder: Path, data: Mapping[str, Any], parts: Mapping[str, Part], duties: Mapping[str, Duty]
) -> dict[str, dict[str, Any]]:
    """The line entries by the id of the part that they are for."""
    found: dict[str, dict[str, Any]] = {}
    known = index(parts)

    def add(name: str, entry: Mapping[str, Any], where: str) -> None:
        _refuse_wrong(entry, duties, f"{where} {name}")
        part = known.get(key(name))
        if part is None:
            raise ConfigError(f"{where}: there is no part {name!r}.", "See the framework's ids.")
        if part in found:
            raise ConfigError(f"{where}: {part} has two lines.", "Remove one.")
        found[part] = {k: entry[k] for k in _LINE & entry.keys()}
        found[part].setdefault("source", data.get("source", data["url"]))
        found[part].setdefault("read", data["read"])

    for entry in data.get("part", ()):
        if _LINE & entry.keys():
            add(entry["id"], entry, f"{folder.name}/framework.toml")
    for path in sorted((folder / "lines").glob("*.toml")):
        where = f"{folder.name}/lines/{path.name}"
        content = read_toml(path)
        refuse_unknown(content, {"line"}, where)
        for entry in entries(content, "line", where):
            refuse_unknown(entry, _LINE | {"parts"}, where)
            if not entry.get("parts"):
                raise ConfigError(f"{where}: a line has no parts.", 'Write parts = ["AC-1"].')
            for name in entry["parts"]:
                add(name, entry, where)
    return found


def _refuse_wrong(entry: Mapping[str, Any], duties: Mapping[str, Duty], where: str) -> None:
    strange = [d for d in entry.get("duties", ()) if d not in duties]
    if strange:
        raise ConfigError(f"{where}: there is no duty {strange[0]!r}.", "See `sharedline duties`.")
    sides = [s.value for s in (Side.AWS, Side.CUSTOMER, Side.SHARED)]
    for name, values in (("side", sides), ("capability", [c.value for c in Capability])):
        if name in entry and entry[name] not in values:
            raise ConfigError(
                f"{where}: {name} = {entry[name]!r}.", f"Write one of {', '.join(values)}."
            )
    if not isinstance(entry.get("read", date.min), date):
        raise ConfigError(f"{where}: read = {entry['read']!r}.", "Write a day, read = 2026-11-22.")


def _drawn(
    part: Part,
    above: Mapping[str, str],
    lines: Mapping[str, Mapping[str, Any]],
    duties: Mapping[str, Duty],
) -> Part:
    """The part with its line: its own, else that of what it is part of, never of a whole family."""
    if part.withdrawn:
        return part
    entry: dict[str, Any] = {}
    for name in reversed(_chain(part.id, above)):
        given = lines.get(name, {})
        # A side of its own without texts of its own must not show the texts of another side.
        if given.get("side", entry.get("side")) != entry.get("side"):
            entry = {k: v for k, v in entry.items() if k not in ("aws", "you", "capability")}
        entry |= given
    if not entry:
        return part
    named = [duties[d] for d in entry.get("duties", ())]
    side = Side(entry["side"]) if "side" in entry else _side([d.usual_side for d in named])
    aws, you = entry.get("aws", ""), entry.get("you", "")
    if not aws and side in (Side.AWS, Side.SHARED):
        aws = " ".join(d.aws for d in named if d.aws)
    if not you and side in (Side.CUSTOMER, Side.SHARED):
        you = " ".join(d.you for d in named if d.you)
    capability = entry.get("capability")
    return replace(
        part,
        duties=tuple(entry.get("duties", ())),
        side=side,
        capability=Capability(capability) if capability else None,
        aws=aws,
        you=you,
        source=entry["source"] if "side" in entry else FROM_DUTIES,
        read=entry["read"],
        reviewed="side" in entry,
    )


def _chain(name: str, above: Mapping[str, str]) -> list[str]:
    """The part and what it is part of, up to its control, the nearest first."""
    names = [name]
    while names[-1] in above:
        names.append(above[names[-1]])
    return names


def _side(usual: Iterable[Side]) -> Side:
    sides = set(usual)
    return sides.pop() if len(sides) == 1 else Side.SHARED if sides else Side.UNKNOWN
