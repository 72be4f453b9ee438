"""Reads reports.toml: the series that come with Sharedline, and a project's own before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from sharedline.comply.artifact.series import ANY, Basis, Kind, Known, Series, Supports, words
from sharedline.duties.catalogue import entries, read_toml, refuse_unknown
from sharedline.errors import ConfigError

_Enum = TypeVar("_Enum", bound=StrEnum)
OWN = "reports.toml"
_SERIES = {
    "id",
    "title",
    "kind",
    "scope",
    "names",
    "without",
    "artifact_series",
    "page",
    "why",
    "bridges",
    "regions",
    "supports",
}
_SUPPORTS = {"framework", "parts", "duties", "baselines", "basis"}
_IGNORED = {"report", "why"}


def load(own: Path | None = None) -> Known:
    """The series, those of a project's `artifact/reports.toml` first.

    Raises:
        ConfigError: A file of them says something that cannot be.
    """
    shipped = _shipped()
    if own is None or not own.is_file():
        return shipped
    mine = _load(own, str(own), set(shipped.series), _strict(shipped))
    rest = {k: v for k, v in shipped.series.items() if k not in mine.series}
    return Known({**mine.series, **rest}, mine.ignored)


@cache
def _shipped() -> Known:
    path = Path(str(resources.files("sharedline.comply.artifact"))) / OWN
    return _load(path, f"artifact/{OWN}", set(), frozenset())


def _strict(known: Known) -> frozenset[str]:
    return next(iter(known.series.values())).strict


def _load(path: Path, where: str, more: set[str], above: frozenset[str]) -> Known:
    data = read_toml(path)
    refuse_unknown(data, {"series", "ignored", "strict"}, where)
    strict = frozenset(_list(data, "strict", where)) | above
    found: dict[str, Series] = {}
    for entry in entries(data, "series", where):
        name = _text(entry, "id", where)
        place = f"{where} {name}"
        refuse_unknown(entry, _SERIES, place)
        if not name or name in found:
            raise ConfigError(f"{place}: a series has no id, or one that is taken.", "Give it one.")
        found[name] = replace(_series(entry, place), strict=strict)
    for series in found.values():
        strange = sorted(set(series.bridges) - set(found) - more)
        if strange:
            raise ConfigError(f"{where} {series.id}: there is no series {strange[0]!r}.", "Add it.")
    ignored: dict[str, str] = {}
    for entry in entries(data, "ignored", where):
        refuse_unknown(entry, _IGNORED, f"{where}, ignored")
        report, why = _text(entry, "report", where), _text(entry, "why", where)
        if not report or not why:
            raise ConfigError(f"{where}: ignored needs a report and a reason.", "Give both.")
        ignored[report] = why
    return Known(found, ignored)


def _series(entry: Mapping[str, Any], where: str) -> Series:
    names = entry.get("names", [])
    if not isinstance(names, list) or not names or not all(_texts(n) for n in names):
        raise ConfigError(f"{where}: names is no list of lists of phrases.", 'Write [["SOC 2"]].')
    supports = entry.get("supports", [])
    if not isinstance(supports, list):
        raise ConfigError(f"{where}: supports is no list.", "Write [[series.supports]].")
    return Series(
        id=_text(entry, "id", where),
        title=_text(entry, "title", where),
        kind=_choice(Kind, entry.get("kind"), f"{where}: kind"),
        scope=_text(entry, "scope", where),
        names=tuple(tuple(words(p) for p in phrases) for phrases in names),
        without=tuple(words(w) for w in _list(entry, "without", where)),
        artifact_series=tuple(words(w) for w in _list(entry, "artifact_series", where)),
        page=_text(entry, "page", where),
        why=_text(entry, "why", where),
        bridges=_list(entry, "bridges", where),
        regions=_list(entry, "regions", where),
        supports=tuple(_supports(s, where) for s in supports),
    )


def _supports(entry: Any, where: str) -> Supports:
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: supports is no table.", "Write [[series.supports]].")
    refuse_unknown(entry, _SUPPORTS, f"{where}, supports")
    parts, duties = _list(entry, "parts", where), _list(entry, "duties", where)
    if bool(parts) == bool(duties):
        raise ConfigError(f"{where}: supports needs parts or duties.", "Give one of the two.")
    framework = _text(entry, "framework", where) or (ANY if duties else "")
    if not framework:
        raise ConfigError(f"{where}: supports names no framework.", 'Write framework = "soc-2".')
    return Supports(
        framework=framework,
        basis=Basis.DUTY if duties else _choice(Basis, entry.get("basis"), f"{where}: basis"),
        parts=parts,
        duties=duties,
        baselines=_list(entry, "baselines", where),
    )


def _text(entry: Mapping[str, Any], name: str, where: str) -> str:
    value = entry.get(name, "")
    if not isinstance(value, str):
        raise ConfigError(f"{where}: {name} is not a text.", f'Write {name} = "…".')
    return value


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)


def _list(entry: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value: Sequence[str] = entry.get(name, [])
    if value != [] and not _texts(value):
        raise ConfigError(f"{where}: {name} is no list of texts.", f'Write {name} = ["…"].')
    return tuple(value)


def _choice(kind: type[_Enum], value: object, where: str) -> _Enum:
    try:
        return kind(str(value))
    except ValueError as error:
        raise ConfigError(f"{where} = {value!r}.", f"Write one of {', '.join(kind)}.") from error
