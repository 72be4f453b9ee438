"""Who may do what: the guide says what the table says, and nobody has more than an admin."""

from __future__ import annotations

from pathlib import Path

from sharedline.people.model import ALLOWED, Action, Person, Role, Scope, may

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "people.md"


def test_the_guide_says_what_the_table_says() -> None:
    lines = GUIDE.read_text("utf-8").splitlines()
    start = lines.index("| may | " + " | ".join(Role) + " |") + 2
    told = {}
    for line in lines[start : start + len(Action)]:
        cells = [c.strip() for c in line.strip("|").split("|")]
        told[cells[0]] = {role for role, cell in zip(Role, cells[1:], strict=True) if cell == "yes"}
    assert told == {a.value: {r for r in Role if a in ALLOWED[r]} for a in Action}


def test_auditors_change_nothing_and_participants_only_take_part() -> None:
    changes = {
        Action.CLAIM, Action.COMMENT, Action.WAIVE, Action.ATTEST, Action.FACILITATE,
        Action.TAKE_PART, Action.RUN_JOBS, Action.MANAGE_PEOPLE,
    }  # fmt: skip
    assert not changes & ALLOWED[Role.AUDITOR]
    assert ALLOWED[Role.PARTICIPANT] == {Action.TAKE_PART}
    assert all(ALLOWED[role] <= ALLOWED[Role.ADMIN] for role in Role)
    assert [r for r in Role if may(r, Action.MANAGE_PEOPLE)] == [Role.ADMIN]


def test_who_is_not_active_may_nothing() -> None:
    gone = Person(1, "ann", "", "", Role.ADMIN, (), active=False, scope=Scope())
    assert not any(gone.may(action) for action in Action)
