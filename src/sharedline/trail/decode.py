"""One record of CloudTrail as a value: strictly and fast where it is as documented, else leniently.

The strict way refuses a record with a member it does not know, so that nothing is dropped unseen;
such records go the lenient way, which keeps those members apart. A member that keeps coming (AWS
adds some every year) is learnt, and the strict way takes it from then on.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import GenericAlias
from typing import Any

import msgspec
from msgspec import Raw

from sharedline.trail.schema import BY_COLUMN, MEMBERS

NULL = Raw(b"null")
#: So often a member without a column is seen before the strict way learns it, and at most so many.
LEARN_AFTER, LEARN_AT_MOST = 20, 64
#: Known to exist and without a column, so that the first file need not teach them.
_EXTRAS = ("@timestamp", "@version", "eventContext")
#: Where events lie within objects that are none themselves.
WRAPPERS = (
    "Records",
    "records",
    "Events",
    "events",
    "event",
    "detail",
    "logEvents",
    "QueryResultRows",
    "CloudTrailEvent",
    "eventJson",
    "_source",
    "message",
)
_MARKS = frozenset({"eventname", "eventsource", "eventid", "eventtime", "eventversion"})


class Resource(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An element of `resources`; CloudTrail writes `ARN`, its exports `arn`."""

    arn: str | None = msgspec.field(default=None, name="ARN")
    account: str | None = msgspec.field(default=None, name="accountId")
    type: str | None = None
    lower: str | None = msgspec.field(default=None, name="arn")
    prefix: str | None = msgspec.field(default=None, name="ARNPrefix")
    other: dict[str, Any] | None = msgspec.field(default=None, name="(other)")


def _event_type(extras: Iterable[str]) -> Any:
    fields: list[tuple[str, Any, Any]] = []
    rename = {}
    for name, kind in MEMBERS.items():
        column = name.lower()
        rename[column] = name
        if kind in ("json", "identity"):
            fields.append((column, Raw, NULL))
        elif kind == "resources":
            fields.append((column, list[Resource] | None, None))
        else:
            fields.append((column, (bool if kind == "bool" else str) | None, None))
    for number, name in enumerate(extras):
        rename[f"x{number}"] = name
        fields.append((f"x{number}", Raw | None, None))
    rename["other"] = "(other)"
    fields.append(("other", dict[str, Any] | None, None))
    return msgspec.defstruct("Event", fields, rename=rename, forbid_unknown_fields=True, gc=False)


class Shape:
    """The records as known so far: their type, its decoders, and what is being learnt."""

    def __init__(self) -> None:
        self.extras: list[str] = list(_EXTRAS)
        self._seen: Counter[str] = Counter()
        self._wanted: list[str] = []
        self._build()

    def _build(self) -> None:
        self.type = _event_type(self.extras)
        self._one = msgspec.json.Decoder(self.type)
        several = GenericAlias(list, (self.type,))
        whole = msgspec.defstruct("Whole", [("Records", several)], forbid_unknown_fields=True)
        self._whole: Any = msgspec.json.Decoder(whole)
        self._many: Any = msgspec.json.Decoder(several)

    @property
    def learnt(self) -> bool:
        """Whether there is something to take up."""
        return bool(self._wanted)

    def renew(self) -> None:
        """Takes up what was learnt; only when no event is in hand, since their type changes."""
        self.extras += self._wanted
        self._wanted = []
        self._build()

    def one(self, text: bytes | str) -> Any:
        """The event of a record; `msgspec.ValidationError` where it is not as documented."""
        return self._one.decode(text)

    def whole(self, text: bytes) -> list[Any]:
        """The events of a log file as CloudTrail writes it."""
        return self._whole.decode(text).Records  # type: ignore[no-any-return]

    def many(self, text: bytes) -> list[Any]:
        """The events of an array of records."""
        return self._many.decode(text)  # type: ignore[no-any-return]

    def lines(self, text: bytes) -> list[Any]:
        """The events of records that stand on a line each."""
        return self._one.decode_lines(text)

    def lenient(self, record: Mapping[str, Any]) -> Any:
        """The event of any record: what does not fit its column, or has none, goes to `other`."""
        given: dict[str, Any] = {}
        other: dict[str, Any] = {}
        for name, value in record.items():
            column = name.lower()
            if column not in BY_COLUMN or column in given:
                other[name] = value
                if column not in BY_COLUMN and name not in self.extras:
                    self._learn(name)
                continue
            found, left = _FITS[MEMBERS[BY_COLUMN[column]]](value)
            if found is not None:
                given[column] = found
            if left is not None:
                other[name] = left
        return self.type(**given, other=clean(other) or None)

    def _learn(self, name: str) -> None:
        if len(self._seen) > 10_000:  # made-up names must not fill the memory
            self._seen.clear()
        self._seen[name] += 1
        room = len(self.extras) + len(self._wanted) < LEARN_AT_MOST
        if self._seen[name] == LEARN_AFTER and room and name not in WRAPPERS:
            self._wanted.append(name)


