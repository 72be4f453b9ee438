"""`policies.toml`: which clause asks for which controls and duties, as a person said it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sharedline.comply.policies.books import Books
from sharedline.comply.policies.clauses import Clause
from sharedline.duties.catalogue import entries, read_toml, refuse_unknown
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import ConfigError, Error
from sharedline.text import toml

_KEYS = {"clause", "controls", "duties", "owner", "note", "by", "on", "text"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What one clause asks for."""

    clause: str
    #: Control parts, `framework:id`, each once and spelled as the framework spells it.
    controls: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    owner: str = ""
    note: str = ""
    #: Who mapped it, and when; empty where the document itself says it.
    by: str = ""
    on: date | None = None
    #: The fingerprint of the clause's words as they were then.
    text: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """A mapping whose clause is in no policy any more."""

    clause: str
    #: The clauses that have its words today; none where they are gone too.
    now: tuple[str, ...] = ()

    def __str__(self) -> str:
        return (
            f"{self.clause} (its words are now {', '.join(self.now)})" if self.now else self.clause
        )


def targets(
    names: Iterable[str], where: str, own: Path | Books | None
) -> tuple[list[str], list[str]]:
    """The controls and duties that names stand for: `iso-27001-2022:A.5.1`, `identity.mfa`.

    Raises:
        ConfigError: A name is neither.
    """
    books = own if isinstance(own, Books) else Books(own)
    controls, duties = [], []
    known = load_duties().duties
    for name in names:
        if name in known:
            duties.append(name)
            continue
        framework, colon, spelled = (piece.strip() for piece in name.partition(":"))
        if not colon:
            raise ConfigError(
                f"{where}: {name!r} is no duty and no control.",
                "Write a duty id, or a control as framework:id, e.g. nist-800-53-r5:AC-2.",
            )
        if framework not in books.ids:
            raise ConfigError(
                f"{where}: there is no framework {framework!r}.",
                f"Known are {', '.join(books.ids)}.",
            )
        part = books.part(framework, spelled) if spelled else None
        if part is None or part.withdrawn:
            raise ConfigError(
                f"{where}: {framework} has no part {spelled!r}.",
                f"See `sharedline comply line --framework {framework}`.",
            )
        controls.append(f"{framework}:{part.id}")
    return list(dict.fromkeys(controls)), list(dict.fromkeys(duties))


def read(path: Path, own: Path | None = None) -> dict[str, Asked]:
    """The mappings of the file by clause; none where there is no file.

    Raises:
        ConfigError: An entry names what does not exist, or a clause is there twice.
    """
    if not path.is_file():
        return {}
    try:
        data = read_toml(path)
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deeply.", "Correct it.") from error
    refuse_unknown(data, {"map"}, path.name)
    found: dict[str, Asked] = {}
    books = Books(own)
    for number, entry in enumerate(entries(data, "map", path.name), 1):
        one = _entry(entry, f"{path.name}, map {number}", books)
        if one.clause in found:
            raise ConfigError(f"{path.name}: {one.clause} is there twice.", "Join the two entries.")
        found[one.clause] = one
    return found


def of_clauses(
    clauses: Sequence[Clause], written: Mapping[str, Asked], own: Path | None = None
) -> dict[str, Asked]:
    """What each clause asks for: as the file says, else as the document itself does.

    Raises:
        ConfigError: A document names what does not exist.
    """
    found = {}
    books = Books(own)
    for clause in clauses:
        if clause.id in written:
            found[clause.id] = written[clause.id]
        elif clause.targets:
            controls, duties = targets(clause.targets, f"Clause {clause.id}", books)
            found[clause.id] = Asked(clause.id, tuple(controls), tuple(duties), clause.owner)
    return found


def lost(clauses: Iterable[Clause], written: Mapping[str, Asked]) -> list[Lost]:
    """The mappings of clauses that are in no policy, with where their words went."""
    now: dict[str, list[str]] = {}
    ids = set()
    for clause in clauses:
        ids.add(clause.id)
        now.setdefault(clause.fingerprint, []).append(clause.id)
    return [
        Lost(name, tuple(now.get(written[name].text, ()))) for name in sorted(written.keys() - ids)
    ]


def append(path: Path, mapping: Asked) -> None:
    """Adds a mapping at the end of the file; what people wrote there stays as it is.

    Raises:
        Error: The clause is mapped already, or the file cannot be read or written.
    """
    lines = ["", "[[map]]", f"clause = {toml(mapping.clause)}"]
    lists = {"controls": mapping.controls, "duties": mapping.duties}
    lines += [f"{k} = [{', '.join(map(toml, names))}]" for k, names in lists.items() if names]
    texts = {"owner": mapping.owner, "note": mapping.note, "by": mapping.by}
    lines += [f"{key} = {toml(value)}" for key, value in texts.items() if value]
    if mapping.on:
        lines.append(f"on = {mapping.on.isoformat()}")
    lines += [f"text = {toml(mapping.text)}", ""]
    more = "\n".join(lines)
    try:
        before = read_toml(path) if path.is_file() else {}
        held = path.read_text("utf-8") if path.is_file() else ""
        if any(_names(entry, mapping.clause) for entry in entries(before, "map", path.name)):
            raise Error(
                f"{mapping.clause} is mapped already.", f"Change its entry in {path.name} by hand."
            )
        _refuse_unreadable(path, held + more)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(more)
    except OSError as error:
        raise Error(f"{path} cannot be written ({error}).", "Check the folder.") from error


def _names(entry: Any, clause: str) -> bool:
    return isinstance(entry, dict) and entry.get("clause") == clause


def _refuse_unreadable(path: Path, text: str) -> None:
    """What is written must be readable again: `map = []` above would forbid `[[map]]` below."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path.name} is written so that nothing can be added at its end ({error}).",
            "Write each mapping as [[map]].",
        ) from error


def _entry(entry: Any, where: str, books: Books) -> Asked:
    refuse_unknown(entry, _KEYS, where)
    for key in ("clause", "owner", "note", "by", "text"):
        if not isinstance(entry.get(key, ""), str):
            raise ConfigError(f"{where}: {key} = {entry[key]!r} is no text.", "Write a text.")
    for key in ("controls", "duties"):
        given = entry.get(key, [])
        if not isinstance(given, list) or not all(isinstance(v, str) for v in given):
            raise ConfigError(f"{where}: {key} is no list of texts.", f'Write {key} = ["…"].')
    clause, text = entry.get("clause", "").strip(), entry.get("text", "")
    if not clause:
        raise ConfigError(f"{where} names no clause.", 'Write clause = "document/4.2".')
    if text and not re.fullmatch(r"[0-9a-f]{12}", text):
        raise ConfigError(
            f"{where}: text = {text!r} is no fingerprint.",
            "Leave it out, or map the clause with `sharedline comply map`.",
        )
    day = entry.get("on")
    if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
        raise ConfigError(f"{where}: on = {day!r}.", "Write a day, on = 2026-11-22.")
    given = [*entry.get("controls", ()), *entry.get("duties", ())]
    controls, duties = targets(given, f"{where} ({clause})", books)
    return Asked(
        clause, tuple(controls), tuple(duties), entry.get("owner", ""), entry.get("note", ""),
        entry.get("by", ""), day, text,
    )  # fmt: skip
