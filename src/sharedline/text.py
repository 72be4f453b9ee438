"""Untrusted text made safe to show: control, escape and direction characters become visible."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime

_KEPT = {"\n", "\t"}


#: A spreadsheet runs a cell that begins so, in the full-width forms too.
# Ref: https://owasp.org/www-community/attacks/CSV_Injection, 2026-11-22.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def defused(text: str) -> str:
    """A cell of CSV that a spreadsheet shows and never runs; blanks before do not hide a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def visible(value: object, *, lines: bool = True) -> str:
    """Text without characters that a terminal or page would act on; `lines=False` for one line."""
    text = str(value)
    if text.isascii() and text.isprintable():
        return text
    out = []
    for char in text:
        if lines and char in _KEPT:
            out.append(char)
        elif unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            out.append(f"\\u{ord(char):04x}" if ord(char) > 0xFF else f"\\x{ord(char):02x}")
        else:
            out.append(char)
    return "".join(out)


#: The categories of `visible`, as a class: looked up once, not for every character of a report.
_ACTED_ON = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\ud800-\uf8ff\ufeff\ufff9-\ufffb\U000110bd"
    "\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f\U000f0000-\U000ffffd\U00100000-\U0010fffd]"
)


def json_visible(text: str) -> str:
    """JSON text that says the same, its control and direction characters written as escapes."""
    return _ACTED_ON.sub(lambda found: json.dumps(found.group())[1:-1], text)


_REGION = re.compile(r"arn:[^:]*:account:([^:]+):([^:]+):region/\1")
_UNLISTED = re.compile(r"arn:[^:]*:([^:]+):([^:]*):([^:]*):\*")


def brief(arn: str, width: int) -> str:
    """An ARN for a column: what says most of it is kept, the account of a Region above all."""
    if len(arn) <= width:
        return arn
    if found := _REGION.fullmatch(arn):
        return f"{found[2]}/{found[1]}"
    if found := _UNLISTED.fullmatch(arn):
        return "/".join(part for part in (found[3], found[2], found[1], "*") if part)
    return middle(":".join(arn.split(":")[2:]) if arn.startswith("arn:") else arn, width)


def middle(value: str, width: int) -> str:
    """Text cut in the middle, where ARNs say least."""
    if len(value) <= width or width < 8:
        return value
    head = (width - 1) * 2 // 5
    return f"{value[:head]}…{value[-(width - 1 - head) :]}"


def iso(at: datetime | None) -> str:
    """A time as CloudTrail writes it and users read it, UTC to the second; empty for none."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else ""


def toml(value: str) -> str:
    """A TOML string. JSON's is one too, but for surrogates alone and the bare delete character."""
    whole = value.encode("utf-8", "replace").decode()
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")
