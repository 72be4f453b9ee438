"""An exercise at one table: what comes next follows from the room, so leaving loses nothing."""

from __future__ import annotations

from typing import get_args

from sharedline.cli import out
from sharedline.cli.exercise.common import asking, showing
from sharedline.cli.exercise.common.asking import Asker
from sharedline.exercise.model import Channel, Decision, ExpectedAction, Inject, Question
from sharedline.exercise.session.model import GRADES, RunState
from sharedline.exercise.session.view import choices, shuffled

#: Seconds between looks at what others did meanwhile.
LOOK = 2.0
_SEEN = {"d": "done", "l": "late", "m": "missed"}
_GRADES = (
    "P performed without challenges, S with some, M with major challenges, U unable to be performed"
)


def play(asker: Asker) -> None:
    """From where the run stands to its ratings; `Leave` where somebody leaves before."""
    done = _handled(asker.room.state(), asker.table.id, asker.table.team)
    while (state := asker.room.state()).clock.status != "ended":
        fresh = next((name for name in state.releases if name not in done), None)
        if state.clock.status == "waiting":
            asker.ask("Enter starts the clock: ")
            asker.do(asker.lead, "started")
        elif state.clock.status == "paused":
            asker.wait_for_more()
        elif fresh is not None:
            _message(asker, state, fresh)
            done.add(fresh)
        else:
            _next(asker, state)
    _tick_off(asker)
    _rate(asker)


def _handled(state: RunState, table: str, team: str) -> set[str]:
    """The messages before the last one that the table did something about."""
    decisions = {d.id: d.inject for d in state.scenario.decisions}
    about = {a.inject for a in state.answers if a.participant == table}
    about |= {decisions[s.decision] for s in state.settled if s.team == team}
    about |= {m.inject for m in state.messages if m.team == team}
    order = list(state.releases)
    last = max((order.index(i) for i in about if i in order), default=0)
    return set(order[:last])


def _next(asker: Asker, state: RunState) -> None:
    """The next message by whoever leads or by the clock; the end where none is left."""
    left = [
        i for i in state.scenario.injects if not state.released(i.id) and i.id not in state.skipped
    ]
    if not left:
        if asker.ask("\nAll has been played. Enter ends the exercise: ") is not None:
            asker.do(asker.lead, "ended")
        return
    coming = left[0]
    now = f"Minute {state.clock.elapsed:.0f}."
    if state.settings.pace == "clock":
        out.line(f"\n{now} The next message comes at {coming.minute}' (Enter: now).")
        if not _typed(asker, state, coming):
            return
    if asker.ask(f"\n{now} Enter releases {coming.minute}' {_short(coming)!r}: ") is None:
        asker.do(asker.lead, "skipped", inject=coming.id)
    elif not asker.room.state().released(coming.id):
        asker.do(asker.lead, "released", inject=coming.id)


def _typed(asker: Asker, before: RunState, coming: Inject) -> bool:
    """Waits for the clock; True where somebody typed something before it came."""
    while True:
        state = asker.room.state()
        if state.seq != before.seq or state.released(coming.id):
            return False  # the clock, or somebody at another screen
        left = max(0.0, coming.minute - state.clock.elapsed) * 60 / state.clock.speed
        if asking.wait(min(left + 0.05, LOOK)):
            return True


def _short(inject: Inject) -> str:
    from sharedline.text import middle, visible

    return middle(visible(inject.title, lines=False), 40)


def _message(asker: Asker, state: RunState, name: str) -> None:
    """Shows a message and asks all that it brings and that is not answered yet."""
    inject = next(i for i in state.scenario.injects if i.id == name)
    showing.inject(inject, state.releases[name])
    for question in inject.questions:
        if not state.last_answer(asker.table.id, name, question.id):
            _question(asker, state.run, name, question)
    for decision in state.scenario.decisions:
        if decision.inject == name and not state.last_settled(asker.table.team, decision.id):
            _decision(asker, state.run, decision)
    _tell(asker, name)


