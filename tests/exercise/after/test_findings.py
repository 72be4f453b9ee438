"""What went wrong: each kind with its cause, and never a person's name in any of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exercise.played import BUCKET, SEATS, Play, played, scenario

from sharedline.duties.catalogue import load
from sharedline.exercise.after.findings import findings
from sharedline.exercise.after.kinds import CAUSES, KINDS, Cause, Finding
from sharedline.exercise.after.names import SOMEBODY, without_names
from sharedline.exercise.after.strengths import strengths
from sharedline.exercise.score import score


def found(play: Play) -> dict[str, Finding]:
    state = play.state()
    return {f"{f.kind} {f.item}": f for f in findings(state, score(state))}


def test_a_whole_run() -> None:
    by = found(played())
    assert set(by) == {
        "harmful first", "unowned owner", "no-runbook runbook", "missed save", "M close",
        "told told", f"gap s3/bucket_versioning_on {BUCKET}",
    }  # fmt: skip
    harmful = by["harmful first"]
    assert (harmful.cause, harmful.owner, harmful.teams) == ("process", "data", ("Red",))
    assert "Close it." in harmful.recommendation
    assert harmful.why == "The evidence is gone."
    unowned = by["unowned owner"]
    assert (unowned.cause, unowned.owner, unowned.element) == (
        "ownership",
        "nobody",
        "organization",
    )
    assert "1 of 4 answers" in unowned.what
    gap = by[f"gap s3/bucket_versioning_on {BUCKET}"]
    assert (gap.duty, gap.check, gap.resource) == (
        "data.backup-recovery", "s3/bucket_versioning_on", BUCKET,
    )  # fmt: skip
    assert by["M close"].cause == "process"
    grave = [f.severity for f in by.values()]
    assert grave == sorted(grave, key=("critical", "high", "medium", "low").index)


def test_wrong_by_most_and_not_by_half() -> None:
    play = Play().release("open").answer("a1", "open/side", "aws").answer("a2", "open/side", "aws")
    assert found(play)["side side"].cause == "training"
    half = play.answer("a3", "open/side", "customer").answer("b1", "open/side", "customer")
    assert "side side" not in found(half)
    assert "nobody answered, true is data" in found(half)["owner data"].what


def test_many_questions_that_most_got_wrong_are_one_finding() -> None:
    play = Play().release("open", "never").answer("a1", "open/side", "aws")
    one = found(play.answer("a1", "never/side", "customer", 90, 55))["side side"]
    assert "Message open (data.exposure): 0 of 1 answers right, true is customer." in one.what
    assert "Message never (data.exposure)" in one.what
    assert [r.who for r in one.rows] == ["a1", "", "a1", ""]  # Red answered neither


def test_late_and_slow_are_for_want_of_capacity() -> None:
    play = Play().release("open").settle("a1", "close", 20).see("late", note="No rights.")
    by = found(play.answer("a1", "open/owner", "data", 90, 25))
    assert by["late first"].cause == "capacity"
    assert (by["slow-action save"].cause, by["slow-action save"].why) == ("capacity", "No rights.")
    assert by["slow time"].element == "exercises"


def test_a_gap_that_a_later_scan_has_met_or_not_seen_is_none() -> None:
    state = played().state()
    asked = []

    def standing(check: str, resource: str, account: str) -> tuple[str, str]:
        asked.append((check, resource, account))
        return "critical", "unmet"

    one = [f for f in findings(state, score(state), standing) if f.kind == "gap"]
    assert one[0].severity == "critical"
    assert asked == [("s3/bucket_versioning_on", BUCKET, "")]
    for now in ("met", "unknown", "waived", ""):
        kinds = [f.kind for f in findings(state, score(state), lambda *_, now=now: ("low", now))]
        assert "gap" not in kinds


def test_behind_a_mask_the_check_must_hold_for_all() -> None:
    made = {
        "source": "gaps",
        "scan": "s",
        "as_of": "2026-11-19T00:00:00Z",
        "seed": 1,
        "masked": True,
    }
    by = found(Play(scenario(made=made)).release("open"))
    assert by["gap s3/bucket_versioning_on "].resource == ""
    assert "every resource" in by["gap s3/bucket_versioning_on "].verified_by


def test_causes_and_duties_are_those_of_the_model() -> None:
    duties = load().duties
    assert set(CAUSES) == set(get_args(Cause)) == {k.cause for k in KINDS.values()}
    assert {k.duty for k in KINDS.values()} - {""} <= set(duties)
    assert {k.element for k in KINDS.values()} == {
        "planning", "organization", "equipment", "training", "exercises",
    }  # fmt: skip


def all_text(play: Play) -> str:
    state = play.state()
    marks = score(state)
    texts = [asdict(f) for f in findings(state, marks)]
    for text in texts:
        text.pop("rows")  # they hold ids, for pages that may show more
    return f"{texts} {strengths(state, marks) and ''}"


def test_no_finding_or_cause_names_a_person() -> None:
    text = all_text(played())
    assert SOMEBODY in text
    for name, _, _ in SEATS.values():
        for word in (name, *name.split()):
            assert word.casefold() not in text.casefold(), word


@settings(max_examples=30)
@given(st.text(st.characters(categories=("L", "Zs")), min_size=4, max_size=20))
def test_whatever_a_person_is_called(name: str) -> None:
    name = " ".join(f"Q{name}q".split())
    seats = {**SEATS, "b1": (name, "player", "Red")}
    play = Play(seats=seats).release("open").see("missed", note=f"({name}) slept; {name.upper()}!")
    note = next(f for f in findings(play.state(), score(play.state())) if f.kind == "missed").why
    assert name not in note
    assert SOMEBODY in note


def test_teams_and_roles_keep_their_names() -> None:
    seats = {"a": ("Blue", "player", "Blue"), "b": ("security on call", "player", "Red"),
             "c": ("data", "player", "Red"), "d": ("Will Young", "player", "Red")}  # fmt: skip
    clean = without_names(Play(seats=seats).state())
    text = "Blue told Security on call that data will be young"
    assert clean(text) == text
    assert clean("WILL  YOUNG and Will") == f"{SOMEBODY} and {SOMEBODY}"


@pytest.mark.parametrize("quality", ["P", "S"])
def test_good_ratings_are_no_findings(quality: str) -> None:
    play = Play().release("open").rate("close", quality, "Well done.")
    assert "close" not in {f.split()[1] for f in found(play) if f.split()[0] in "PSMU"}
    assert any("Well done." in s for s in strengths(play.state(), score(play.state()))) == (
        quality == "P"
    )


def test_a_table_without_a_name_empties_no_sentence() -> None:
    seats = {"f": ("Facilitator", "facilitator", ""), "t": ("The table", "player", "Blue"),
             "u": ("The Night Shift", "player", "Red")}  # fmt: skip
    clean = without_names(Play(seats=seats).state())
    text = "The owner was added by the facilitator; the bucket is on the table."
    assert clean(text) == text
    assert clean("the night shift knew, Shift did not") == f"{SOMEBODY} knew, {SOMEBODY} did not"
