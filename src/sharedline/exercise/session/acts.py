"""What can be done in a room: who may do it, what it carries and how much; one table says all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sharedline.errors import Error
from sharedline.exercise.model import Channel
from sharedline.exercise.session.model import GRADES, Seat, Seen, Visible
from sharedline.exercise.shape import CONTROL

#: The most characters that somebody may write at once.
MOST = 4_000
_PLAIN = re.compile(f"[^{CONTROL}]*")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that an act carries; without a default it must be given."""

    kind: Literal["text", "line", "word", "whole", "number", "flag", "keys"]
    default: Any = ...
    words: tuple[str, ...] = ()
    low: float = 0
    high: float = 0


@dataclass(frozen=True, slots=True)
class Act:
    """A kind of event: who may do it, what it carries, who may do it still after the end."""

    seats: frozenset[Seat]
    fields: Mapping[str, Field] = field(default_factory=dict)
    afterwards: frozenset[Seat] = frozenset()


_LEADS: frozenset[Seat] = frozenset({"facilitator"})
_PLAYS: frozenset[Seat] = frozenset({"player"})
_WATCHES: frozenset[Seat] = frozenset({"facilitator", "scribe", "evaluator"})
_RATES: frozenset[Seat] = frozenset({"facilitator", "evaluator"})
_ALL: frozenset[Seat] = frozenset(get_args(Seat))

_ID, _TEXT, _MAYBE = Field("line"), Field("text"), Field("text", "")
_NONE = Field("line", "")
_SURE = Field("whole", 50, low=0, high=100)

ACTS: Mapping[str, Act] = {
    "started": Act(_LEADS),
    "paused": Act(_LEADS),
    "resumed": Act(_LEADS),
    "ended": Act(_LEADS),
    "speed": Act(_LEADS, {"speed": Field("number", low=0.1, high=60)}),
    "released": Act(_LEADS, {"inject": _ID}),
    "skipped": Act(_LEADS, {"inject": _ID}),
    #: `inject` as in a scenario's file; `release` false leaves it to the clock or the facilitator.
    "added": Act(_LEADS, {"inject": Field("keys"), "release": Field("flag", True)}),
    "announced": Act(_LEADS, {"text": _TEXT}),
    "answered": Act(_PLAYS, {"inject": _ID, "question": _ID, "answer": _TEXT, "confidence": _SURE}),
    "chosen": Act(_PLAYS, {"decision": _ID, "option": _ID, "confidence": _SURE, "reason": _MAYBE}),
    #: `team` is the facilitator's to name; a player's own is taken.
    "settled": Act(
        _PLAYS | _LEADS,
        {"decision": _ID, "option": _ID, "confidence": _SURE, "reason": _MAYBE, "team": _NONE},
    ),
    "told": Act(
        _PLAYS,
        {
            "to": Field("line"),
            "channel": Field("word", words=get_args(Channel)),
            "text": _TEXT,
            "inject": _NONE,
        },
    ),
    "noted": Act(
        _ALL,
        {
            "text": _TEXT,
            "visible": Field("word", "private", words=get_args(Visible)),
            "inject": _NONE,
            "team": _NONE,
        },
        _WATCHES,
    ),
    "observed": Act(
        _WATCHES,
        {
            "action": _ID,
            "state": Field("word", words=get_args(Seen)),
            "team": _NONE,
            "minute": Field("number", None, low=0, high=100_000),
            "note": _MAYBE,
        },
        _WATCHES,
    ),
    "rated": Act(
        _RATES, {"objective": _ID, "rating": Field("word", words=GRADES), "why": _MAYBE}, _RATES
    ),
}


def act_of(kind: str) -> Act:
    """The act of a kind; `Error` where there is none."""
    if kind not in ACTS:
        raise Error(f"Nobody can do {kind[:40]!r} in an exercise.", f"Kinds: {', '.join(ACTS)}.")
    return ACTS[kind]


def checked(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What an act carries, with what was left out; `Error` names the first fault."""
    fields = act_of(kind).fields
    for name in data:
        if name not in fields:
            allowed = ", ".join(fields) or "none"
            raise Error(f"{kind}: {str(name)[:40]!r} is unknown.", f"Allowed: {allowed}.")
    return {name: _value(kind, name, one, data.get(name, ...)) for name, one in fields.items()}


def _value(kind: str, name: str, wanted: Field, value: Any) -> Any:
    if value is ... or value is None:
        if wanted.default is ...:
            raise Error(f"{kind}: {name} is missing.", "Fill it in.")
        return wanted.default
    if wanted.kind in ("text", "line", "word"):
        return _text(kind, name, wanted, value)
    if wanted.kind == "flag":
        return _fits(kind, name, value, isinstance(value, bool), "true or false")
    if wanted.kind == "keys":
        return _fits(kind, name, value, isinstance(value, dict), "a message's keys")
    types: tuple[type, ...] = (int,) if wanted.kind == "whole" else (int, float)
    fits = isinstance(value, types) and not isinstance(value, bool)
    says = f"a {'whole ' if wanted.kind == 'whole' else ''}number"
    says += f" from {wanted.low:g} to {wanted.high:g}"
    return _fits(kind, name, value, fits and wanted.low <= value <= wanted.high, says)


def _fits(kind: str, name: str, value: Any, fits: bool, says: str) -> Any:  # noqa: FBT001
    if not fits:
        raise Error(f"{kind}: {name} is {repr(value)[:40]}.", f"Give {says}.")
    return value


def _text(kind: str, name: str, wanted: Field, value: Any) -> str:
    text = plain_text(value, f"{kind}: {name}", lines=wanted.kind == "text")
    if not text and wanted.default is ...:
        raise Error(f"{kind}: {name} is empty.", "Write something.")
    if wanted.words and text not in wanted.words:
        raise Error(f"{kind}: {name} is {text[:40]!r}.", f"Allowed: {', '.join(wanted.words)}.")
    return text


def plain_text(value: Any, what: str, *, lines: bool = False, most: int = MOST) -> str:
    """A text as it is kept, without blanks around it and ended as here; `Error` if not plain."""
    if not isinstance(value, str):
        raise Error(f"{what} is no text.", "Write a text.")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > most:
        raise Error(f"{what} has {len(text):,} characters.", f"Write {most:,} at most.")
    plain = _PLAIN.fullmatch(text) and not any("\ud800" <= c <= "\udfff" for c in text)
    if not plain or not (lines or not set("\n\t") & set(text)):
        raise Error(f"{what} holds characters that are no text.", "Write plain text.")
    return text
