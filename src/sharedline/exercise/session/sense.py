"""Whether an act makes sense now: released, not ended, known, one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sharedline.errors import Error
from sharedline.exercise import coherent
from sharedline.exercise.model import Decision, Inject, Question, Scenario
from sharedline.exercise.read import Reading, shaped
from sharedline.exercise.session.acts import act_of
from sharedline.exercise.session.fold import completed, with_inject
from sharedline.exercise.session.model import Participant, RunState

Data = Mapping[str, Any]


def refuse(state: RunState, who: Participant, kind: str, data: Data) -> None:
    """`Error` where this participant may not do this, or not now; `data` is as `checked` gives."""
    act = act_of(kind)
    if who.seat not in act.seats:
        raise Error(f"A {who.seat} cannot do this ({kind}).", f"It is for: {_seats(act.seats)}.")
    if state.clock.status == "ended" and who.seat not in act.afterwards:
        raise Error("The exercise has ended.", "Only notes, observations and ratings follow.")
    if (known := data.get("team", "")) and known not in state.teams:
        raise Error(f"There is no team {known!r}.", f"Teams: {', '.join(state.teams)}.")
    if kind in _CHECKS:
        _CHECKS[kind](state, who, data)


def _seats(seats: Iterable[str]) -> str:
    return ", ".join(sorted(seats))


def options_of(question: Question) -> tuple[str, ...]:
    """What a question can be answered with; nothing where it is answered in words."""
    return question.choices or (coherent.SIDES if question.kind == "side" else ())


def inject_of(scenario: Scenario, name: str) -> Inject:
    """A message by id; `Error` where there is none."""
    found: Inject = _one(scenario.injects, name, "message")
    return found


def decision_of(scenario: Scenario, name: str) -> Decision:
    """A decision by id; `Error` where there is none."""
    found: Decision = _one(scenario.decisions, name, "decision")
    return found


def _one(those: Iterable[Any], name: str, what: str) -> Any:
    found = next((one for one in those if one.id == name), None)
    if found is None:
        raise Error(f"There is no {what} {name[:80]!r}.", "Reload the page, or choose another.")
    return found


def _has(state: RunState, inject: str) -> None:
    if not state.released(inject):
        # The same words whether it is to come or is none: nobody can ask what is to come.
        raise Error(f"There is no message {inject[:80]!r} yet.", "Wait until it is released.")


def _running(state: RunState) -> None:
    if state.clock.status == "waiting":
        raise Error("The exercise has not been started.", "Start it first.")


def _started(state: RunState, _who: Participant, _data: Data) -> None:
    if state.clock.status != "waiting":
        raise Error("The exercise was started already.", "Resume it where it is paused.")


def _paused(state: RunState, _who: Participant, _data: Data) -> None:
    if state.clock.status != "running":
        raise Error("The exercise is not running.", "Start or resume it first.")


def _resumed(state: RunState, _who: Participant, _data: Data) -> None:
    if state.clock.status != "paused":
        raise Error("The exercise is not paused.", "Pause it first.")


def _released(state: RunState, _who: Participant, data: Data) -> None:
    _running(state)
    inject_of(state.scenario, data["inject"])
    if state.released(data["inject"]):
        raise Error("This message was released already.", "Release another.")


def _skipped(state: RunState, _who: Participant, data: Data) -> None:
    inject_of(state.scenario, data["inject"])
    if state.released(data["inject"]):
        raise Error("This message was released already.", "Only what is to come can be skipped.")


def _added(state: RunState, _who: Participant, data: Data) -> None:
    if data["release"]:
        _running(state)
    given = completed(data["inject"], state.scenario, state.clock.elapsed)
    inject = shaped(Inject, given, (), Reading("the new message", {}))
    if inject.id in {i.id for i in state.scenario.injects}:
        raise Error(f"There is a message {inject.id!r} already.", "Give another id.")
    for _, what, advice in coherent.faults(with_inject(state.scenario, inject)):
        raise Error(f"The new message: {what}.", advice)


def _answered(state: RunState, _who: Participant, data: Data) -> None:
    _has(state, data["inject"])
    inject = inject_of(state.scenario, data["inject"])
    question: Question = _one(inject.questions, data["question"], "question")
    allowed = options_of(question)
    if allowed and data["answer"] not in allowed:
        raise Error(f"{data['answer'][:80]!r} cannot be chosen.", f"Choose: {', '.join(allowed)}.")


def _decides(state: RunState, data: Data) -> Decision:
    found = next((d for d in state.scenario.decisions if d.id == data["decision"]), None)
    if found is None or not state.released(found.inject):
        raise Error(f"There is no decision {data['decision'][:80]!r} yet.", "Wait for its message.")
    _one(found.options, data["option"], "option")
    return found


def _chosen(state: RunState, who: Participant, data: Data) -> None:
    if state.last_settled(who.team, _decides(state, data).id):
        raise Error("Your team has settled this.", "What follows from it is known by now.")


def _settled(state: RunState, who: Participant, data: Data) -> None:
    decision = _decides(state, data)
    if who.seat == "facilitator":
        if not data["team"]:
            raise Error("Which team settled it?", f"Teams: {', '.join(state.teams)}.")
        return
    if data["team"] not in ("", who.team):
        raise Error("You cannot settle for another team.", f"Your team is {who.team}.")
    if state.last_settled(who.team, decision.id):
        # Its consequence has been read: whoever decides again would decide knowing it.
        raise Error("Your team has settled this.", "The facilitator can correct it.")


def _told(state: RunState, _who: Participant, data: Data) -> None:
    _running(state)
    if data["inject"]:
        _has(state, data["inject"])


def _noted(state: RunState, who: Participant, data: Data) -> None:
    if who.seat in ("player", "observer") and data["inject"]:
        _has(state, data["inject"])
    elif data["inject"]:
        inject_of(state.scenario, data["inject"])
    if who.seat == "observer" and data["visible"] != "private":
        raise Error("An observer's notes are private.", "Tell the facilitator.")
    if who.seat == "player" and data["team"] not in ("", who.team):
        raise Error("You cannot write for another team.", f"Your team is {who.team}.")
    if data["visible"] == "team" and not (who.team or data["team"]):
        raise Error("For which team is the note?", f"Teams: {', '.join(state.teams)}.")


def _observed(state: RunState, _who: Participant, data: Data) -> None:
    _one(state.scenario.expected, data["action"], "expected action")


def _rated(state: RunState, _who: Participant, data: Data) -> None:
    _one(state.scenario.objectives, data["objective"], "objective")


_CHECKS: Mapping[str, Callable[[RunState, Participant, Data], None]] = {
    "started": _started,
    "paused": _paused,
    "resumed": _resumed,
    "released": _released,
    "skipped": _skipped,
    "added": _added,
    "answered": _answered,
    "chosen": _chosen,
    "settled": _settled,
    "told": _told,
    "noted": _noted,
    "observed": _observed,
    "rated": _rated,
}
