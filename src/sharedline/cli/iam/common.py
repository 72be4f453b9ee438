"""What `iam compare` and `iam public` share: running a file of cases, printing a request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sharedline.iam.cases import Case
    from sharedline.iam.request import Request


def results(path: Path, judge: Callable[[Case], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The result of each case; for one that cannot be read, what is wrong with it."""
    from sharedline.iam.cases import CaseError, read_all

    for case in read_all(path):
        try:
            if isinstance(case, CaseError):
                raise case
            yield judge(case)
        except CaseError as error:
            name = f"line {error.line}" if isinstance(case, CaseError) else case.id
            yield {"id": name, "answer": None, "error": error.message}


def show(found: dict[str, Any], path: Path, fmt: str, line: Callable[[dict[str, Any]], str]) -> None:
    """Prints a result as one line; a malformed case goes to standard error too."""
    from sharedline.cli import out
    from sharedline.text import json_visible

    if "error" in found:
        out.note(f"{path.name}: {found['error']}")
    if fmt == "json":
        click.echo(json_visible(json.dumps(found, ensure_ascii=False)))
    elif "error" not in found:
        out.line(line(found))


def run(path: Path, fmt: str, judge: Callable[[Case], dict[str, Any]]) -> int:
    """One result a line; the exit code: 2 a malformed line, 1 a disagreement, 3 an unknown."""
    from sharedline.cli import out

    count: Counter[str] = Counter()
    for found in results(path, judge):
        count[_kind(found)] += 1
        count["unknown"] += "error" not in found and found["answer"] is None
        show(found, path, fmt, _line)
    (out.note if fmt == "json" else out.line)(_summary(count))
    if count["malformed"]:
        return 2
    return 1 if count["differs"] else 3 if count["unknown"] else 0


def _kind(found: dict[str, Any]) -> str:
    if "error" in found:
        return "malformed"
    if found["agrees"] is None:
        return "open"
    return "agrees" if found["agrees"] else "differs" if found["answer"] is not None else "missed"


def _line(found: dict[str, Any]) -> str:
    mark = {True: "✓", False: "✗", None: " "}[found["agrees"]]
    answer = "unknown" if found["answer"] is None else found["answer"]
    expected = f", expected {found['expected']}" if found["agrees"] is False else ""
    reason = f": {found['reason']}" if found["reason"] else ""
    return f"{mark} {found['id']}  {answer}{expected}{reason}"


def _summary(count: Counter[str]) -> str:
    labelled = count["agrees"] + count["differs"] + count["missed"]
    parts = [f"{count['agrees']} of {labelled} agree"]
    if count["open"]:
        parts.append(f"{count['open']} without an expected answer")
    if count["unknown"]:
        parts.append(f"{count['unknown']} unknown")
    if count["malformed"]:
        parts.append(f"{count['malformed']} malformed")
    return f"{', '.join(parts)}."


def print_request(asked: Request) -> None:
    """Who, what, on which resource, with which keys."""
    from sharedline.cli import out
    from sharedline.iam.compare.callers import KEYS

    who = "anyone, without credentials" if asked.caller.kind == "anonymous" else asked.caller.arn
    out.line(f"  who         {who}")
    out.line(f"  action      {asked.action}")
    out.line(f"  resource    {asked.resource}")
    for key, value in sorted(asked.context.values.items()):
        if key not in KEYS:  # what follows from who asks is not repeated
            out.line(f"  with        {key} = {', '.join(value)}")
