"""Untrusted text made safe to show: control, escape and direction characters become visible."""

from __future__ import annotations

import unicodedata

_KEPT = {"\n", "\t"}


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


def middle(value: str, width: int) -> str:
    """Text cut in the middle, where ARNs say least."""
    if len(value) <= width or width < 8:
        return value
    head = (width - 1) * 2 // 5
    return f"{value[:head]}…{value[-(width - 1 - head):]}"
