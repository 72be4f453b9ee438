"""What a person asks of the rows, as a value, from and to the query of an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from sharedline.browse.fields import FIELDS, FIXED
from sharedline.errors import Error
from sharedline.model import SEVERITIES

#: Rows on a page.
SIZE, MOST = 50, 200
#: `gaps` as the verb lists them; `all` findings besides; `gone` gaps of the scan before.
ROWS = ("gaps", "all", "gone")
ORDERS = ("worst", "oldest", "newest")
#: Characters of one value, values of one field, the last page.
LONGEST, VALUES, LAST = 2048, 200, 10**9
_CHOICES: Mapping[str, tuple[str, ...]] = {
    **FIXED,
    "severity": SEVERITIES,
    "rows": ROWS,
    "order": ORDERS,
}
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Filters:
    """Which rows: of a field any of its values, of all fields each; empty is everything.

    `text` is looked for in resource and reason, whatever its letters' case. `scan` is a scan's id;
    the newest where empty. `page` counts from 1.
    """

    status: frozenset[str] = _NONE
    severity: frozenset[str] = _NONE
    owner: frozenset[str] = _NONE
    account: frozenset[str] = _NONE
    region: frozenset[str] = _NONE
    duty: frozenset[str] = _NONE
    service: frozenset[str] = _NONE
    side: frozenset[str] = _NONE
    life: frozenset[str] = _NONE
    check: frozenset[str] = _NONE
    age: frozenset[str] = _NONE
    change: frozenset[str] = _NONE
    owned: frozenset[str] = _NONE
    text: str = ""
    rows: str = "gaps"
    order: str = "worst"
    scan: str = ""
    page: int = 1
    size: int = SIZE

    @property
    def wanted(self) -> dict[str, frozenset[str]]:
        """The values asked for, by field; fields that ask nothing are left out."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name)}

    def pairs(self) -> list[tuple[str, str]]:
        """The query of the address as (key, value), what is usual left out."""
        out = [(name, value) for name in FIELDS for value in sorted(getattr(self, name))]
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name not in FIELDS and value != entry.default:
                out.append((entry.name, str(value)))
        return out

    def query(self) -> str:
        """The query of the address, without `?`."""
        return urlencode(self.pairs())

    def but(self, **changes: Any) -> Filters:
        """The same but for some parts, from the first page; texts become values of their field."""
        given: dict[str, Any] = {
            k: frozenset({v}) if k in FIELDS and isinstance(v, str) else v
            for k, v in changes.items()
        }
        return replace(self, **{"page": 1, **given})

    def toggled(self, name: str, value: str) -> Filters:
        """The same with a value of a field added, or taken away where it was there."""
        return self.but(**{name: getattr(self, name) ^ {value}})


_KEYS = tuple(f.name for f in fields(Filters))


def from_query(given: Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str]]) -> Filters:
    """Filters of an address's query; empty values ask nothing.

    Raises:
        Error: A key that does not exist, or a value that its key does not take. Names of owners,
            accounts, checks and the like are not looked up: what no row has gives no row, so that
            nobody learns what there is outside of what they may see.
    """
    values: dict[str, list[str]] = {}
    pairs = given.items() if isinstance(given, Mapping) else given
    for key, value in pairs:
        if key not in _KEYS:
            raise Error(f"There is no filter {key[:80]!r}.", f"There are: {', '.join(_KEYS)}.")
        listed = [value] if isinstance(value, str) else list(value)
        values.setdefault(key, []).extend(v for v in listed if v != "")
    return Filters(**{key: _value(key, listed) for key, listed in values.items() if listed})


def _value(key: str, listed: list[str]) -> Any:
    for value in listed:
        if len(value) > LONGEST or "\0" in value:
            raise Error(f"The value of {key} is too long or no text.", "Ask for less.")
        if key in _CHOICES and value not in _CHOICES[key]:
            allowed = ", ".join(_CHOICES[key])
            raise Error(f"{key} cannot be {value[:80]!r}.", f"It can be: {allowed}.")
    if key in FIELDS:
        if len(listed) > VALUES:
            raise Error(f"{key} is asked for {len(listed)} values.", f"Ask for {VALUES} at most.")
        return frozenset(listed)
    if len(listed) > 1:
        raise Error(f"{key} is given twice.", "Give it once.")
    if key in ("page", "size"):
        return _number(key, listed[0], LAST if key == "page" else MOST)
    return listed[0]


def _number(key: str, value: str, most: int) -> int:
    plain = value.isascii() and value.isdigit() and len(value) <= len(str(most))
    if not plain or not 1 <= int(value) <= most:
        raise Error(f"{key} cannot be {value[:80]!r}.", f"It can be 1 to {most}.")
    return int(value)


__all__ = ["MOST", "ORDERS", "ROWS", "SIZE", "Filters", "from_query"]
