"""The register: one JSON file, validated when read, written whole, sorted, under a lock."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sharedline.comply.artifact.model import Agreement, Register, Report, Terms, Unread
from sharedline.errors import ConfigError
from sharedline.files import write_whole

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

SCHEMA = "sharedline-artifact-1"
#: For the owner's eyes: the documents are confidential.
PRIVATE = 0o600
REGISTER = "register.json"
FILES = "files"
#: A register of all that Artifact has is some hundred kB; anything of this size is none.
_MOST = 64 << 20
_LONGEST = 4096
_TOP = {"schema", "fetched", "reports", "agreements", "unread"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Names of ours only, so that a register from elsewhere cannot point outside of the folder.
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_DAYS = frozenset({"period_start", "period_end", "effective_start", "effective_end"})
_TIMES = frozenset({"received", "fetched", "accepted_at", "at"})
_COUNTS = frozenset({"version", "bytes"})
_CHOICES = {"where": ("", "artifact", "folder")}


def open_register(folder: Path) -> Register:
    """The register of an `artifact` folder; an empty one where there is none yet.

    Raises:
        ConfigError: The file is not what a register must be.
    """
    path = folder / REGISTER
    if not path.is_file():
        return Register()
    if path.stat().st_size > _MOST:
        raise ConfigError(f"{path} is too large to be a register.", _MEND)
    try:
        data = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is no JSON ({type(error).__name__}).", _MEND) from error
    return _register(data, str(path))


def update(folder: Path, change: Callable[[Register], Register]) -> Register:
    """Reads, changes and writes the register, with nobody else writing in between."""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        new = change(open_register(folder))
        text = dumps(new)
        # What is written must be readable again, or the next command would refuse it.
        _register(json.loads(text), str(folder / REGISTER))
        write_whole(folder / REGISTER, text.encode(), PRIVATE)
    return new


def dumps(register: Register) -> str:
    """The register as text: the same for the same content."""
    data = {
        "schema": SCHEMA,
        "fetched": _plain(register.fetched),
        "reports": [_plain(r) for r in sorted(register.reports, key=lambda r: r.key)],
        "agreements": [_plain(a) for a in sorted(register.agreements, key=lambda a: a.id)],
        "unread": [_plain(u) for u in register.unread],
    }
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def files(folder: Path) -> Path:
    """The folder of the documents, kept out of version control: they are confidential."""
    place = folder / FILES
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    ignore = place / ".gitignore"
    if not ignore.is_file():
        write_whole(ignore, b"# Confidential documents of AWS: never in version control.\n*\n")
    return place


_MEND = "Restore it from version control, or move it away and import again."


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    if fcntl is None:
        yield
        return
    with (files(folder) / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _plain(value: Any) -> Any:
    """A value as JSON, without what says nothing."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Report, Agreement, Terms, Unread)):
        found = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {k: v for k, v in found.items() if v not in ("", None) and (k, v) != ("bytes", 0)}
    return value


def _register(data: Any, where: str) -> Register:
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ConfigError(f"{where} is not a register of reports ({SCHEMA}).", _MEND)
    _refuse(data, _TOP, where)
    return Register(
        reports=_rows(data, "reports", where, _report),
        agreements=_rows(
            data, "agreements", where, lambda e, w: Agreement(**_read(e, Agreement, w))
        ),
        unread=_rows(data, "unread", where, lambda e, w: Unread(**_read(e, Unread, w)), key=False),
        fetched=_value("fetched", data.get("fetched"), where),
    )


def _report(entry: Any, where: str) -> Report:
    given = _read(entry, Report, where)
    if given["version"] < 0 or bool(given.get("sha256")) != bool(given.get("file")):
        raise ConfigError(f"{where}: version, sha256 and file do not fit together.", _MEND)
    return Report(**given)


def _rows(
    data: Mapping[str, Any],
    name: str,
    where: str,
    make: Callable[[Any, str], Any],
    *,
    key: bool = True,
) -> tuple[Any, ...]:
    entries = data.get(name, [])
    if not isinstance(entries, list):
        raise ConfigError(f"{where}: {name} is not a list.", _MEND)
    made = [make(e, f"{where}, {name} {n}") for n, e in enumerate(entries, 1)]
    seen = {(m.id, getattr(m, "version", 0)) for m in made} if key else set(range(len(made)))
    if len(seen) != len(made):
        raise ConfigError(f"{where}: one of {name} is there twice.", _MEND)
    return tuple(made)


def _refuse(entry: Mapping[str, Any], allowed: set[str], where: str) -> None:
    strange = sorted(entry.keys() - allowed)
    if strange:
        raise ConfigError(
            f"{where}: there is no key {strange[0]!r}.", f"Known are {', '.join(sorted(allowed))}."
        )


def _read(entry: Any, kind: type, where: str) -> dict[str, Any]:
    """The fields of one value, each of its own kind."""
    if not isinstance(entry, dict):
        raise ConfigError(f"{where} is not an object.", _MEND)
    known = {f.name: f for f in fields(kind)}
    _refuse(entry, set(known), where)
    lacking = [n for n, f in known.items() if f.default is MISSING and n not in entry]
    # What says nothing is not written: a subject of a listing, the code of a call.
    for name in lacking:
        if name in ("id", "version", "name"):
            raise ConfigError(f"{where} lacks {name}.", _MEND)
        entry = {**entry, name: ""}
    return {name: _value(name, value, where) for name, value in entry.items()}


def _value(name: str, value: Any, where: str) -> Any:
    if name == "terms":
        return Terms(**_read(value, Terms, f"{where}, terms"))
    if name in _DAYS or name in _TIMES:
        return _moment(name, value, where)
    if name in _COUNTS:
        good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53
    else:
        good = isinstance(value, str) and len(value) <= _LONGEST
        if name == "sha256" and value:
            good = good and bool(_SHA256.fullmatch(value))
        if name == "file" and value:
            good = good and bool(_FILE.fullmatch(value))
        if name in _CHOICES:
            good = good and value in _CHOICES[name]
    if not good:
        raise ConfigError(f"{where}: {name} = {str(value)[:80]!r} cannot be.", _MEND)
    return value


def _moment(name: str, value: Any, where: str) -> date | datetime | None:
    if value is None:
        return None
    try:
        if name in _DAYS:
            return date.fromisoformat(value)
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ConfigError(f"{where}: {name} = {str(value)[:80]!r} is no date.", _MEND)
