"""The values at a path inside JSON text, the same code for every engine.

Self-contained and of the standard library only, so that Spark can carry it to its workers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

#: Lists and objects nested deeper than this are not looked into.
_DEEP = 60


def told_by(path: tuple[str, ...]) -> str:
    """A word in lower case without which JSON text has nothing at the path; empty if any may.

    It is the last member's name: AWS writes no letter or digit of it as an escape.
    """
    if path[-1] == "|ipv6":
        path = path[:-1]
    named = [part for part in path if not part.isdigit() and not part.startswith("**")]
    last = named[-1] if named else ""
    return last.lower() if last.isascii() and last.replace("-", "").isalnum() else ""


def finder(  # noqa: PLR0915 one function, so that Spark carries all of it
    paths: Sequence[tuple[str, ...]], loads: Callable[[str], Any] = json.loads
) -> Callable[[str | None], list[list[str] | None] | None]:
    """A function from JSON text to the values at each path; None where a path has none.

    Any element of a list along the path counts; a member is found by its exact name, else whatever
    its case, else with dots in its name; JSON inside a text is looked into. A path that ends in
    `|ipv6` gives addresses as 32 hexadecimal digits, which sort as addresses do.
    """
    import socket

    words = [told_by(path) for path in paths]

    def as_text(given: Any) -> str:
        if isinstance(given, bool):
            return "true" if given else "false"
        value: str = given
        if not isinstance(given, str):
            value = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
        # Half surrogates, which no engine's text can hold.
        return value if value.isascii() else value.encode("utf-8", "replace").decode()

    def parsed(value: str) -> Any:
        if value[:1] not in ("{", "["):
            return None
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None

    def walk(value: Any, path: tuple[str, ...], out: list[str], deep: int) -> None:
        if value is None or deep > _DEEP:
            return
        if isinstance(value, list):
            if path and path[0].isdigit():
                at = int(path[0])
                if at < len(value):
                    walk(value[at], path[1:], out, deep + 1)
                return
            for item in value:
                walk(item, path, out, deep + 1)
        elif not path:
            out.append(as_text(value))
        elif isinstance(value, dict):
            member(value, path, out, deep)
        elif isinstance(value, str):
            inner = parsed(value)
            if inner is not None:
                walk(inner, path, out, deep + 1)

    def member(value: dict[str, Any], path: tuple[str, ...], out: list[str], deep: int) -> None:
        name = path[0]
        if name in value:
            walk(value[name], path[1:], out, deep + 1)
            return
        folded = {k.lower(): v for k, v in value.items()}
        for size in range(1, len(path) + 1):
            wanted = ".".join(path[:size]).lower()
            if wanted in folded:
                walk(folded[wanted], path[size:], out, deep + 1)
                return

    def anywhere(value: Any, out: list[str], deep: int) -> None:
        if value is None or deep > _DEEP:
            return
        if isinstance(value, dict):
            for item in value.values():
                anywhere(item, out, deep + 1)
        elif isinstance(value, list):
            for item in value:
                anywhere(item, out, deep + 1)
        else:
            out.append(as_text(value))

    def listed(value: Any, deep: int) -> str:
        """As `{name=value, names=[a, b]}`: so some stores show it, and rules look for `name=`."""
        if deep > _DEEP:
            return ""
        if isinstance(value, dict):
            pairs = (f"{name}={listed(item, deep + 1)}" for name, item in value.items())
            return as_text("{" + ", ".join(pairs) + "}")
        if isinstance(value, list):
            return "[" + ", ".join(listed(item, deep + 1) for item in value) + "]"
        return "null" if value is None else as_text(value)

    def hexadecimal(address: str) -> str | None:
        try:
            return socket.inet_pton(socket.AF_INET6, address).hex() if ":" in address else None
        except (OSError, ValueError):
            return None

    def find(text: str | None) -> list[list[str] | None] | None:
        if text is None:
            return None
        folded = text.lower()
        hopeful = [word in folded for word in words]
        if True not in hopeful:
            return None
        try:
            value = loads(text)
        except (ValueError, RecursionError):
            value = text
        found: list[list[str] | None] = []
        for path, hope in zip(paths, hopeful, strict=True):
            out: list[str] = []
            if not hope:
                found.append(None)
                continue
            if path in (("**",), ("***",)):
                anywhere(value, out, 0)
                out += [text, listed(value, 0)] if path == ("***",) else []
            elif path[-1] == "|ipv6":
                walk(value, path[:-1], out, 0)
                out = [digits for address in out if (digits := hexadecimal(address))]
            else:
                walk(value, path, out, 0)
            found.append(out or None)
        return found

    return find