def _question(asker: Asker, run: str, inject: str, question: Question) -> None:
    out.line("")
    out.wrapped(f"? {question.text}", 4)
    options = [(o, o) for o in choices(run, inject, question)]
    while True:
        prompt = "      Answer: "
        given = asker.choose(options, prompt) if options else asker.text(prompt)
        sure = asker.sure() if given is not None else None
        if given is None or sure is None:
            return
        data = {"inject": inject, "question": question.id, "answer": given, "confidence": sure}
        if asker.do(asker.table, "answered", **data):
            return


def _decision(asker: Asker, run: str, decision: Decision) -> None:
    out.line("")
    out.wrapped(f"DECIDE ({decision.minutes} min): {decision.text}", 4)
    options = shuffled(run, decision)
    chosen = asker.choose([(o.id, o.text) for o in options], "      The table decides: ")
    sure = asker.sure() if chosen is not None else None
    if chosen is None or sure is None:
        return
    if asker.do(asker.table, "settled", decision=decision.id, option=chosen, confidence=sure):
        found = next(o for o in options if o.id == chosen)
        out.wrapped(f"-> {found.consequence}", 4)


def _tell(asker: Asker, inject: str) -> None:
    """Whom the table tells, until nobody else is told."""
    out.line("")
    prompt = "    Whom do you tell (enter = nobody)? "
    while to := asker.ask(prompt):
        channel = _channel(asker)
        text = asker.text("      What do you say? ") if channel else None
        if channel and text:
            asker.do(asker.table, "told", to=to, channel=channel, text=text, inject=inject)
        prompt = "    Whom else (enter = nobody)? "


def _channel(asker: Asker) -> str | None:
    words = get_args(Channel)
    while (line := asker.ask("      By which channel (enter = chat)? ")) is not None:
        if (line or "chat") in words:
            return line or "chat"
        out.note(f"Channels: {', '.join(words)}.")
    return None


def _tick_off(asker: Asker) -> None:
    """What was expected: done in time, late, missed; what was seen before is not asked again."""
    state = asker.room.state()
    team = asker.table.team
    left = [a for a in state.scenario.expected if not state.last_observed(a.id, team)]
    if left:
        out.line("\nWhat was expected: d done in time, l late, m missed; Enter leaves it open.")
    for action in left:
        out.wrapped(f"by minute {action.by}, {action.who}: {action.text}", 4)
        _seen(asker, action, state.clock.elapsed)


def _seen(asker: Asker, action: ExpectedAction, ended: float) -> None:
    while line := asker.ask("      d, l, m, with the minute if you know it (d 12): "):
        word, _, minute = line.partition(" ")
        known = minute.strip()
        if word not in _SEEN or not (not known or (known.isascii() and known.isdigit())):
            out.note("Write d, l or m, and a minute behind it if you know it.")
            continue
        # Nobody said when: done in time was done by its minute, anything else by the end.
        when = int(known[:6]) if known else min(float(action.by), ended) if word == "d" else None
        data = {"action": action.id, "state": _SEEN[word], "team": asker.table.team}
        if asker.do(asker.lead, "observed", minute=when, **data):
            return


def _rate(asker: Asker) -> None:
    """Each objective by HSEEP, with a reason."""
    state = asker.room.state()
    left = [o for o in state.scenario.objectives if not state.last_rating(o.id)]
    if left:
        out.line("")
        out.wrapped(f"Rate the objectives: {_GRADES}. Enter leaves one open.")
    for objective in left:
        out.wrapped(f"{objective.text} {objective.measure}", 4)
        while line := asker.ask("      P, S, M or U: "):
            if line.upper() not in GRADES:
                out.note("Write P, S, M or U, in capitals.")
                continue
            why = asker.ask("      Why? ") or ""
            if asker.do(asker.lead, "rated", objective=objective.id, rating=line.upper(), why=why):
                break
