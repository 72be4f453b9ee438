"""Headings and paragraphs of a Markdown policy, and the owner that its front matter names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from sharedline.comply.policies.clauses import Block
from sharedline.errors import ConfigError, Error

#: Front matter is for programs: it says nothing that people must do.
_FRONT = re.compile(
    r"\A---[ \t]*\r?\n(.{0,20000}?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)


def document(path: Path) -> tuple[Iterator[Block], str]:
    """What the file says, in order, and its owner; code and HTML are no clauses.

    Raises:
        Error: The file is not UTF-8, or its owner is no text.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Error(f"{path} is not UTF-8 ({error.reason}).", "Save it as UTF-8.") from error
    front = _FRONT.match(text)
    said = _mapping(front[1], path) if front else None
    if front is None or said is None:  # a rule at the top, and text below it
        return _blocks(text, 0), ""
    owner = said.get("owner") or ""
    if not isinstance(owner, str):
        raise ConfigError(f"{path}: owner = {owner!r} is no text.", "Write owner: a team's name.")
    return _blocks(text[front.end() :], text[: front.end()].count("\n")), owner.strip()


def _mapping(text: str, path: Path) -> dict[Any, Any] | None:
    """Front matter as keys and values; None where it is none."""
    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if not re.match(r"\s*[\w-]+\s*:", text):
            return None
        raise ConfigError(
            f"{path}: what stands between the lines --- at its top is no YAML.",
            "Put values with colons in quotes.",
        ) from error
    return {} if loaded is None else loaded if isinstance(loaded, dict) else None


def _blocks(text: str, skipped: int) -> Iterator[Block]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    level, depth = 0, 0
    row: list[str] = []
    for token in tokens:
        place = skipped + (token.map[0] if token.map else 0) + 1
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = 0
        elif token.type in ("td_open", "th_open"):
            depth += 1
        elif token.type in ("td_close", "th_close"):
            depth -= 1
        elif token.type == "tr_close":
            yield Block(joined(row), 0, place)
            row = []
        elif token.type == "inline":
            said = _plain(token)
            if depth:
                row.append(said)
            else:
                yield Block(said, level, place)


def joined(cells: list[str]) -> str:
    """A table's row as a paragraph; a number in the first cell stays what begins it."""
    told = [c for c in cells if c]
    if len(told) > 1 and re.fullmatch(r"(?:[A-Z]\.)?\d[\d.]*", told[0]):
        return f"{told[0]} {' | '.join(told[1:])}"
    return " | ".join(told)


def _plain(token: object) -> str:
    """The words without the marks, line by line."""
    out = []
    for child in getattr(token, "children", None) or ():
        if child.type in ("text", "code_inline", "image"):
            out.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            out.append("\n")
    return "".join(out)
