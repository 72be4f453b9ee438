"""Writes into a runbook's front matter, a test or an owner, and leaves the rest as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sharedline.errors import Error
from sharedline.runbooks.model import Runbook, Trial
from sharedline.runbooks.read import FRONT, markdown

_KEY = re.compile(r"^tested:[ \t]*(?P<same>\[[ \t]*\])?[ \t]*(?:#[^\r\n]*)?(?=\r?$)", re.MULTILINE)


def with_test(text: str, test: Trial) -> str:
    """The text of a runbook with one more test, first in its list."""
    front = FRONT.match(text)
    assert front is not None, "only a runbook that was read is written"
    end = "\r\n" if "\r\n" in front[0] else "\n"
    words = [f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in
             (("by", test.by), ("how", test.how))]  # fmt: skip
    entry = f"- {{on: {test.on.isoformat()}, {', '.join(words)}}}"
    head = front[1]
    key = _KEY.search(head)
    if key is not None:
        rest = head[key.end() :]
        there = re.match(r"\r?\n([ \t]*)- ", rest)  # as its other tests are indented
        indent = there[1] if there else "  "
        head = f"{head[: key.start()]}tested:{end}{indent}{entry}{rest}"
    elif re.search(r"^tested:", head, re.MULTILINE):
        raise Error(
            "Its `tested` is written in one line.", "Write each test below it as `- {on, by, how}`."
        )
    else:
        head = f"{head}tested:{end}  {entry}{end}"
    return text[: front.start(1)] + head + text[front.end(1) :]


def record(one: Runbook, test: Trial) -> Path:
    """Adds a test to a runbook of the project; `Error` where it is not the project's."""
    path = Path(one.path)
    if one.starter:
        raise Error(
            f"{one.id} is not yours: it came with Sharedline.",
            f"Make it yours: `sharedline runbooks adopt {one.id} --owner TEAM`.",
        )
    if path.suffix != ".md":
        raise Error(f"{path} is a CACAO playbook.", "Write the test into its extension by hand.")
    written = with_test(path.read_bytes().decode("utf-8"), test)
    path.write_bytes(written.encode("utf-8"))
    found = markdown(path, one.id)
    assert test in found.tested, f"{path} was not written as it should be"
    return path


def adopt(one: Runbook, folder: Path, owner: str) -> Path:
    """Copies a runbook that ships into a project's folder, with its owner named."""
    path = folder / f"{one.id}.md"
    if not one.starter or path.exists():
        raise Error(f"{one.id} is yours already.", f"Edit {path if path.exists() else one.path}.")
    text = Path(one.path).read_text("utf-8")
    front = FRONT.match(text)
    assert front is not None, "only a runbook that was read is written"
    line = f"owner: {json.dumps(owner, ensure_ascii=False)}"
    head, found = re.subn(r"^owner:.*$", lambda _: line, front[1], count=1, flags=re.MULTILINE)
    assert found == 1, f"{one.path} has no line for its owner"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text[: front.start(1)] + head + text[front.end(1) :], "utf-8")
    assert markdown(path, one.id).owner == owner, f"{path} was not written as it should be"
    return path
