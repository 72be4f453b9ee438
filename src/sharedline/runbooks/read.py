"""Reads a runbook in Markdown: YAML front matter, then steps as list items below a phase."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharedline.errors import ConfigError
from sharedline.runbooks.model import PHASES, Mention, Runbook, Step, Trial
from sharedline.runbooks.schema import refuse_wrong
from sharedline.yaml12 import load

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
#: An IAM action, or a pattern of some, as a whole code span. `aws:` begins global condition keys.
ACTION = re.compile(r"(?!aws:)[a-z][a-z0-9-]*:(?:[A-Z][A-Za-z0-9]*\*?)")
#: A finding type of GuardDuty: purpose, resource, what was seen.
TYPE = re.compile(r"\b[A-Z][A-Za-z]+:[A-Z][A-Za-z0-9]+/[A-Za-z0-9&]+(?:[.!&][A-Za-z0-9&]+)*")
_LARGEST = 1_000_000


def text_of(path: Path) -> str:
    """A file's text; `ConfigError` where it cannot be a runbook's."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path} is too large for a runbook.", "Split it.")
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}).", "Look at it.") from error


def markdown(path: Path, name: str, *, starter: bool = False) -> Runbook:
    """A runbook from a Markdown file."""
    text = text_of(path)
    front = FRONT.match(text)
    if front is None:
        raise ConfigError(
            f"{path}: there is no front matter.", "Begin the file with --- and title and duty."
        )
    given, _ = load(front[1], str(path), "the front matter", above=1)
    if not isinstance(given, dict):
        raise ConfigError(f"{path}: the front matter has no keys.", "Give title and duty.")
    body, skipped = text[front.end() :], text[: front.end()].count("\n")
    tokens = _parser().parse(body)
    return made(
        given,
        name,
        str(path),
        starter=starter,
        steps=tuple(_steps(tokens, skipped)),
        mentions=tuple(_mentions(tokens, skipped)),
    )


def made(given: Mapping[str, Any], name: str, path: str, **more: Any) -> Runbook:
    """A runbook from its metadata, every key of which is checked."""
    plain = {key: value for key, value in given.items() if value is not None}
    refuse_wrong(plain, path)
    tests = (Trial(date.fromisoformat(t["on"]), t["by"], t["how"]) for t in plain.get("tested", ()))
    return Runbook(
        id=name,
        title=plain["title"],
        duty=plain["duty"],
        path=path,
        owner=plain.get("owner", "").strip(),
        roles=plain.get("roles", {}),
        tested=tuple(tests),
        guardduty=tuple(plain.get("guardduty", ())),
        detections=tuple(plain.get("detections", ())),
        checks=tuple(plain.get("checks", ())),
        **more,
    )


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


def _steps(tokens: list[Token], skipped: int) -> Iterator[Step]:
    """The items of the outermost lists below a heading that is a phase's name."""
    phase, depth = "", 0
    for number, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag in ("h1", "h2"):
            words = tokens[number + 1].content.lower().split() or [""]
            phase = words[0] if token.tag == "h2" and words[0] in PHASES else ""
        elif token.type in ("ordered_list_open", "bullet_list_open"):
            depth += 1
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            depth -= 1
        elif token.type == "list_item_open" and depth == 1 and phase:
            inline = next((t for t in tokens[number:] if t.type == "inline"), None)
            if inline is not None:
                yield Step(phase, " ".join(inline.content.split()), _line(token, skipped))


def _line(token: Token, skipped: int) -> int:
    return skipped + (token.map[0] if token.map else 0) + 1


def _mentions(tokens: list[Token], skipped: int) -> Iterator[Mention]:
    for token in tokens:
        line = _line(token, skipped)
        if token.type == "fence":
            for number, text in enumerate(_joined(token.content), 1):
                yield from _in_code(text, line + number)
        for child in token.children or ():
            if child.type == "code_inline":
                yield from _in_code(child.content, line)
            elif child.type == "link_open":
                yield Mention("link", str(child.attrs.get("href", "")), line)
            elif child.type == "text":
                yield from (Mention("type", m[0], line) for m in TYPE.finditer(child.content))
            elif child.type in ("softbreak", "hardbreak"):
                line += 1


def _joined(content: str) -> list[str]:
    """Lines of a code block, a command's later lines (after a backslash) empty."""
    lines: list[str] = []
    goes_on = False
    for line in content.splitlines():
        lines.append("" if goes_on else line)
        goes_on = line.rstrip().endswith("\\")
    return lines


def _in_code(text: str, line: int) -> Iterator[Mention]:
    text = text.strip()
    if ACTION.fullmatch(text):
        yield Mention("action", text, line)
    words = text.split()
    if len(words) >= 3 and words[0] == "aws":
        yield Mention("command", " ".join(words[1:3]), line)
    yield from (Mention("type", m[0], line) for m in TYPE.finditer(text))
