"""The room as its page shows it: messages with what is asked of them and what one said so far.

Everything comes out of `session.view`, which holds only what the seat may see: a template that is
careless can show nothing more.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sharedline.exercise.session.model import Participant, RunState
from sharedline.exercise.session.view import view
from sharedline.exercise.truths import NONE
from sharedline.model import NOBODY

Row = dict[str, Any]

#: How a message arrives, in words and as a mark that stands beside them.
CHANNELS: Mapping[str, tuple[str, str]] = {
    "email": ("E-mail", "✉"),
    "chat": ("Chat", "❝"),
    "phone": ("Phone", "✆"),
    "ticket": ("Ticket", "☰"),
    "console": ("Console", "›_"),
    "alert": ("Alert", "▲"),
    "news": ("News", "¶"),
    "in-person": ("In person", "☻"),
    "letter": ("Letter", "✎"),
}
SIDE_WORDS: Mapping[str, str] = {
    "aws": "AWS’s side",
    "customer": "Our side",
    "shared": "Shared: part of it on each side",
    "unknown": "Nobody has drawn that line",
}
STATUS: Mapping[str, str] = {
    "waiting": "Not started",
    "running": "Running",
    "paused": "Paused",
    "ended": "Ended",
}
GRADES: Mapping[str, str] = {
    "P": "Performed without challenges",
    "S": "Performed with some challenges",
    "M": "Performed with major challenges",
    "U": "Unable to be performed",
}


def clock(minutes: float) -> str:
    """Minutes of the scenario as `0:07:30` would be read: minutes and seconds."""
    whole = int(minutes * 60)
    return f"{whole // 60}:{whole % 60:02d}"


def minute(value: float | None) -> str:
    """The minute in which something was done, for people."""
    return "" if value is None else f"minute {int(value)}"


_LISTED = re.compile(r"[-*•>#|]|\d+[.)]\s|\s|$")


def flowing(text: str) -> str:
    """A text without the line ends of the file that it was written in; lists keep theirs."""
    lines = text.strip().split("\n")
    out = lines[:1]
    for before, line in pairwise(lines):
        if len(before) >= 60 and not _LISTED.match(line):
            out[-1] += f" {line}"
        else:
            out.append(line)
    return "\n".join(out)


def shown(state: RunState, me: Participant, known: Mapping[str, Sequence[str]]) -> Row:
    """What the page of a seat shows.

    `known` holds `owners` and `runbooks`: names to choose from where a question gives none. Keys
    are those of `view`, and injects_newest, names, told, written, open.
    """
    seen = view(state, me)
    names = {p["id"]: p["name"] for p in seen["people"]}
    settled = {(s["team"], s["decision"]): s for s in seen["settled"]}
    chosen = {c["decision"]: c for c in seen["choices"] if c["participant"] == me.id}
    tries = Counter((a["inject"], a["question"]) for a in _mine(seen["answers"], me))
    mine = {(a["inject"], a["question"]): a for a in _mine(seen["answers"], me)}
    decisions: dict[str, list[Row]] = {}
    for one in seen["decisions"]:
        decisions.setdefault(one["inject"], []).append(
            {
                **one,
                "options": _for(me, state.run, one),
                "mine": chosen.get(one["id"]),
                "times": sum(c["decision"] == one["id"] for c in _mine(seen["choices"], me)),
                "settled": [s for (_, d), s in settled.items() if d == one["id"]],
                "due": _due(seen, one),
                "texts": {o["id"]: o["text"] for o in one["options"]},
            }
        )
    messages = [
        {
            **one,
            "asked": [
                {
                    **q,
                    "choices": _choices(q, known),
                    "mine": mine.get((one["id"], q["id"])),
                    "times": tries[(one["id"], q["id"])],
                }
                for q in one.get("questions", ())
            ],
            "decisions": decisions.get(one["id"], []),
        }
        for one in reversed(seen["injects"])
    ]
    counts = Counter(n["participant"] for n in seen["notes"])
    told = Counter(m["participant"] for m in seen["messages"])
    return seen | {
        "injects_newest": messages,
        "names": names,
        "written": counts[me.id],
        "told": told[me.id],
        "open": sum(not q["mine"] for m in messages for q in m["asked"])
        + sum(not d["mine"] and not d["settled"] for m in messages for d in m["decisions"]),
    }


def _mine(rows: Iterable[Row], me: Participant) -> list[Row]:
    return [row for row in rows if row["participant"] == me.id]


def _due(seen: Row, decision: Row) -> int:
    released = next(i for i in seen["injects"] if i["id"] == decision["inject"])
    return int(released["released_minute"] + decision["minutes"])


def _for(me: Participant, run: str, decision: Row) -> list[Row]:
    """The options in an order of each player's own, so that nobody answers by place."""
    options: list[Row] = list(decision["options"])
    if me.seat == "player":
        random.Random(f"{run}/{decision['id']}/{me.id}").shuffle(options)  # noqa: S311 no secret
    return options


def _choices(question: Row, known: Mapping[str, Sequence[str]]) -> list[str]:
    """What a question offers; owners and runbooks that it does not name are those there are."""
    given: list[str] = list(question.get("choices", ()))
    if given or question["kind"] not in ("owner", "runbook"):
        return given
    if question["kind"] == "owner":
        return [*known.get("owners", ()), NOBODY]
    return [*known.get("runbooks", ()), NONE]


def version(state: RunState, me: Participant) -> str:
    """Changes when something changes that this seat may see: an act, or the clock's releases."""
    common = (
        len(state.releases), state.clock.status, f"{state.clock.speed:g}", len(state.announced),
        len(state.participants), len(state.scenario.injects) if me.seat == "facilitator" else "",
    )  # fmt: skip
    if me.seat == "player":
        rest: tuple[object, ...] = (
            sum(a.participant == me.id for a in state.answers),
            sum(c.participant == me.id for c in state.choices),
            sum(s.team == me.team for s in state.settled),
            sum(m.team == me.team for m in state.messages),
            sum(n.participant == me.id or n.visible == "everyone"
                or (n.visible == "team" and n.team == me.team) for n in state.notes),
        )  # fmt: skip
    else:
        # What is due on the board becomes late by itself.
        rest = (state.seq, int(state.clock.elapsed))
    return "-".join(str(part) for part in (*common, *rest))
