"""An item of evidence: its members, and the one sequence of bytes that stands for it (RFC 8785).

The bytes are what is hashed and signed, so they must be the same wherever they are made. The
library `rfc8785` says what they are. For an item without fractions, huge numbers and member names
beyond ASCII, msgspec writes the same bytes thirty times faster (1.4 µs for 51 µs, 2026-11-22; a
test compares them), which is what makes 20,000 items a second possible.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
import rfc8785
from msgspec import UNSET, Meta, Struct, UnsetType

from sharedline.errors import Error

SCHEMA = "sharedline-evidence-1"
KINDS = ("check", "attestation", "waiver", "report", "exercise", "note")
Kind = Literal["check", "attestation", "waiver", "report", "exercise", "note"]
#: `empty`: there was nothing to judge; neither met nor unmet. `stated`: a person's or AWS's word.
Result = Literal["met", "unmet", "unknown", "stated", "empty"]
#: Beyond it a JSON number is not exact everywhere (RFC 8785, section 3.2.2.3).
EXACT = 2**53 - 1
#: Values that have one spelling only.
Scalar = str | bool | None | Annotated[int, Meta(ge=-EXACT, le=EXACT)]
Plain = Scalar | list[Scalar]
Text = Annotated[str, Meta(min_length=1)]
#: 64 small hexadecimal digits; of an item, which digits is asked when it is sealed: a pattern for
#: each would take a third of the time that reading a log takes.
Sha256 = Annotated[str, Meta(min_length=64, max_length=64)]
Count = Annotated[int, Meta(ge=0, le=EXACT)]
Time = Annotated[datetime, Meta(tz=True)]
#: `framework:id`, such as `nist-800-53-r5:AC-2(1)`.
Control = Annotated[str, Meta(min_length=3)]


class EvidenceError(Error):
    """The log or an item is not what it must be."""


class Artefact(Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A file that the item stands on; `where` is below the project folder, or `lake:` + path."""

    bytes: Count | UnsetType = UNSET
    name: Text
    sha256: Sha256
    where: str | UnsetType = UNSET


