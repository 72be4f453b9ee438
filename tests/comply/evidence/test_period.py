"""Periods: operated, did not, or cannot be shown; and when an exception was closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from tests.comply.evidence.made import item

from sharedline.comply.evidence.choose import Chosen, by_check, by_control, by_duty
from sharedline.comply.evidence.looks import exceptions, gaps, look_of
from sharedline.comply.evidence.period import Answer, Verdict, answer, draw
from sharedline.errors import Error

APRIL = datetime(2026, 4, 1, 9, tzinfo=UTC)
WEEKS = [APRIL + timedelta(days=7 * n) for n in range(5)]
FROM, TO = date(2026, 4, 1), date(2026, 4, 30)
CHOSEN = Chosen("Buckets", frozenset({"data.exposure"}), {"s3/not_public": "named"})


def look(at: datetime, **more: Any) -> dict[str, Any]:
    """An item of the check as it reads back."""
    made = item(**{"ref": {"scan": f"{at:%Y%m%d}"}, "population": 9, **more})
    return {**made, "observed": at.isoformat().replace("+00:00", "Z")}


def asked(items: Sequence[dict[str, Any]], chosen: Chosen = CHOSEN, **more: Any) -> Answer:
    return answer("it", chosen, enumerate(items), FROM, TO, **more)


def test_it_operated_where_every_look_was_clean() -> None:
    found = asked([look(at) for at in WEEKS])
    assert (found.verdict, found.why) == (Verdict.OPERATED, "over the whole period, by 1 check")
    assert found.checks[0].why == "5 looks without an exception"
    assert found.checks[0].gaps == []


def test_an_exception_that_nobody_accepted_says_it_did_not() -> None:
    failing = look(WEEKS[2], result="unmet", exceptions=2, waived=1, samples=["a", "b"])
    found = asked([*(look(at) for at in WEEKS[:2]), failing, *(look(at) for at in WEEKS[3:])])
    assert found.verdict == Verdict.DID_NOT
    assert found.checks[0].why == (
        "1 of 5 looks had exceptions, at most 1, first on 2026-04-15"
    )
    assert [(e.resource, e.state, e.closed) for e in found.checks[0].exceptions] == [
        ("a", "closed", WEEKS[3]), ("b", "closed", WEEKS[3]),
    ]


def test_accepted_exceptions_are_said_and_do_not_fail() -> None:
    waived = {"result": "unmet", "exceptions": 1, "waived": 1, "samples": ["a"]}
    found = asked([look(at, **waived) for at in WEEKS])
    assert found.verdict == Verdict.OPERATED
    assert found.checks[0].why.endswith("accepted exceptions in 5")
    assert found.checks[0].exceptions[0].state == "open"


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ([], "no check speaks for it, and no attestation for all of it"),
        ([look(APRIL - timedelta(days=9))], "s3/not_public: no look in the period"),
        ([look(at) for at in WEEKS[2:]],
         "s3/not_public: no look from 2026-04-01 to 2026-04-15 (14 days, 7 allowed)"),
        ([look(at) for at in WEEKS[:3]],
         "s3/not_public: no look from 2026-04-15 to 2026-04-30 (15 days, 7 allowed)"),
        ([look(at) for at in (WEEKS[0], *WEEKS[2:])],
         "s3/not_public: no look from 2026-04-01 to 2026-04-15 (14 days, 7 allowed)"),
        ([look(WEEKS[0], unknown=3, result="unknown"), *(look(at) for at in WEEKS[1:])],
         "s3/not_public: 1 of 5 looks could not read everything"),
        ([look(at, population=0, result="empty") for at in WEEKS],
         "there was nothing that the checks apply to"),
        ([look(at, subject={"accounts": ["1", "2"][: n + 1]}) for n, at in enumerate(WEEKS)],
         "s3/not_public: not every look covered account 2"),
    ],
)
def test_what_cannot_be_shown_and_why(items: list[dict[str, Any]], why: str) -> None:
    found = asked(items)
    assert (found.verdict, found.why) == (Verdict.UNSHOWN, why)


def test_gaps_are_counted_in_days_and_both_ends_belong() -> None:
    start, end = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 30, 23, 59, tzinfo=UTC)
    assert gaps(WEEKS, start, end, 7) == []
    assert [(g.start, g.end, g.days) for g in gaps(WEEKS, start, end, 6)] == [
        *((a, b, 7) for a, b in pairwise(WEEKS)),
    ]
    assert [g.days for g in gaps([], start, end, 28)] == [29]
    # Hours do not matter: late on the first day to early on the eighth is seven days.
    late, early = start.replace(hour=1), start.replace(day=8, hour=23)
    assert gaps([late, early], start, early, 7) == []


def test_a_check_with_nothing_to_judge_does_not_spoil_the_others() -> None:
    chosen = Chosen("x", frozenset(), {"s3/not_public": "named", "b": "named"})
    nothing = [
        look(at, query={"id": "b"}, population=0, result="empty") for at in WEEKS
    ]
    found = asked([*nothing, *(look(at) for at in WEEKS)], chosen)
    assert found.verdict == Verdict.OPERATED
    assert found.why == "over the whole period, by 1 check"
    assert {o.check: o.verdict for o in found.checks}["b"] == Verdict.UNSHOWN
    # One that was never looked at is no such check.
    assert asked([look(APRIL - timedelta(days=9), query={"id": "b"}),
                  *(look(at) for at in WEEKS)], chosen).verdict == Verdict.UNSHOWN


def test_a_scan_judged_twice_counts_once_with_its_later_judgement() -> None:
    items = [look(at) for at in WEEKS]
    again = look(WEEKS[2], exceptions=1, waived=0, result="unmet", samples=["a"])
    found = asked([*items, again])
    assert found.verdict == Verdict.DID_NOT
    assert len(found.checks[0].looks) == 5
    assert asked([again, *items]).verdict == Verdict.OPERATED


def test_the_end_of_an_exception_is_known_only_where_a_look_names_all() -> None:
    first = look(WEEKS[0], exceptions=1, samples=["a"])

    def ends(then: dict[str, Any], *more: dict[str, Any]) -> list[tuple[str, str]]:
        looks = [look_of(i, x) for i, x in enumerate((first, then, *more))]
        return [(e.resource, e.state) for e in exceptions(looks)]

    assert ends(look(WEEKS[1])) == [("a", "closed")]
    assert ends(look(WEEKS[1], unknown=1)) == [("a", "not known")]
    many = look(WEEKS[1], exceptions=7, samples=list("bcdef"))
    assert ends(many)[0] == ("a", "not known")
    assert ends(many, look(WEEKS[2]))[0] == ("a", "closed")
    assert ends(look(WEEKS[1], unknown=1), first | {"observed": "2026-04-15T00:00:00Z"}) == [
        ("a", "open")
    ]
    reopened = ends(look(WEEKS[1]), first | {"observed": "2026-04-15T00:00:00Z"})
    assert reopened == [("a", "closed"), ("a", "open")]


def attested(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "attestation", "duty": "response.practice", "statement": "We practised.",
        "subject": {"scope": "*"}, "observed": start, "effective": {"from": start, "to": end},
        "expires": end, "attester": "Ann", **more,
    }


PAPER = Chosen("Practice", frozenset({"response.practice"}), {})


def test_what_no_check_measures_stands_on_attestations_of_all_of_it() -> None:
    half = attested("2026-03-01T00:00:00Z", "2026-04-20T00:00:00Z")
    rest = attested("2026-04-19T00:00:00Z", "2026-12-01T00:00:00Z")
    found = asked([half, rest], PAPER)
    assert (found.verdict, len(found.statements)) == (Verdict.OPERATED, 2)
    assert found.why == "as attested by people; no check measures it"
    assert asked([half], PAPER).why == "no check, and no attestation covers 2026-04-20"
    assert asked([rest], PAPER).why == "no check, and no attestation covers 2026-04-01"
    part = attested("2026-03-01T00:00:00Z", "2026-12-01T00:00:00Z", subject={"scope": "arn:x"})
    assert asked([part], PAPER).verdict == Verdict.UNSHOWN
    old = attested("2025-01-01T00:00:00Z", "2025-12-01T00:00:00Z")
    assert asked([old], PAPER).statements == []


def test_statements_about_the_check_are_shown() -> None:
    waiver = {"kind": "waiver", "statement": "ok", "observed": "2026-04-02T00:00:00Z",
              "ref": {"check": "s3/not_public", "id": "w"}}
    found = asked([*(look(at) for at in WEEKS), waiver, {**waiver, "ref": {"check": "other"}}])
    assert [i for i, _ in found.statements] == [5]


def test_a_scan_of_fewer_regions_is_no_look_at_all_of_it() -> None:
    def scan(at: datetime, *regions: str) -> dict[str, Any]:
        return {"kind": "note", "observed": at.isoformat(), "statement": "Scan.",
                "subject": {"regions": regions}, "ref": {"scan": f"{at:%Y%m%d}"}}

    looks = [look(at, subject={}) for at in WEEKS]
    scans = [scan(at, "eu-west-1", "us-east-1") for at in WEEKS]
    assert asked([*scans, *looks]).verdict == Verdict.OPERATED
    found = asked([*scans[:4], scan(WEEKS[4], "us-east-1"), *looks])
    assert found.why == "s3/not_public: not every look covered Region eu-west-1"


def test_the_same_seed_draws_the_same_looks() -> None:
    found = asked([look(at) for at in WEEKS])

    def drawn(count: int, seed: str) -> list[int]:
        return [k.index for _, k in draw(found.checks, count, seed)]

    assert drawn(2, "a") == drawn(2, "a")
    assert len({tuple(drawn(2, str(n))) for n in range(20)}) > 3
    assert drawn(9, "a") == [0, 1, 2, 3, 4]
    assert set(drawn(1, "a")) < set(drawn(2, "a"))


def test_what_is_asked_about() -> None:
    items = [item(), item(query={"id": "s3/other"}, control=["nist-800-53-r5:AC-3(4)"]),
             item(query={"id": "iam/mfa"}, duty="identity.mfa", control=["nist-800-53-r5:IA-2(1)"])]
    assert by_check("iam/mfa", items).checks == {"iam/mfa": "check"}
    exposed = by_duty("data.exposure", items)
    assert dict(exposed.checks) == {"s3/not_public": "duty", "s3/other": "duty"}
    with pytest.raises(Error, match="no item of a check"):
        by_check("none", items)
    with pytest.raises(Error, match="no duty"):
        by_duty("none", items)


def test_a_control_is_proved_by_checks_that_name_it_and_by_its_duties(tmp_path: Any) -> None:
    items = [item(control=["nist-800-53-r5:AC-3"]),
             item(query={"id": "iam/mfa"}, duty="identity.mfa", control=["nist-800-53-r5:IA-2(1)"]),
             item(query={"id": "old"}, duty="data.exposure", control=[])]
    chosen = by_control("nist-800-53-r5:ac-03", items, tmp_path, named=False)
    assert chosen.checks["s3/not_public"] == "named"
    assert chosen.title.startswith("AC-3 ")
    named = by_control("nist-800-53-r5:AC-3", items, tmp_path, named=True)
    assert dict(named.checks) == {"s3/not_public": "named"}
    assert named.duties == chosen.duties
    for duty, check in (("data.exposure", "old"), ("identity.mfa", "iam/mfa")):
        assert (chosen.checks.get(check) == "duty") == (duty in chosen.duties)
    for wrong in ("AC-3", "nist-800-53-r5:", "nist-800-53-r5:ZZ-9", "none:AC-3"):
        with pytest.raises(Error):
            by_control(wrong, items, tmp_path, named=False)
