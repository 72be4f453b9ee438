"""What proves a clause: every verdict, both halves, attestations, reports, and the reverse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sharedline.checks.load import load as load_checks
from sharedline.comply.artifact.model import Register, Report
from sharedline.comply.artifact.register import update
from sharedline.comply.catalogue import load
from sharedline.comply.cover import prove
from sharedline.comply.model import Capability
from sharedline.comply.policies.clauses import Clause
from sharedline.comply.policies.judge import ClauseStatus, Judge
from sharedline.comply.policies.mapping import Asked
from sharedline.comply.standing import Standing, leaves
from sharedline.intent import attest
from sharedline.model import Attestation
from sharedline.project import Project

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = (date(2025, 11, 20), date(2026, 11, 20))
MFA = "iam/user_console_mfa_on"
NIST = "nist-800-53-r5"
Rows = Sequence[tuple[str, str, str, int]]


@dataclass
class Scan:
    """A finished scan as `Standing` asks for it: its findings are the rows given."""

    project: Project
    found: Rows
    ran: Sequence[str]
    used: Sequence[str] = ()

    def services(self) -> frozenset[str]:
        return frozenset(self.used)

    @property
    def manifest(self) -> Any:
        return SimpleNamespace(as_of=AT, regions=["eu-central-1"], data={"checks": list(self.ran)})

    @property
    def duck(self) -> Any:
        keys = ("check_id", "status", "owner", "n")
        rows = [dict(zip(keys, row, strict=True)) for row in self.found]

        def query(sql: str) -> Any:
            assert " from finding " in sql
            return SimpleNamespace(to_pylist=lambda: rows)

        return SimpleNamespace(query=query)

    @property
    def checks(self) -> Any:
        return load_checks(())


Made = Callable[..., ClauseStatus]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def judged(project: Project) -> Made:
    def judge(
        *targets: str, found: Rows = (), ran: Sequence[str] = (), clause: str = "words", **more: Any
    ) -> ClauseStatus:
        ran = ran or sorted({row[0] for row in found})
        standing = Standing(Scan(project, found, ran), WINDOW)  # type: ignore[arg-type]
        controls = tuple(t for t in targets if ":" in t)
        duties = tuple(t for t in targets if ":" not in t)
        asked = Asked("a/1", controls, duties, **more) if targets else None
        return Judge(standing).clause(Clause("a/1", "a", "1", "T", clause), asked)

    return judge


def _attest(
    project: Project, duty: str, scope: str = "*", since: int = -10, days: int = 90
) -> None:
    at = AT + timedelta(days=since)
    attest(
        project, Attestation(duty, scope, "Done.", "TICKET-1", "Ann", at, at + timedelta(days=days))
    )


def _file(project: Project, end: date = WINDOW[1], name: str = "SOC 2") -> None:
    report = Report(
        "report-1", 1, f"System and Organization Controls ({name}) Report",
        period_start=date(2025, 10, 1), period_end=end, sha256="a" * 64, file="a.pdf",
    )  # fmt: skip
    update(project.artifact, lambda _: Register((report,)))


@pytest.mark.parametrize(
    ("found", "verdict", "sentence"),
    [
        ([(MFA, "met", "sec", 3)], "met", "All 3 findings are met."),
        ([(MFA, "met", "sec", 1)], "met", "Its one finding is met."),
        (
            [(MFA, "met", "sec", 3), (MFA, "unmet", "sec", 1)],
            "unmet", "1 of 4 findings is unmet.",
        ),
        (
            [(MFA, "unknown", "sec", 2), (MFA, "waived", "sec", 1), (MFA, "met", "sec", 1)],
            "unknown", "2 of 4 findings could not be read.",
        ),
        (
            [(MFA, "waived", "sec", 1), (MFA, "met", "sec", 1000)],
            "waived", "1 of 1,001 findings is waived, the rest is met.",
        ),
        ([(MFA, "waived", "sec", 2)], "waived", "2 of 2 findings are waived."),
        (
            [(MFA, "unmet", "sec", 1), (MFA, "unknown", "sec", 1)],
            "unmet", "1 of 2 findings is unmet.",
        ),
    ],
)  # fmt: skip
def test_your_half_by_its_findings(judged: Made, found: Rows, verdict: str, sentence: str) -> None:
    every = [c for c, check in load_checks(()).items() if check.duty == "identity.mfa"]
    status = judged("identity.mfa", found=found, ran=every)
    assert (status.verdict, status.half("yours"), status.half("aws")) == (verdict, verdict, None)
    assert status.judged[0].yours is not None
    assert status.judged[0].yours.sentence == sentence
    assert status.counts == {s: sum(n for _, t, _, n in found if t == s) for _, s, _, _ in found}


def test_a_clause_that_nobody_mapped(judged: Made) -> None:
    status = judged(found=[(MFA, "met", "sec", 3)])
    assert (status.verdict, status.judged, status.owner) == ("unmapped", (), "nobody")
    assert status.half("yours") is None


def test_checks_that_did_not_run_are_told(judged: Made) -> None:
    status = judged("identity.mfa", found=[(MFA, "met", "sec", 2)])
    assert status.judged[0].yours is not None
    assert status.judged[0].yours.sentence == (
        "All 2 findings are met. 2 of its 3 checks did not run in this scan."
    )
    idle = judged("identity.mfa", ran=["s3/bucket_versioning_on"]).judged[0].yours
    assert idle is not None
    assert (idle.verdict, idle.sentence) == (
        "unverified", "Its checks did not run in this scan, and nobody attests identity.mfa."
    )  # fmt: skip
    empty = judged("identity.mfa", ran=[MFA]).judged[0].yours
    assert empty is not None
    assert empty.sentence.startswith("Its checks found nothing to look at in this scan")


def test_what_no_check_sees_needs_a_statement(judged: Made, project: Project) -> None:
    assert judged("data.residency").verdict == "unverified"
    _attest(project, "data.residency")
    status = judged("data.residency")
    assert status.verdict == "met"
    assert status.judged[0].yours is not None
    assert status.judged[0].yours.sentence == "Ann attests data.residency until 2027-02-08."


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"since": -100, "days": 90}, "What Ann attested of data.residency expired on 2026-11-10."),
        ({"scope": "s3"}, "Ann attests data.residency for s3 only."),
        (
            {"since": 1},
            "Ann attests data.residency since after this scan: it counts from the next.",
        ),
    ],
)
def test_a_statement_that_does_not_speak_for_all_of_it(
    judged: Made, project: Project, how: dict[str, Any], said: str
) -> None:
    _attest(project, "data.residency", **how)
    half = judged("data.residency").judged[0].yours
    assert half is not None
    assert half.verdict == "unverified"
    assert half.sentence == f"No check can see it, and nobody attests data.residency. {said}"


def test_an_attestation_does_not_outweigh_a_finding(judged: Made, project: Project) -> None:
    _attest(project, "identity.mfa")
    assert judged("identity.mfa", found=[(MFA, "unmet", "sec", 1)]).verdict == "unmet"


def test_every_duty_of_a_part_must_be_attested(judged: Made, project: Project) -> None:
    part = load(NIST).parts["AC-2a"]
    assert len(part.duties) > 1
    _attest(project, part.duties[0])
    half = judged(f"{NIST}:AC-2a").judged[0].yours
    assert half is not None
    assert half.verdict == "unverified"
    assert f"nobody attests {part.duties[1]}." in half.sentence
    _attest(project, part.duties[1])
    assert judged(f"{NIST}:AC-2a").verdict == "met"


def test_awss_half_by_its_reports(judged: Made, project: Project) -> None:
    physical = f"{NIST}:PE-3"
    without = judged(physical)
    assert (without.verdict, without.half("aws"), without.half("yours")) == (
        "unverified", "unverified", None
    )  # fmt: skip
    assert without.owner == "AWS"
    assert without.reports == ()
    _file(project)
    status = judged(physical)
    assert status.verdict == "inherited"
    assert status.reports == ("report-1",)
    assert len(status.judged) == 8
    _file(project, end=date(2026, 6, 30))
    old = judged(physical)
    assert (old.verdict, old.reports) == ("unverified", ())
    assert old.judged[0].aws is not None
    assert "leaves out" in old.judged[0].aws.sentence
    assert "2026-07-01" in old.judged[0].aws.sentence


def test_both_halves_and_the_worse_decides(judged: Made, project: Project) -> None:
    shared = f"{NIST}:AU-9a"
    names = [c for c, k in load_checks(()).items() if "AU-9" in k.controls.get(NIST, ())]
    check = names[0]
    status = judged(shared, found=[(check, "met", "sec", 1)], ran=names)
    assert (status.half("aws"), status.half("yours"), status.verdict) == (
        "unverified", "met", "unverified"
    )  # fmt: skip
    _file(project)
    assert judged(shared, found=[(check, "met", "sec", 1)], ran=names).verdict == "inherited"
    assert judged(shared, found=[(check, "unmet", "sec", 1)], ran=names).verdict == "unmet"


def test_the_worst_of_all_that_is_asked(judged: Made) -> None:
    status = judged("identity.mfa", "data.residency", found=[(MFA, "met", "sec", 1)])
    assert [j.verdict for j in status.judged] == ["met", "unverified"]
    assert status.verdict == "unverified"


def test_a_part_without_a_line_is_unknown(project: Project) -> None:
    own = project.frameworks / "house"
    own.mkdir(parents=True)
    (own / "framework.toml").write_text(
        'id = "house"\ntitle = "House"\npublisher = "Us"\nversion = "1"\nurl = "https://example.org"\n'
        'read = 2026-11-22\nlicence = "ours"\n[[part]]\nid = "H-1"\ntitle = "Doors"\n'
    )
    standing = Standing(Scan(project, (), ()), WINDOW)  # type: ignore[arg-type]
    clause = Clause("a/1", "a", "", "T", "x")
    status = Judge(standing, project.frameworks).clause(clause, Asked("a/1", ("house:H-1",)))
    assert status.verdict == "unknown"
    assert status.judged[0].yours is not None
    assert status.judged[0].yours.sentence == "Nobody drew the line of this part."


def test_a_lettered_part_that_only_introduces_others_is_opened() -> None:
    book = load(NIST)
    assert [p.id for p in leaves(book, book.parts["PE-3a"])] == ["PE-3a.1", "PE-3a.2"]
    for name in ("nist-800-53-r5", "nist-800-171-r3", "nist-csf-2.0"):
        book = load(name)
        for part in book.parts.values():
            if not part.withdrawn:
                found = leaves(book, part)
                assert found, part.id
                assert not any(p.header for p in found), part.id


def test_who_must_act(judged: Made) -> None:
    found = [(MFA, "unmet", "ops", 2), (MFA, "unmet", "sec", 3), (MFA, "met", "all", 9)]
    assert judged("identity.mfa", found=found).owner == "sec"
    assert judged("identity.mfa", found=found, owner="Board").owner == "Board"
    assert judged("identity.mfa", found=found[2:]).owner == "nobody"


def test_words_that_changed_since(judged: Made) -> None:
    then = Clause("a/1", "a", "1", "T", "old words").fingerprint
    assert judged("identity.mfa", text=then).changed
    assert not judged("identity.mfa", text=then, clause="old  words").changed
    assert not judged("identity.mfa").changed


def test_what_no_clause_asks_for(project: Project) -> None:
    ran = [MFA, "s3/bucket_versioning_on", "gone/check"]
    judge = Judge(Standing(Scan(project, (), ran), WINDOW))  # type: ignore[arg-type]
    clause = Clause("a/1", "a", "", "T", "x")
    duties, checks = judge.unasked([judge.clause(clause, None)])
    assert "identity.mfa" in duties
    assert "facility.physical-security" not in duties
    assert checks == [MFA, "s3/bucket_versioning_on"]
    asked = Asked("a/1", (f"{NIST}:AC-2a",), ("identity.mfa",))
    fewer, left = judge.unasked([judge.clause(clause, asked)])
    assert set(duties) - set(fewer) == {"identity.mfa", *load(NIST).parts["AC-2a"].duties}
    assert left == ["s3/bucket_versioning_on"]


@pytest.mark.parametrize(
    ("found", "says"), [("met", "are met, of checks that do not name it"), ("unmet", "not met")]
)
def test_checks_of_the_same_duty_never_make_a_control_met(
    judged: Made, found: str, says: str
) -> None:
    of_duty = {c: k for c, k in load_checks(()).items() if k.duty == "identity.mfa"}
    book = load(NIST)
    proofs = prove(book, load_checks(()))
    control = next(p for p in proofs.values() if set(of_duty) & set(p.duty) and p.how == "duty")
    assert control.part.capability is not Capability.CUSTOM
    check = next(iter(of_duty))
    status = judged(
        f"{NIST}:{control.part.id}", found=[(check, found, "sec", 3)], ran=list(of_duty)
    )
    assert status.half("yours") == "unverified"
    assert status.judged[0].yours is not None
    assert says in status.judged[0].yours.sentence
    whole = judged("identity.mfa", found=[(check, found, "sec", 3)], ran=list(of_duty))
    assert whole.verdict == found
