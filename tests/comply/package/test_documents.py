"""The documents: valid by NIST's schema and by our references, the same each time, and true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.comply.package import made

from sharedline.comply.model import Part
from sharedline.comply.package.build import Built, build, problems
from sharedline.comply.package.common import Context
from sharedline.comply.package.inputs import Half, Window
from sharedline.errors import Error
from sharedline.model import Attestation, Side

MODELS = {
    "catalog", "profile", "component-definition", "system-security-plan", "assessment-plan",
    "assessment-results", "plan-of-action-and-milestones", "mapping-collection",
}  # fmt: skip


def read(built: Built, name: str) -> Any:
    return json.loads((built.folder / "oscal" / name).read_text("utf-8"))


def statements(built: Built) -> Iterator[dict[str, Any]]:
    plan = read(built, "ssp.json")["system-security-plan"]
    for requirement in plan["control-implementation"]["implemented-requirements"]:
        yield from requirement["statements"]


def result(built: Built) -> Any:
    return read(built, "assessment-results.json")["assessment-results"]["results"][0]


def props(value: dict[str, Any]) -> dict[str, str]:
    return {p["name"]: p["value"] for p in value.get("props", ())}


def test_every_document_is_valid_and_every_model_is_there(built: Built) -> None:
    assert list(problems(built.folder)) == []
    found = {next(iter(json.loads(p.read_text()))) for p in (built.folder / "oscal").iterdir()}
    assert found == MODELS


def test_the_same_input_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    log = made.log(tmp_path / "log")
    first = build(made.inputs(evidence=log), tmp_path / "audit")
    kept = {p: (tmp_path / p).read_bytes() for p in ("audit.zip", "audit/manifest.json")}
    second = build(made.inputs(evidence=log), tmp_path / "audit")
    assert first == second
    assert kept == {p: (tmp_path / p).read_bytes() for p in kept}


def test_inheritance_is_linked_from_both_ends(built: Built) -> None:
    by = {s["statement-id"]: s["by-components"] for s in statements(built)}
    aws, own = by["ac-3_smt"]
    (provided,) = aws["export"]["provided"]
    (left,) = aws["export"]["responsibilities"]
    assert left["provided-uuid"] == provided["uuid"]
    assert own["inherited"][0]["provided-uuid"] == provided["uuid"]
    assert own["satisfied"][0]["responsibility-uuid"] == left["uuid"]
    whole = by["pe-3_smt"][1]
    assert "inherited" in whole
    assert "satisfied" not in whole
    assert all("inherited" not in b for b in by["ac-2_smt.a"])


def test_what_nobody_drew_is_unknown_and_never_inherited(built: Built) -> None:
    (one,) = [s for s in statements(built) if s["statement-id"] == "si-9_smt"]
    assert props(one)["side"] == "unknown"
    (only,) = one["by-components"]
    assert not {"inherited", "satisfied", "export", "implementation-status"} & only.keys()
    (found,) = [f for f in result(built)["findings"] if f["target"]["target-id"] == "si-9_smt"]
    assert found["target"]["status"]["state"] == "not-satisfied"


@pytest.mark.parametrize(
    ("statement", "state", "reason", "status"),
    [
        ("ac-1_smt", "not-satisfied", "other", "unverified"),  # its attestation had expired
        ("ac-2_smt.a", "satisfied", "pass", "met"),
        ("ac-2_smt.b", "not-satisfied", "other", "unverified"),  # only a check of its duty
        ("ac-2.1_smt", "not-satisfied", "other", "unknown"),
        ("ac-3_smt", "not-satisfied", "fail", "unmet"),
        ("ac-4_smt", "satisfied", "pass", "met"),  # both halves
        ("cp-9_smt", "not-satisfied", "other", "waived"),
        ("ir-1_smt", "satisfied", "pass", "met"),  # a person attests it
        ("pe-3_smt", "satisfied", "pass", "inherited"),
        ("pe-4_smt", "not-satisfied", "other", "inherited"),  # no report on file
    ],
)
def test_a_finding_per_part(
    built: Built, statement: str, state: str, reason: str, status: str
) -> None:
    (one,) = [f for f in result(built)["findings"] if f["target"]["target-id"] == statement]
    assert (one["target"]["status"]["state"], one["target"]["status"]["reason"]) == (state, reason)
    assert props(one)["status"] == status


def test_checks_of_the_duty_that_are_met_do_not_show_the_part(tmp_path: Path) -> None:
    answers = [("iam/keys", "arn:aws:iam::1:user/ann", "met", "security")]
    ctx = Context(made.inputs(findings=made.Listed(answers)))
    verdict = ctx.verdicts["AC-2b"]
    assert (verdict.status, verdict.satisfied, verdict.basis) == ("unverified", False, "duty")


@pytest.mark.parametrize(
    ("scope", "at", "until", "counts"),
    [
        ("", -9, 9, True), ("*", -9, 9, True), (made.ACCOUNT, -9, 9, True),
        ("210987654321", -9, 9, False), ("arn:aws:s3:::one", -9, 9, False), ("", -9, -1, False),
    ],
)
def test_an_attestation_counts_for_all_and_in_force(
    scope: str, at: int, until: int, counts: bool
) -> None:
    days = timedelta(days=1)
    one = Attestation("compliance.policy-mapping", scope, "Done.", "", "Ann",
                      made.AS_OF + at * days, made.AS_OF + until * days)  # fmt: skip
    ctx = Context(made.inputs(attestations=(one,)))
    assert (ctx.verdicts["AC-1"].status == "met") is counts


def test_an_attestation_of_one_account_of_two_is_not_enough() -> None:
    days = timedelta(days=1)
    one = Attestation("compliance.policy-mapping", made.ACCOUNT, "Done.", "", "Ann",
                      made.AS_OF - 9 * days, made.AS_OF + 9 * days)  # fmt: skip
    scan = replace(made.inputs().scan, accounts=(made.ACCOUNT, "210987654321"))
    verdict = Context(made.inputs(attestations=(one,), scan=scan)).verdicts["AC-1"]
    assert (verdict.status, verdict.attestations) == ("unverified", (0,))
    assert verdict.reason == "It is attested for 1 of 2 accounts only."


def test_an_observation_has_its_population_and_names_each_exception(built: Built) -> None:
    (one,) = [o for o in result(built)["observations"] if props(o).get("check-id") == "s3/private"]
    assert (props(one)["population"], props(one)["exceptions"]) == ("3", "2")
    assert [s["type"] for s in one["subjects"]] == ["inventory-item"] * 2
    assert {e["href"] for e in one["relevant-evidence"]} == {
        "../evidence/findings.csv", "../evidence/items.ndjson",
    }  # fmt: skip
    assert one["collected"] == "2026-09-30T12:00:00Z"


def test_the_plan_of_action_has_owner_and_day(built: Built) -> None:
    plan = read(built, "poam.json")["plan-of-action-and-milestones"]
    items = {(props(i)["kind"], props(i).get("check-id"), props(i)["owner"]): props(i)
             for i in plan["poam-items"]}  # fmt: skip
    # Seen first 100 days before the scan; what is high is due 30 days later.
    assert items["unmet", "s3/private", "data"]["due"] == "2026-07-22"
    assert items["unmet", "s3/private", "nobody"]["count"] == "1"
    assert items["waived", "s3/versioned", "data"]["due"] == "2026-12-31"
    risks = {r["uuid"]: r for r in plan["risks"]}
    (accepted,) = [r for r in risks.values() if r["status"] == "deviation-approved"]
    entry = accepted["risk-log"]["entries"][0]
    assert "Copied each night." in entry["description"]
    names = {p["uuid"]: p["name"] for p in plan["metadata"]["parties"]}
    assert [names[p["party-uuid"]] for p in entry["logged-by"]] == ["Femi"]
    tasks = {props(t)["owner"]: t for r in risks.values() for n in r["remediations"]
             for t in n["tasks"]}  # fmt: skip
    assert "responsible-roles" not in tasks["nobody"]
    assert names[tasks["data"]["responsible-roles"][0]["party-uuids"][0]] == "data"


def test_a_report_is_named_with_its_digest_and_nothing_else(built: Built) -> None:
    found = read(built, "assessment-results.json")["assessment-results"]["back-matter"]
    by = {r["title"]: props(r) for r in found["resources"]}
    assert by["SOC 2"]["sha256"] == made.SHA
    assert not any("rlinks" in r or "base64" in r for r in found["resources"])
    assert not [p for p in built.folder.rglob("*") if p.suffix.lower() == ".pdf"]


def test_the_authorization_says_that_none_is_on_file(tmp_path: Path) -> None:
    for halves, day in ((made.HALVES, "2026-09-30"), ({}, "2026-09-01")):
        made_of = made.inputs(halves=halves)
        one = build(made_of, tmp_path / "audit")
        (lent,) = read(one, "ssp.json")["system-security-plan"]["system-implementation"][
            "leveraged-authorizations"
        ]
        assert (lent["date-authorized"], props(lent)["on-file"]) == (day, "yes" if halves else "no")


def test_texts_from_outside_are_shown_as_they_are(built: Built) -> None:
    text = (built.folder / "oscal" / "assessment-results.json").read_text("utf-8")
    assert "\\\\<script>" in text  # a backslash before it, in JSON
    assert "\u202e" not in text


def test_the_baseline_chooses_the_controls(tmp_path: Path) -> None:
    one = build(made.inputs(baseline="low"), tmp_path / "audit")
    chosen = read(one, "profile.json")["profile"]["imports"][0]["include-controls"]
    assert chosen == [{"with-ids": ["ac-3", "pe-3"]}]
    assert one.parts == 2


def test_without_findings_work_or_anything_it_is_still_valid(tmp_path: Path) -> None:
    of = made.framework()
    only: dict[str, Part] = {"PE-3": of.parts["PE-3"]}
    bare = made.inputs(
        framework=replace(of, parts=only), findings=made.Listed([]), others={}, waivers=(),
        attestations=(), duties={}, checks={}, reports=(made.REPORTS[0],),
        halves={"PE-3": Half(True, "It does.", ("report-soc2 1",))},
    )  # fmt: skip
    one = build(bare, tmp_path / "audit")
    assert (one.parts, one.satisfied, one.work) == (1, 1, 0)
    assert not (one.folder / "oscal" / "poam.json").exists()  # OSCAL has no empty plan


def test_a_part_that_is_all_aws_needs_no_check(tmp_path: Path) -> None:
    of = made.framework()
    mine = replace(of.parts["PE-3"], side=Side.AWS, duties=("data.exposure",))
    ctx = Context(made.inputs(framework=replace(of, parts={**of.parts, "PE-3": mine})))
    assert ctx.verdicts["PE-3"].checks == ctx.verdicts["PE-3"].related == ()


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "mine.txt").write_text("mine")
    with pytest.raises(Error, match="no audit package"):
        build(made.inputs(), tmp_path / "audit")
    assert [p.name for p in tmp_path.rglob("*")] == ["audit", "mine.txt"]


def test_nothing_is_left_where_it_fails(tmp_path: Path) -> None:
    def broken() -> Iterator[Any]:
        raise OSError(28, "No space left on device")
        yield

    findings = made.Listed()
    findings.rows = broken  # type: ignore[method-assign]
    with pytest.raises(OSError, match="No space"):
        build(made.inputs(findings=findings), tmp_path / "audit")
    assert list(tmp_path.iterdir()) == []


def test_no_control_in_scope_is_said(tmp_path: Path) -> None:
    with pytest.raises(Error, match="in scope"):
        build(made.inputs(baseline="high"), tmp_path / "audit")


def test_a_window_is_whole_days() -> None:
    window = Window(date(2026, 4, 1), date(2026, 9, 30))
    assert (window.first.isoformat(), window.last.isoformat()) == (
        "2026-04-01T00:00:00+00:00", "2026-09-30T23:59:59+00:00",
    )  # fmt: skip
