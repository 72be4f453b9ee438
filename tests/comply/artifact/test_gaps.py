"""What proves AWS's half, and every gap by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.comply.artifact.made import ISO, NOW, PDF, SOC, WINDOW, day, part, register, report

from sharedline.comply.artifact import gap as words_of
from sharedline.comply.artifact.gaps import Gap, GapKind, changed_files, gaps
from sharedline.comply.artifact.model import Agreement, Unread
from sharedline.comply.artifact.period import missing
from sharedline.comply.artifact.register import files, open_register, update
from sharedline.comply.artifact.series import Basis
from sharedline.comply.artifact.supports import State, library, status, supports
from sharedline.comply.catalogue import load
from sharedline.files import write_whole
from sharedline.model import Side

LETTER: dict[str, Any] = {
    "id": "report-LETTERLETTER1111",
    "name": "SOC Continued Operations Letter",
}


def kinds(found: list[Gap]) -> list[str]:
    return [str(g.kind) for g in found]


# -- periods -------------------------------------------------------------------------------------

DAYS = st.integers(0, 60).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
SPANS = st.tuples(DAYS, DAYS).map(lambda d: (min(d), max(d)))


@given(st.lists(SPANS, max_size=6), SPANS)
def test_missing_days_are_those_in_no_interval(held: list[Any], window: Any) -> None:
    lacking = missing(held, window)
    one = timedelta(days=1)
    current = window[0]
    while current <= window[1]:
        covered = any(a <= current <= b for a, b in held)
        assert covered != any(a <= current <= b for a, b in lacking)
        current += one
    assert all(a <= b for a, b in lacking)
    # Whole stretches, not days.
    for (_, end), (start, _) in pairwise(lacking):
        assert start > end + one


# -- status --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        ([report()], State.PROVED),
        ([report(end="2026-03-31")], State.OUT_OF_DATE),
        ([report(start="2026-03-01")], State.OUT_OF_DATE),
        ([report(end="")], State.OUT_OF_DATE),
        ([report(on_file=False)], State.LISTED),
        ([report("Something New")], State.NONE),
        ([report(company="Datadog")], State.NONE),
        ([report(end="2026-03-31"), report(id=ISO, name="ISO 27001")], State.PROVED),
        ([], State.NONE),
    ],
)
def test_a_shared_part_is_as_good_as_its_best_report(reports: list[Any], state: State) -> None:
    assert status(register(*reports), part(), WINDOW).state is state


@pytest.mark.parametrize(
    ("reports", "says"),
    [
        (
            [report()],
            "SOC 2 Type 2: security, availability, confidentiality, privacy (mapped) covers",
        ),
        ([report(on_file=False)], "is listed by AWS Artifact and not on file."),
        ([report(end="2026-03-31")], "is on file and leaves out 2026-04-01 to 2026-09-30."),
        ([], "No report on file supports it."),
    ],
)
def test_a_status_says_why(reports: list[Any], says: str) -> None:
    assert says in status(register(*reports), part(), WINDOW).sentence


def test_a_status_names_what_is_out_of_scope() -> None:
    held = register(report("AWS East/West FedRAMP Moderate Package"))
    told = status(held, part(baselines=("moderate",)), WINDOW, (), {"eu-west-1"})
    assert told.sentence.endswith("is on file and leaves out eu-west-1.")


@pytest.mark.parametrize("side", [Side.CUSTOMER, Side.UNKNOWN])
def test_what_is_not_aws_s_is_not_inherited(side: Side) -> None:
    found = status(register(report()), part(side=side), WINDOW)
    assert found.proofs == ()
    assert found.state is (State.CUSTOMER if side is Side.CUSTOMER else State.UNKNOWN)


def test_the_report_about_the_framework_comes_first() -> None:
    both = register(report(), report(id=ISO, name="ISO 27001", start="2025-01-01"))
    found = status(both, part("A.7.1", framework="iso-27001-2022", side=Side.AWS), WINDOW)
    assert [(p.series.id, p.basis) for p in found.proofs] == [
        ("iso-27001", Basis.DIRECT),
        ("soc-2", Basis.MAPPED),
    ]
    assert [r.name for r in found.reports] == ["ISO 27001"]


def test_two_periods_join() -> None:
    halves = register(
        report(version=1, end="2026-03-31"), report(version=2, start="2026-04-01", end="2026-12-31")
    )
    assert status(halves, part(), WINDOW).state is State.PROVED


def test_a_bridge_letter_carries_a_report_on_and_proves_nothing_alone() -> None:
    letter = report(**LETTER, start="2026-04-01", end="2026-09-30")
    bridged = status(register(report(end="2026-03-31"), letter), part(), WINDOW)
    assert bridged.state is State.PROVED
    assert "bridge letter" in bridged.sentence
    assert status(register(letter), part(), WINDOW).state is State.NONE
    listed = report(on_file=False, end="2026-03-31")
    assert status(register(listed, letter), part(), WINDOW).state is State.LISTED


def test_out_of_scope_needs_a_whole_list(tmp_path: Path) -> None:
    held, use = register(report()), ({"s3", "gamelift"}, {"eu-west-1"})
    unsure = status(held, part(), WINDOW, *use)
    assert unsure.state is State.PROVED
    assert unsure.proofs[0].unknown == ("gamelift", "eu-west-1")
    assert "scope unknown: gamelift, eu-west-1" in unsure.sentence
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "soc.toml").write_text(
        'program = "soc"\ncomplete = true\n[[service]]\nids = ["s3"]\nsource = "https://x"\n'
        "read = 2026-11-22\n"
    )
    sure = status(library(held, tmp_path), part(), WINDOW, *use)
    assert sure.state is State.OUT_OF_SCOPE
    assert sure.proofs[0].services_out == ("gamelift",)


def test_a_region_outside_of_an_authorisation_is_out_of_scope() -> None:
    held = register(report("AWS East/West FedRAMP Moderate Package"))
    asked = part(baselines=("moderate",))
    assert status(held, asked, WINDOW, (), {"us-east-1"}).state is State.PROVED
    outside = status(held, asked, WINDOW, (), {"us-east-1", "eu-west-1"})
    assert (outside.state, outside.proofs[0].regions_out) == (State.OUT_OF_SCOPE, ("eu-west-1",))


def test_what_a_report_supports_is_named() -> None:
    held = report()
    found = supports(register(held), held, [load("soc-2")])
    assert found
    aws_acts = {p.id for p in load("soc-2").parts.values() if p.side in (Side.AWS, Side.SHARED)}
    assert {f.partition(":")[2] for f in found} <= aws_acts
    assert supports(register(held), report("Something New"), [load("soc-2")]) == frozenset()


# -- gaps ----------------------------------------------------------------------------------------


def test_nothing_is_missing_where_all_is_there() -> None:
    assert gaps(register(report()), {"clause 1": [part()]}, WINDOW, {"s3"}) == []


def test_a_clause_that_leans_on_no_report() -> None:
    asked = {
        "clause 1": [part("PE-3"), part("PE-6")],
        "clause 2": [part("AC-1", Side.CUSTOMER)],
        "clause 3": [part("PE-3"), part("9.9", framework="pci-dss-4.0.1")],
    }
    (one,) = gaps(register(report()), asked, WINDOW)
    assert (one.kind, one.subject, one.names) == (GapKind.NO_REPORT, "clause 3", ("9.9",))
    bare = gaps(register(), asked, WINDOW)
    assert [(g.subject, g.names) for g in bare] == [
        ("clause 1", ("PE-3", "PE-6")),
        ("clause 3", ("PE-3", "9.9")),
    ]


def test_what_only_introduces_others_is_not_asked_twice() -> None:
    head, leaf = part("PE-3", header=True), part("PE-3a")
    (found,) = gaps(register(), {"c": [head, leaf]}, WINDOW)
    assert found.names == ("PE-3a",)
    (alone,) = gaps(register(), {"c": [head]}, WINDOW)
    assert alone.names == ("PE-3",)


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        ("2025-10-01", "2026-03-31", "2026-04-01 to 2026-09-30: it ends on 2026-03-31"),
        ("2026-02-01", "2026-12-31", "2026-01-01 to 2026-01-31: a hole"),
        ("2024-10-01", "2025-09-30", "2026-01-01 to 2026-09-30: it ends on 2025-09-30"),
    ],
)
def test_a_period_that_leaves_days_out(start: str, end: str, says: str) -> None:
    (found,) = gaps(register(report(start=start, end=end)), {"c": [part()]}, WINDOW)
    assert (found.kind, found.report) == (GapKind.PERIOD, SOC)
    assert says in found.sentence
    assert ("bridge letter" in found.todo) == ("it ends" in says)


def test_a_certificate_is_not_bridged() -> None:
    old = report("ISO 27001 Certification", end="2026-05-01")
    (found,) = gaps(register(old), {"c": [part()]}, WINDOW)
    assert found.kind is GapKind.PERIOD
    assert "bridge" not in found.todo


def test_a_listed_report_that_would_fill_the_hole_is_named() -> None:
    old = report(version=1, end="2026-03-31")
    new = report(version=2, start="2026-04-01", end="2026-09-30", on_file=False, terms=None)
    found = gaps(register(old, new), {"c": [part()]}, WINDOW)
    assert kinds(found) == ["period", "superseded"]
    assert f"fetch --report {SOC}" in found[0].todo
    assert "version 2" in found[1].sentence


@pytest.mark.parametrize("missing_day", ["start", "end"])
def test_a_period_that_nobody_knows(missing_day: str) -> None:
    given: dict[str, Any] = {"start": "2025-10-01", "end": "2026-09-30", missing_day: ""}
    (found,) = gaps(register(report(**given)), {"c": [part()]}, WINDOW)
    assert found.kind is GapKind.PERIOD_UNKNOWN


def test_terms_that_nobody_accepted() -> None:
    listed = report(on_file=False)
    (found,) = gaps(register(listed), {"c": [part()]}, WINDOW)
    assert (found.kind, found.report) == (GapKind.TERMS, SOC)
    assert "not on file" in found.sentence
    (held,) = gaps(register(report(terms=None)), {"c": [part()]}, WINDOW)
    assert (held.kind, held.report) == (GapKind.TERMS, SOC)
    assert "on record" in held.sentence


def test_terms_of_what_nothing_waits_for_are_no_gap() -> None:
    listed = report(id=ISO, name="ISO 27001", on_file=False, start="2025-01-01")
    assert gaps(register(report(), listed), {"c": [part()]}, WINDOW) == []


def test_a_listed_report_of_another_time_is_none() -> None:
    old = report(on_file=False, start="2020-01-01", end="2020-12-31")
    assert status(register(old), part(), WINDOW).state is State.NONE
    assert kinds(gaps(register(old), {"c": [part()]}, WINDOW)) == ["no-report"]
    unknown = report(on_file=False, start="", end="")
    assert status(register(unknown), part(), WINDOW).state is State.LISTED


def test_a_report_nobody_mapped() -> None:
    found = gaps(
        register(
            report(),
            report("Something New", id="report-NEWNEWNEWNEWNEW1", on_file=False),
            report("PCI PIN Attestation", id="report-PINPINPINPINPIN1"),
            report("SOC 2", id="report-VENDORVENDOR1111", company="Datadog"),
            report("SOC 2", id="report-VENDORVENDOR2222", company="Datadog", on_file=False),
        ),
        {"c": [part()]},
        WINDOW,
    )
    assert kinds(found) == ["unmapped"] * 3
    assert {g.report for g in found} == {
        "report-NEWNEWNEWNEWNEW1",
        "report-PINPINPINPINPIN1",
        "report-VENDORVENDOR1111",
    }


def test_a_report_left_aside_is_no_gap_and_no_proof(tmp_path: Path) -> None:
    text = f'[[ignored]]\nreport = "{SOC}"\nwhy = "of another company"\n'
    (tmp_path / "reports.toml").write_text(text)
    shelf = library(register(report()), tmp_path)
    assert kinds(gaps(shelf, {"c": [part()]}, WINDOW)) == ["no-report"]


def test_services_and_regions_in_use() -> None:
    moderate = report("AWS East/West FedRAMP Moderate Package")
    asked = {"c": [part(baselines=("moderate",))]}
    used = {"s3", "gamelift", "account"}
    found = gaps(register(moderate), asked, WINDOW, used, {"us-east-1", "eu-west-1"})
    assert [(str(g.kind), g.names) for g in found] == [
        ("region-out-of-scope", ("eu-west-1",)),
        ("service-unknown", ("gamelift",)),
        ("service-list-old", ("s3",)),
    ]
    assert "2026-11-22" in found[0].sentence
    assert "2021-06-01" in found[2].sentence
    soc = gaps(register(report()), asked, WINDOW, {"s3"}, {"eu-west-1", ""})
    assert [(str(g.kind), g.names) for g in soc] == [("region-unknown", ("eu-west-1",))]


def test_a_version_that_aws_took_back() -> None:
    (found,) = gaps(register(report(state="UNPUBLISHED")), {"c": [part()]}, WINDOW)
    assert found.kind is GapKind.WITHDRAWN


def test_health_data_need_an_addendum() -> None:
    asked = {"c": [part("164.310(a)(1)", framework="hipaa-security-rule")]}
    assert kinds(gaps(register(report()), asked, WINDOW)) == ["agreement"]
    signed = Agreement("a", "AWS Business Associate Addendum", state="ACTIVE")
    assert gaps(register(report(), agreements=(signed,)), asked, WINDOW) == []
    used = gaps(register(report(), agreements=(signed,)), asked, WINDOW, {"s3", "iam", "gamelift"})
    assert [(str(g.kind), g.names) for g in used if g.subject.startswith("Business")] == [
        ("service-unknown", ("gamelift", "iam")),
    ]
    ended = replace(signed, state="CUSTOMER_TERMINATED", effective_end=day("2026-02-01"))
    assert kinds(gaps(register(report(), agreements=(ended,)), asked, WINDOW)) == ["agreement"]


def test_what_aws_did_not_answer_is_the_first_gap() -> None:
    refused = Unread("ListReports", "", "AccessDeniedException", NOW)
    found = gaps(register(unread=(refused,)), {"c": [part()]}, WINDOW)
    assert kinds(found) == ["unread", "no-report"]
    assert "artifact:ListReports" in found[0].todo


def test_documents_that_changed_on_the_disk(tmp_path: Path) -> None:
    import hashlib

    held = report(file="x.pdf", sha256=hashlib.sha256(PDF).hexdigest())
    update(tmp_path, lambda r: r.with_reports([held, report(id=ISO, on_file=False)]))
    write_whole(files(tmp_path) / "x.pdf", PDF)
    assert changed_files(open_register(tmp_path), tmp_path) == []
    write_whole(files(tmp_path) / "x.pdf", PDF + b"!")
    (changed,) = changed_files(open_register(tmp_path), tmp_path)
    assert "not what was recorded" in changed.sentence
    (files(tmp_path) / "x.pdf").unlink()
    (gone,) = changed_files(open_register(tmp_path), tmp_path)
    assert (gone.kind, gone.report) == (GapKind.FILE, SOC)
    assert "not there" in gone.sentence


def test_hostile_names_are_words_only() -> None:
    bad = report('\x1b]0;x\x07"><script>', id="x\n=cmd()", version=0)
    (found,) = gaps(register(bad), {}, WINDOW)
    assert (found.kind, found.subject) == (GapKind.UNMAPPED, bad.name)


def test_long_lists_are_cut_in_the_sentence_only() -> None:
    names = [f"PE-{n}" for n in range(20)]
    found = gaps(register(), {"c": [part(n) for n in names] + [part("x", Side.CUSTOMER)]}, WINDOW)
    assert found[0].names == tuple(names)
    assert words_of.few(names).endswith("and 14 more")


@given(
    st.lists(
        st.builds(
            report,
            st.sampled_from(["SOC 2 Report", "ISO 27001", "Something", LETTER["name"]]),
            st.sampled_from(["2025-01-01", "2026-02-01", ""]),
            st.sampled_from(["2026-01-31", "2026-12-31", ""]),
            on_file=st.booleans(),
            version=st.integers(0, 3),
            company=st.sampled_from(["", "Datadog"]),
        ),
        max_size=4,
        unique_by=lambda r: r.key,
    )
)
def test_no_gap_of_reports_means_proved(reports: list[Any]) -> None:
    found = gaps(register(*reports), {"c": [part()]}, WINDOW)
    told = status(register(*reports), part(), WINDOW)
    lacking = {GapKind.NO_REPORT, GapKind.PERIOD, GapKind.PERIOD_UNKNOWN, GapKind.TERMS}
    if told.state is State.NONE:
        assert GapKind.NO_REPORT in {g.kind for g in found}
    if told.state is State.OUT_OF_DATE:
        assert {g.kind for g in found} & lacking
    if told.state is State.PROVED:
        assert GapKind.NO_REPORT not in {g.kind for g in found}
