"""Scenarios from a scan: the same by seed, true answers, provenance, masks without a trace."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest
from tests.exercise.conftest import BOOKS, DETECTOR, ROLE, Book

from sharedline.errors import ConfigError, Error
from sharedline.exercise import library
from sharedline.exercise.compose import STORY, Wish, candidates, choose, new
from sharedline.exercise.gather import Material
from sharedline.exercise.model import Inject, Question
from sharedline.exercise.names import Names
from sharedline.exercise.read import read, written
from sharedline.exercise.truths import Truths
from sharedline.formats.sarif import fingerprint
from sharedline.results import Results

SEEDS = range(1, 9)


def question(inject: Inject, kind: str) -> Question:
    found = next(q for q in inject.questions if q.kind == kind)
    assert found.truth is not None
    return found


def answers(inject: Inject, kind: str) -> tuple[str, ...]:
    truth = question(inject, kind).truth
    assert truth is not None
    return truth.answers


def test_the_same_seed_gives_the_same_and_another_another(results: Results) -> None:
    for source in ("gaps", "public-bucket"):
        made = [written(new(results, Wish(source, seed=5), BOOKS)) for _ in range(2)]
        assert made[0] == made[1]
    stories = {new(results, Wish(seed=s), BOOKS).injects for s in SEEDS}
    assert len(stories) > 4


def test_a_story_is_whole_and_reads_back(results: Results) -> None:
    for seed in SEEDS:
        scenario = new(results, Wish(seed=seed), BOOKS)
        assert read(written(scenario), "x") == scenario
        assert len(scenario.injects) == len(STORY)
        assert len(scenario.objectives) >= 3
        assert 2 <= len(scenario.decisions) <= 4
        for inject in scenario.injects:
            assert [q.kind for q in inject.questions] == ["side", "owner", "runbook"]
            assert inject.provenance[0].scan == results.manifest.id


def test_every_kind_of_gap_is_told(results: Results) -> None:
    told = {i.provenance[0].source for i in new(results, Wish(seed=1), BOOKS).injects}
    assert told == {"incident", "finding", "escalation-path", "cell", "runbook"}


def test_answers_of_a_finding_are_the_scan_s(results: Results) -> None:
    rows = {fingerprint(r["check_id"], r["resource"]): r for r in results.rows()}
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        for inject in new(results, Wish(seed=seed), BOOKS).injects:
            source = inject.provenance[0]
            if source.source != "finding":
                continue
            row = rows[source.ref]
            assert row["status"] == "unmet"
            assert (source.check, inject.duty) == (row["check_id"], row["duty"])
            assert answers(inject, "side") == (row["side"],)
            assert answers(inject, "owner") == (row["owner"],)
            assert row["owner"] in question(inject, "owner").choices
            seen[row["owner"]] += 1
    assert seen["nobody"]
    assert seen["data"]


def test_an_unowned_duty_is_nobody_s_and_says_why(results: Results) -> None:
    found = 0
    for seed in SEEDS:
        for inject in new(results, Wish(seed=seed), BOOKS).injects:
            if inject.title.startswith("Who is responsible") and inject.resource:
                assert answers(inject, "owner") == ("nobody",)
                truth = question(inject, "owner").truth
                assert truth is not None
                assert "No rule of the register" in truth.why
                found += 1
    assert found


def test_the_runbook_is_the_one_that_answers_or_none(results: Results) -> None:
    truths = Truths(results, BOOKS)
    assert truths.runbook(("Policy:S3/BucketPublicAccessGranted",), "x").answers == ("open-bucket",)
    assert truths.runbook((), "data.x", "s3/bucket_not_publicly_readable").answers == (
        "open-bucket",
    )
    none = truths.runbook(("Trojan:EC2/DropPoint",), "network.firewalls")
    assert none.answers == ("none",)
    assert "Trojan:EC2/DropPoint" in none.why
    key = truths.runbook(("Recon:IAMUser/TorIPCaller",), "x")
    assert key.answers == ("stolen-key",)
    assert "never tested" in key.why


def test_only_runbooks_without_a_test_of_this_year_are_told(results: Results) -> None:
    found = candidates(Truths(results, BOOKS))["runbook"]
    assert [m.ref for m in found] == ["stolen-key"]
    odd = Book("odd", "Odd", "no.duty")
    assert candidates(Truths(results, (odd,)))["runbook"][0].duty == "response.procedures"


def test_a_team_gets_its_own_gaps_and_nobody_s(results: Results) -> None:
    found = candidates(Truths(results), "data")
    assert {m.owner for m in found["unmet"]} == {"data", "nobody"}
    made = new(results, Wish(team="data"), BOOKS)
    assert made.made is not None
    assert made.made.team == "data"
    with pytest.raises(ConfigError, match="no team 'ghosts'"):
        new(results, Wish(team="ghosts"))


def test_a_heavy_gap_is_told_more_often_and_no_duty_twice() -> None:
    pool = [
        Material("unmet", "finding", f"r{n}", f"d{n}", "s3", w, n)
        for n, w in enumerate((8, 1, 1, 1, 1, 1, 1, 1, 1, 1))
    ]
    first: Counter[str] = Counter()
    for seed in range(200):
        told = choose({"unmet": pool}, random.Random(seed))  # noqa: S311
        assert len({m.duty for m in told}) == len(told) == len(STORY)
        first[told[0].ref] += 1
    assert first["r0"] > 3 * max(n for r, n in first.items() if r != "r0")


def test_too_few_gaps_are_said(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharedline.exercise.compose.candidates", lambda *_: {"unmet": []})
    with pytest.raises(Error, match="too few for a story"):
        new(results, Wish())


def test_wishes_that_make_no_sense(results: Results) -> None:
    for wish, says in (
        (Wish(minutes=5), "5 minutes"),
        (Wish("ghost"), "no scenario 'ghost'"),
        (Wish(name="No Name"), "is not written right"),
    ):
        with pytest.raises(ConfigError, match=says):
            new(results, wish)


def real_names(results: Results) -> set[str]:
    """What would betray the estate: accounts, ARNs, and the names at their ends."""
    rows = results.duck.query("select distinct resource, account_id from finding").to_pylist()
    arns = {r["resource"] for r in rows} | {ROLE, DETECTOR}
    ends = {re.split(r"[:/]", a)[-1] for a in arns}
    # The Region's name and `root` are no names of the estate.
    return {n for n in ends if len(n) > 5 and n != "us-east-1"} | {"123456789012"}


@pytest.mark.parametrize("source", ["gaps", *library.ids()])
def test_a_mask_leaves_no_trace(source: str, results: Results) -> None:
    names = real_names(results)
    assert {"public-web", "ledger", "secret-plans", "secret-deployer"} <= names
    for seed in SEEDS if source == "gaps" else (1,):
        text = written(new(results, Wish(source, seed=seed, mask=True), BOOKS))
        # These are words of prose too: looked for as ends of ARNs, of which there are none.
        for name in names - {"ledger", "prices", "alerts"}:
            assert name not in text, name
        real = re.sub(r"arn:aws:\S*(111122223333|444455556666)\S*", "", text)
        assert "arn:aws" not in real


def test_without_a_mask_names_are_real(results: Results) -> None:
    text = written(new(results, Wish("public-bucket"), BOOKS))
    assert "arn:aws:s3:::public-web" in text
    assert "acme-customer-exports" not in re.sub(r"example: \S+", "", text)


def test_a_leak_is_refused() -> None:
    names = Names(masked=True)
    assert names.resource("arn:aws:s3:::plans") == "s3-bucket-1"
    assert names.short("arn:aws:s3:::plans") == "s3-bucket-1"
    assert names.resource("arn:aws:iam::123456789012:role/x") == "iam-role-1"
    with pytest.raises(Error, match="would name 1 real thing"):
        names.refuse_leaks("see arn:aws:s3:::plans", ())
    with pytest.raises(Error, match="123456789012"):
        names.refuse_leaks("in 123456789012", ["123456789012"])
    names.refuse_leaks("s3-bucket-1 in 111122223333", ["111122223333"], harmless="111122223333")
    Names(masked=False).refuse_leaks("in 123456789012", ["123456789012"])


def test_a_library_scenario_is_played_by_what_fails_its_checks(results: Results) -> None:
    played = new(results, Wish("public-bucket"), BOOKS)
    assert played.cast[0].resource == "arn:aws:s3:::public-web"
    first = played.injects[0]
    assert first.resource == "arn:aws:s3:::public-web"
    assert "public-web" in first.text
    assert "{bucket}" not in written(played)
    assert [p.source for p in first.provenance] == ["library", "finding"]
    assert first.provenance[1].ref == fingerprint(
        first.provenance[1].check, "arn:aws:s3:::public-web"
    )
    assert answers(first, "side") == ("customer",)
    assert answers(first, "owner") == ("data",)
    assert answers(first, "runbook") == ("open-bucket",)
    assert first.questions[3:] == library.load("public-bucket").injects[0].questions


def test_where_the_estate_has_none_of_it_the_catalogue_answers(results: Results) -> None:
    played = new(results, Wish("provider-flaw"), BOOKS)
    assert played.cast[0].resource == ""
    theirs = next(i for i in played.injects if i.id == "bulletin")
    assert answers(theirs, "side") == ("aws",)
    assert answers(theirs, "owner") == ("AWS",)
    moving = next(i for i in played.injects if i.id == "images")
    assert set(answers(moving, "side")) == {"customer", "shared", "aws"}
    assert answers(moving, "owner") == ("nobody", "AWS")
    ours = next(i for i in played.injects if i.id == "before")
    assert answers(ours, "side") == ("customer",)
    assert answers(ours, "owner") == ("nobody",)


def test_nothing_is_written_outside(results: Results, tmp_path: Path) -> None:
    before = sorted(p for p in results.project.folder.rglob("*"))
    new(results, Wish(), BOOKS)
    assert sorted(p for p in results.project.folder.rglob("*")) == before
    assert not list(tmp_path.iterdir())
