"""What went wrong in a run, by cause: decisions, owners, sides, runbooks, actions, gaps, ratings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

from sharedline.duties.catalogue import canonical
from sharedline.exercise.after.kinds import KINDS, OWNED, Finding, Severity
from sharedline.exercise.after.names import without_names
from sharedline.exercise.model import Decision, Inject, Question
from sharedline.exercise.score.answers import EMPTY, is_right, judged, same
from sharedline.exercise.score.model import Row, Score
from sharedline.exercise.score.telling import owners
from sharedline.exercise.session.model import RunState
from sharedline.model import NOBODY

#: A question that most got wrong: what was said of it in short, and its rows.
Missed = tuple[Inject, Question, str, list[Row]]
#: The severity and the status now of a check on a resource (and account); empty for not known.
Standing = Callable[[str, str, str], tuple[str, str]]


def findings(state: RunState, score: Score, standing: Standing | None = None) -> list[Finding]:
    """What went wrong, the gravest first; `standing` asks a later scan about the gaps used.

    Without it a gap stands as the scenario's scan had it.
    """
    clean = without_names(state)
    found = [
        *_decisions(state, score),
        *_questions(state, score),
        *_actions(state, score),
        *_told(score),
        *_slow(state, score),
        *_gaps(state, standing),
        *_ratings(state),
    ]
    order = ("critical", "high", "medium", "low")
    found.sort(key=lambda f: order.index(f.severity))
    return [
        replace(
            f, title=clean(f.title), what=clean(f.what), why=clean(f.why),
            recommendation=clean(f.recommendation),
        )
        for f in found
    ]  # fmt: skip


def _made(
    kind: str, item: str, title: str, what: str, why: str, mend: str, **more: object
) -> Finding:
    k = KINDS[kind]
    severity: Severity = more.pop("severity", "") or k.severity  # type: ignore[assignment]
    duty = str(more.pop("duty", "") or k.duty)
    owner = str(more.pop("owner", "") or NOBODY)
    return Finding(
        kind, item, k.cause, severity, k.element, title, what, why, mend, owner, duty,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _owner(inject: Inject) -> str:
    """Whose what an inject is about is, as the scenario knows it; nobody where it does not."""
    held = owners(inject)
    truths = [q.truth for q in inject.questions if q.kind == "owner" and q.truth]
    return next((a for t in truths for a in t.answers if same(a) in held), NOBODY)


def _injects(state: RunState) -> dict[str, Inject]:
    return {i.id: i for i in state.scenario.injects}


def _rows(score: Score, part: str) -> Iterator[Row]:
    for team in score.teams:
        yield from team.parts[part].rows


def _decisions(state: RunState, score: Score) -> Iterator[Finding]:
    by: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _rows(score, "decision"):
        if kind := _decided(state, row):
            by[(row.item, kind)].append(row)
    known = {d.id: d for d in state.scenario.decisions}
    for (item, kind), rows in by.items():
        decision, inject = known[item], _injects(state)[known[item].inject]
        best = next(o for o in decision.options if o.quality == "best")
        told = {"undecided": "Not decided", "late": "Decided late"}
        title = f"{told.get(kind, f'A {kind} decision')}: {inject.title}"
        mend = f"Write into the procedure what is done here: {best.text}"
        why = _consequences(rows, decision)
        if kind == "late":
            why = "It was the right choice, and it took longer than there was time for."
            mend = f"Rehearse it against the clock: {decision.minutes} minutes are meant for it."
        yield _made(
            kind, item, title, f"{decision.text} {_by_team(rows, decision)}",
            why, mend, owner=_owner(inject), inject=inject.id, teams=_teams(rows),
            rows=tuple(rows),
        )  # fmt: skip


def _decided(state: RunState, row: Row) -> str:
    """What kind of finding a decision's row is; empty for none."""
    decision = next(d for d in state.scenario.decisions if d.id == row.item)
    quality = next((o.quality for o in decision.options if o.id == row.said), "")
    if quality in ("best", "good"):
        return "late" if "Late:" in row.why else ""
    return quality or "undecided"


def _by_team(rows: list[Row], decision: Decision) -> str:
    texts = {o.id: o.text for o in decision.options}
    return " ".join(" ".join(f"{r.team}: {texts.get(r.said, '')} {r.why}".split()) for r in rows)