def is_event(record: Mapping[str, Any]) -> bool:
    """Whether an object is an event, whatever the case of its names."""
    names = set(map(str.lower, record))
    return len(_MARKS & names) > 1 or ("eventname" in names and len(names & set(BY_COLUMN)) > 1)


def is_digest(record: Mapping[str, Any]) -> bool:
    """Whether an object is a digest file of log-file validation."""
    return "digestStartTime" in record and "logFiles" in record


def loads(text: str | bytes) -> Any:
    """JSON as Python values; `ValueError` where it is none (NaN is none either)."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def clean(value: Any) -> Any:
    """The value with half surrogates replaced, which no UTF-8 file can hold."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {clean(k): clean(v) for k, v in value.items()}
    if isinstance(value, list):
        return [clean(v) for v in value]
    return value


def dumps(value: Any) -> bytes:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _text(value: Any) -> tuple[Any, Any]:
    if isinstance(value, str):
        return clean(value), None
    if isinstance(value, dict | list):
        return None, value
    return (None, None) if value is None else (json.dumps(value), None)


def _bool(value: Any) -> tuple[Any, Any]:
    if isinstance(value, bool) or value is None:
        return value, None
    known = {"true": True, "false": False}.get(str(value).lower())
    return (known, None) if known is not None else (None, value)


def _json(value: Any) -> tuple[Any, Any]:
    if isinstance(value, str) and value[:1] in ("{", "["):  # exports put the object into a text
        with contextlib.suppress(ValueError):
            value = loads(value)
    return (None if value is None else Raw(dumps(value))), None


def _opened(fit: Callable[[Any], tuple[Any, Any]]) -> Callable[[Any], tuple[Any, Any]]:
    """Also of a text that holds the value, as exports have it."""

    def fitted(value: Any) -> tuple[Any, Any]:
        if isinstance(value, str):
            try:
                value = loads(value)
            except ValueError:
                return None, value
        return (None, None) if value is None else fit(value)

    return fitted


@_opened
def _identity(value: Any) -> tuple[Any, Any]:
    return (Raw(dumps(value)), None) if isinstance(value, dict) else (None, value)


@_opened
def _resources(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, list) or not all(isinstance(r, dict) for r in value):
        return None, value
    return [_resource(r) for r in value], None


def _resource(given: Mapping[str, Any]) -> Resource:
    found = Resource()
    other = {}
    for name, value in given.items():
        target = {"arn": "arn", "accountid": "account", "type": "type"}.get(name.lower())
        if target and isinstance(value, str) and getattr(found, target) is None:
            setattr(found, target, clean(value))
        elif value is not None or not target:
            other[name] = value
    found.other = clean(other) or None
    return found


_FITS: Mapping[str, Any] = {
    "text": _text,
    "time": _text,
    "bool": _bool,
    "json": _json,
    "identity": _identity,
    "resources": _resources,
}
