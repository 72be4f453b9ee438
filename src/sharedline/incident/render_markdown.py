"""The verdict as Markdown, for a ticket or a wiki: nothing of an event is read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sharedline.text import visible


def md(value: Any) -> str:
    """Text that Markdown shows as it is."""
    text = visible("" if value is None else value, lines=False)
    # Names of duties and events hold dots and hyphens that mean nothing inside a word.
    escaped = re.sub(r"[\\`*_{}\[\]#|~$!]", lambda m: f"\\{m[0]}", text)
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A bare address would become a link.
    return escaped.replace("://", ":&#47;&#47;").replace("www.", "www&#46;").replace("@", "&#64;")


def markdown(data: Mapping[str, Any]) -> str:
    """The whole report."""
    return "\n".join(_lines(data)) + "\n"


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"# Incident: {md(data['subject']['title'] or data['subject']['id'] or 'events')}"
    yield ""
    for sentence in data["summary"]:
        yield from (md(sentence), "")
    yield from ("## What happened", "")
    yield "| # | Time (UTC) | Event | Who | From | Technique | What |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for step in data["chain"]:
        yield _step(step)
    yield from ("", "## Whose duty", "")
    for row in data["verdict"]:
        yield from _row(row)
    yield from _rest(data)


def _step(step: Mapping[str, Any]) -> str:
    times = f" ×{step['count']}" if step["count"] > 1 else ""
    refused = f" (refused: {step['error']})" if step["error"] else ""
    cells = (
        step["step"],
        step["time"],
        f"{step['event']}{times}{refused}",
        step["principal"],
        step["address"],
        ", ".join(step["techniques"]),
        "; ".join(step["kinds"]) or step["why"],
    )
    return "| " + " | ".join(md(c) for c in cells) + " |"


def _row(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {md(row['duty'])}: {md(row['status'])}"
    yield ""
    yield f"{md(row['title'])}. Side: {md(row['side'])}. Owner: {md(row['owner'])}."
    yield ""
    for why in row["why"]:
        yield f"- Why it bears on this: {md(why)}"
    for one in row["evidence"]:
        yield f"- Evidence ({md(one['kind'])}): {md(one['says'])}"
    stopped = row["would_have_stopped"]
    if stopped:
        yield f"- Met, it would have stopped step {stopped['step']}, {md(stopped['event'])}."
    yield ""


def _rest(data: Mapping[str, Any]) -> Iterator[str]:
    if data["provider"]:
        yield from ("## AWS's side", "")
        for one in data["provider"]:
            yield f"- {md(one['kind'])}. {md(one['aws'])} {md(one['you'])}".rstrip()
        yield ""
    if data["unknown"]:
        yield from ("## What is not known", "")
        for one in data["unknown"]:
            yield f"- {md(one['what'])} *Where it would be found:* {md(one['where'])}"
        yield ""
    if data["call_first"]:
        yield from ("## Whom to call first", "")
        for n, one in enumerate(data["call_first"], 1):
            person = f" ({md(one['person'])})" if one["person"] else ""
            yield f"{n}. {md(one['owner'])}{person}: {md(', '.join(one['duties']))}; {md(one['why'])}"
        yield ""
    if data["runbooks"]:
        yield from ("## Runbook", "")
        for one in data["runbooks"]:
            yield f"- {md(one['open'])}"
        yield ""
    for note in data["notes"]:
        yield f"- {md(note)}"
    scans = [f"{s['id']} of {s['as_of']}" for s in data["scans"]]
    yield "Scans used: " + md(", ".join(scans) or "none at or before the steps") + "."