class Collector(Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What gathered the fact."""

    name: Text
    version: str


class Effective(Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """From when to when the item speaks."""

    from_: Time | UnsetType = msgspec.field(default=UNSET, name="from")
    to: Time | UnsetType = UNSET


class Query(Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The question: a check's id, the SHA-256 of its SQL and parameters, the parameters."""

    id: Text
    parameters: dict[str, Any] | UnsetType = UNSET
    sha256: Sha256 | UnsetType = UNSET


class Subject(Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What the item is about."""

    accounts: list[str] | UnsetType = UNSET
    regions: list[str] | UnsetType = UNSET
    scope: str | UnsetType = UNSET


class Item(Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One item; a member that says nothing is absent."""

    artefact: Artefact | UnsetType = UNSET
    attester: Text | UnsetType = UNSET
    collector: Collector | UnsetType = UNSET
    control: list[Control] | UnsetType = UNSET
    duty: Text | UnsetType = UNSET
    effective: Effective | UnsetType = UNSET
    exceptions: Count | UnsetType = UNSET
    expires: Time | UnsetType = UNSET
    kind: Kind
    #: When the fact was so.
    observed: Time
    population: Count | UnsetType = UNSET
    query: Query | UnsetType = UNSET
    #: When it was written; the store's clock, never the writer's word.
    received: Time
    ref: dict[str, Any] | UnsetType = UNSET
    result: Result | UnsetType = UNSET
    reviewer: Text | UnsetType = UNSET
    samples: list[str] | UnsetType = UNSET
    #: Its name also tells that this is an item, not a head: neither can pass for the other.
    schema: Literal["sharedline-evidence-1"]
    statement: Text
    subject: Subject | UnsetType = UNSET
    unknown: Count | UnsetType = UNSET
    #: How many of the exceptions somebody had accepted.
    waived: Count | UnsetType = UNSET


class _PlainQuery(Query, kw_only=True, forbid_unknown_fields=True, gc=False):
    parameters: dict[str, Plain] | UnsetType = UNSET


class _PlainItem(Item, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An item that msgspec writes as RFC 8785 does, if its member names are ASCII too."""

    query: _PlainQuery | UnsetType = UNSET
    ref: dict[str, Plain] | UnsetType = UNSET


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(Item)
_PLAIN: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_PlainItem)


def seal(given: Mapping[str, Any], received: datetime) -> bytes:
    """The canonical bytes of a new item, received now.

    Raises:
        EvidenceError: A member is missing, unknown or not of its kind; or `received` is given.
    """
    if "received" in given:
        raise EvidenceError(
            "An item says itself when it was received.", "Leave it out: the log's clock says so."
        )
    members = {k: v for k, v in given.items() if v is not None}
    members.setdefault("schema", SCHEMA)
    members["received"] = received
    try:
        item = msgspec.convert(members, Item)
        _refuse(item)
        _to_utc(item)
        return encode(item)
    except (ValueError, TypeError, RecursionError) as error:
        raise EvidenceError(
            f"This is no item of evidence: {error}.", "Correct the member that it names."
        ) from error


def _refuse(item: Item) -> None:
    """`ValueError` where a control or a digest is not written as one."""
    for control in item.control or ():
        framework, colon, part = control.partition(":")
        if not (framework and colon and part) or " " in framework:
            raise ValueError(f"control {control!r} is not framework:id")
    digests = [x.sha256 for x in (item.artefact, item.query) if x is not UNSET]
    for digest in digests:
        if digest is not UNSET and not is_sha256(digest):
            raise ValueError(f"sha256 {digest!r} is not 64 small hexadecimal digits")


def encode(item: Item) -> bytes:
    """The canonical bytes of an item."""
    fast = _ENCODER.encode(item)
    if _is_plain(item.ref) and (item.query is UNSET or _is_plain(item.query.parameters)):
        return fast
    line = rfc8785.dumps(msgspec.to_builtins(item))  # it refuses what JSON cannot say
    # A fraction such as 1e16 is written as a whole number, which may be too large to be one.
    if rfc8785.dumps(msgspec.json.decode(line)) != line:
        raise ValueError("a number in it has no exact form")
    return line


def read(line: bytes) -> Item:
    """The item that a line (without its end) is.

    Raises:
        EvidenceError: It is not JSON, not an item, or not in its canonical form.
    """
    if line.isascii():
        try:
            item: Item = _PLAIN.decode(line)
            if _ENCODER.encode(item) == line:
                return item
        except (ValueError, RecursionError):
            pass  # what it is instead is told below
    try:
        item = _DECODER.decode(line)
        written = encode(item)
    except (ValueError, TypeError, RecursionError) as error:
        raise EvidenceError(f"it is no item of evidence ({error})") from error
    if written != line:
        raise EvidenceError("its bytes are not the canonical form (RFC 8785) of what it says")
    return item


def read_block(block: bytes) -> list[Item] | None:
    """The items of whole lines, if every one is plain and canonical; None where one may not be."""
    if not block.isascii():
        return None
    try:
        items: list[Item] = _PLAIN.decode_lines(block)
        return items if _ENCODER.encode_lines(items) == block else None
    except (ValueError, RecursionError):
        return None


def _is_plain(value: Any) -> bool:
    """Whether msgspec writes it as RFC 8785 does: texts, exact whole numbers, ASCII names."""
    if value is UNSET or value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        return -EXACT <= value <= EXACT
    if isinstance(value, list | tuple):
        return all(_is_plain(v) for v in value)
    if isinstance(value, dict):
        return all(isinstance(k, str) and k.isascii() and _is_plain(v) for k, v in value.items())
    return False


def _to_utc(item: Item) -> None:
    """All times in UTC, so that one moment has one spelling."""
    item.observed = utc(item.observed)
    item.received = utc(item.received)
    if item.expires is not UNSET:
        item.expires = utc(item.expires)
    if item.effective is not UNSET:
        for name in ("from_", "to"):
            moment = getattr(item.effective, name)
            if moment is not UNSET:
                setattr(item.effective, name, utc(moment))


def utc(moment: datetime) -> datetime:
    """The moment in UTC."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


_HEX = re.compile(r"[0-9a-f]{64}\Z")


def is_sha256(text: object) -> bool:
    """Whether a text is a SHA-256 as the log writes it: 64 small hexadecimal digits."""
    return isinstance(text, str) and _HEX.match(text) is not None
