"""Names and texts as OSCAL wants them: stable uuids, tokens, one-line strings, properties."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from hashlib import sha1
from typing import Any

from sharedline.text import visible

#: The namespace of the properties that are ours and not NIST's.
NS = "urn:sharedline:oscal"
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, NS)
_MARKS = re.compile(r"([\\`*_<\[])")
_NOT_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")

Json = dict[str, Any]


def uid(*names: str) -> str:
    """The uuid of a thing, the same each time for the same names (version 5)."""
    # As uuid.uuid5 does, in a third of the time: there are hundreds of thousands of them.
    h = sha1(_SPACE.bytes + "\x1f".join(names).encode(), usedforsecurity=False).hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:32]}"


def line(value: object) -> str:
    """One line of plain text, without characters that a reader's screen would act on."""
    text = " ".join(str(value).split())
    return text if text.isascii() and text.isprintable() else visible(text, lines=False)


def markup(value: object) -> str:
    """One line of text from outside as Markdown that shows it as it is."""
    return _MARKS.sub(r"\\\1", line(value))


def token(value: str) -> str:
    """Letters, digits, dots, dashes and underscores, beginning with a letter or underscore."""
    text = _NOT_TOKEN.sub(".", value).strip(".") or "_"
    return text if text[0].isalpha() or text[0] == "_" else f"_{text}"


def prop(name: str, value: object, *, ours: bool = True) -> Json:
    """A property; `ours=False` for those that NIST defines."""
    return has({"name": name, "ns": NS if ours else "", "value": line(value)})


def props(**values: object) -> list[Json]:
    """Our properties, `_` in a name as `-`, those without a value left out."""
    return [
        {"name": name.replace("_", "-"), "ns": NS, "value": text}
        for name, value in values.items()
        if value is not None and (text := line(value))
    ]


def has(members: Mapping[str, Any]) -> Json:
    """The members that say something: OSCAL forbids empty lists and empty strings.

    An empty object stays, since `include-all` is one.
    """
    return {
        k: v
        for k, v in members.items()
        if v is not None and not (isinstance(v, str | list | tuple) and not v)
    }


def stamp(moment: datetime | date) -> str:
    """A moment as OSCAL writes it; a day is its first second in UTC."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def day(moment: datetime | date | None) -> str:
    """A day; empty where there is none."""
    return moment.strftime("%Y-%m-%d") if moment else ""