def _consequences(rows: list[Row], decision: Decision) -> str:
    said = {r.said for r in rows}
    return " ".join(o.consequence for o in decision.options if o.id in said) or (
        "No decision is one too: the story goes on without it."
    )


def _teams(rows: list[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(r.team for r in rows))


def _questions(state: RunState, score: Score) -> Iterator[Finding]:
    by: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for part in ("side", "owner", "runbook", "other"):
        for row in _rows(score, part):
            by[(row.inject, row.item)].append(row)
    wrong: dict[tuple[str, str], list[Missed]] = defaultdict(list)
    gone = set()
    for inject, question, part in judged(state):
        rows = by[(inject.id, question.id)]
        answered = [r for r in rows if r.who]
        right = sum(is_right(r.said, question) for r in answered)
        told = f"{right} of {len(answered)} answers right" if answered else "nobody answered"
        assert question.truth is not None
        none = {same(a) for a in question.truth.answers} <= EMPTY
        if none and part in ("owner", "runbook"):
            place = (part, inject.duty, _thing(inject))
            if place not in gone:  # the same gap, met in two messages, is one
                yield _nothing_there(state, inject, question, part, told, rows)
            gone.add(place)
        elif rows and (right * 2 < len(answered) or not answered):
            # Who owns it is mended team by team, all else for everybody at once.
            wrong[(part, _owner(inject) if part == "owner" else "")].append(
                (inject, question, told, rows)
            )
    for (part, owner), missed in wrong.items():
        yield _not_known(part, owner, missed)


def _nothing_there(
    state: RunState, inject: Inject, question: Question, part: str, told: str, rows: list[Row]
) -> Finding:
    assert question.truth is not None
    what = f"{told[0].upper()}{told[1:]}."
    more = {"inject": inject.id, "teams": _teams(rows), "rows": tuple(rows)}
    if part == "owner":
        title = f"Nobody owns {inject.duty} of {_thing(inject)}"
        mend = "Name the team in the owner register, and tell it."
        masked = state.scenario.made is not None and state.scenario.made.masked
        more["check"] = f"{OWNED}{canonical(inject.service)}:{inject.duty}"
        more["resource"] = "" if masked else inject.resource
        more["account"] = _account(str(more["resource"]))
        return _made("unowned", question.id, title, what, question.truth.why, mend, **more)
    title = f"No runbook for: {inject.title}"
    mend = "Write one: what it answers, whose it is, the steps; then test it."
    more["owner"] = _owner(inject)
    return _made("no-runbook", question.id, title, what, question.truth.why, mend, **more)


def _not_known(part: str, owner: str, missed: list[Missed]) -> Finding:
    """One finding for all questions of a part that most got wrong."""
    title, mend = {
        "side": ("whose side it is on", "Show the lines of these services, what of them is yours."),
        "owner": (f"that {owner} owns it", "Make the owner register known, and how it is asked."),
        "runbook": ("which runbook answers", "Make the runbook found from the finding type."),
        "other": ("facts that were needed", "Show them where the work is done."),
    }[part]
    lines, whys = [], []
    for inject, question, told, _ in missed:
        assert question.truth is not None
        right = " or ".join(question.truth.answers)
        lines.append(f"{inject.title} ({inject.duty}): {told}, true is {right}.")
        whys.append(question.truth.why)
    owners_ = {_owner(inject) for inject, _, _, _ in missed}
    rows = [r for _, _, _, found in missed for r in found]
    return _made(
        part, owner or part, f"Most did not know {title}", " ".join(lines),
        " ".join(dict.fromkeys(whys)), mend,
        owner=owners_.pop() if len(owners_) == 1 else NOBODY,
        teams=_teams(rows), rows=tuple(rows),
    )  # fmt: skip


def _thing(inject: Inject) -> str:
    return inject.resource or inject.service


def _actions(state: RunState, score: Score) -> Iterator[Finding]:
    by: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _rows(score, "communication"):
        if row.item.startswith("action ") and row.said in ("late", "missed"):
            by[(row.item.removeprefix("action "), row.said)].append(row)
    known = {a.id: a for a in state.scenario.expected}
    for (item, said), rows in by.items():
        action, inject = known[item], _injects(state)[known[item].inject]
        seen = [state.last_observed(item, r.team) for r in rows]
        notes = " ".join(dict.fromkeys(o.note for o in seen if o and o.note))
        mend = f"Put into the procedure of {action.who}, with who does it in their absence."
        if said == "late":
            mend = "Rehearse it against the clock, and see what held it up."
        yield _made(
            "missed" if said == "missed" else "slow-action", item,
            f"Expected and {said}: {action.text}",
            f"{action.who}, by minute {action.by}; {said} by {', '.join(_teams(rows))}.",
            notes or "The evaluator wrote no reason down.", mend, owner=_owner(inject),
            duty=action.duty, inject=inject.id, teams=_teams(rows), rows=tuple(rows),
        )  # fmt: skip


def _told(score: Score) -> Iterator[Finding]:
    """One finding for all who were not told in time."""
    by: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(score, "communication"):
        if row.item.startswith("told "):
            by[row.item.removeprefix("told ").replace(": ", " ")].append(row)
    late = {label: [r for r in rows if not r.points] for label, rows in by.items()}
    lines = [
        f"{label[0].upper()}{label[1:]}: {len(late[label])} of {len(rows)} times too late or never."
        for label, rows in by.items()
        if late[label]
    ]
    rows = [r for found in late.values() for r in found]
    if rows:
        yield _made(
            "told", "told", "Those who must know were not told in time", " ".join(lines),
            f"The target is {score.targets.told:g} minutes after the message.",
            "Write down who is told of what, by which channel, and by whom.",
            teams=_teams(rows), rows=tuple(rows),
        )  # fmt: skip


def _slow(state: RunState, score: Score) -> Iterator[Finding]:
    rows = list(_rows(score, "time"))
    late = [r for r in rows if r.minute is not None and (r.points or 0) < 1]
    if late:
        titles = dict.fromkeys(_injects(state)[r.inject].title for r in late)
        yield _made(
            "slow", "time", "The owner was found late",
            f"{len(late)} of {len(rows)} times after the target of {score.targets.owner:g} "
            f"minutes: {'; '.join(titles)}.",
            " ".join(dict.fromkeys(f"{r.team}: {r.said}." for r in late)),
            "Rehearse finding the owner: from the resource to a name that answers.",
            teams=_teams(late), rows=tuple(late),
        )  # fmt: skip


def _gaps(state: RunState, standing: Standing | None) -> Iterator[Finding]:
    """The findings that the story was made of, unless a later scan no longer has them unmet."""
    masked = state.scenario.made is not None and state.scenario.made.masked
    seen = set()
    for inject in state.scenario.injects:
        for p in inject.provenance if state.released(inject.id) else ():
            # Behind a mask the resource cannot be known again: then the check must hold for all.
            resource = "" if masked else p.resource
            if not p.check or (p.check, resource) in seen:
                continue
            seen.add((p.check, resource))
            account = _account(resource)
            severity, now = standing(p.check, resource, account) if standing else ("", "unmet")
            if now != "unmet":
                continue
            yield _made(
                "gap", f"{p.check} {resource}",
                f"Still unmet: {p.check}" + (f" on {resource}" if resource else ""),
                f"The story was made of it (scan {p.scan or 'not said'}).",
                p.note or "A check found it, in the real estate.",
                "Mend it; the next scan verifies.", severity=severity, owner=_owner(inject),
                duty=p.duty or inject.duty, inject=inject.id, check=p.check, resource=resource,
                account=account,
            )  # fmt: skip


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 and parts[4].isdigit() else ""


def _ratings(state: RunState) -> Iterator[Finding]:
    for objective in state.scenario.objectives:
        rating = state.last_rating(objective.id)
        if rating is None or rating.rating not in ("M", "U"):
            continue
        told = {"M": "with major challenges", "U": "could not be performed"}[rating.rating]
        yield _made(
            rating.rating, objective.id, f"Rated {rating.rating}, {told}: {objective.text}",
            f"Measured by: {objective.measure}", rating.why or "The evaluator gave no reason.",
            f"Rehearse it again; it is achievable: {objective.achievable}",
        )  # fmt: skip
