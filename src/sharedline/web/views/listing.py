"""Pages of a list: which rows of it stand on the page that the address asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sharedline.errors import Error

SIZE = 100
_T = TypeVar("_T")


def cut(rows: Sequence[_T], args: Mapping[str, Any], size: int = SIZE) -> tuple[list[_T], int, int]:
    """The rows of the page asked for by `page`, its number and how many pages there are.

    Raises:
        Error: `page` is no number from 1 on.
    """
    text = str(args.get("page", "1") or "1")
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 7 and int(text)):
        raise Error("There is no such page of the list.", "Pages are numbered from 1.")
    pages = max(1, -(-len(rows) // size))
    number = min(int(text), pages)
    return list(rows[(number - 1) * size : number * size]), number, pages
