"""How a report is told, what it supports, and that a customer's part is never inherited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.comply.artifact.made import part, report

from sharedline.comply.artifact import reports, scope
from sharedline.comply.artifact.series import Basis, Kind, words
from sharedline.comply.catalogue import ids, load
from sharedline.comply.model import Part
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import ConfigError
from sharedline.model import Side

KNOWN = reports.load()


@pytest.mark.parametrize(
    ("name", "given", "series"),
    [
        ("System and Organization Controls SOC 2 Report - current", "SOC", "soc-2"),
        ("System and Organization Controls (SOC) 1 Report", "SOC", "soc-1"),
        ("SOC2 Type II", "", "soc-2"),
        ("SOC 3 Report", "SOC", "soc-3"),
        ("SOC Continued Operations Letter", "SOC", "soc-bridge"),
        ("SOC 2 Mapping Workbook", "SOC", ""),
        ("ISO 27001:2022 Certification", "ISO", "iso-27001"),
        ("ISO/IEC 27001:2022 Statement of Applicability", "ISO", "iso-statement"),
        ("ISO 27017:2015 Statement of Applicability (SoA)", "ISO", "iso-statement"),
        ("ISO 27017:2015 Certification", "ISO", "iso-27017"),
        ("ISO27018 Certificate", "", "iso-27018"),
        ("ISO 27701:2019 Certification", "ISO", "iso-27701"),
        ("ISO 22301:2019 Certification", "ISO", "iso-22301"),
        ("ISO/IEC 20000-1 Certification", "ISO", "iso-20000"),
        ("ISO 9001:2015 Certification", "ISO", "iso-9001"),
        ("ISO/IEC 42001 Certification", "ISO", "iso-42001"),
        ("PCI DSS Attestation of Compliance (AOC) and Responsibility Summary", "PCI", "pci-dss"),
        ("PCI 3DS Attestation of Compliance", "PCI", "pci-3ds"),
        ("PCI PIN Attestation of Compliance", "PCI", "pci-pin"),
        ("AWS GovCloud FedRAMP High Package", "FedRAMP", "fedramp-high"),
        ("AWS East/West FedRAMP Moderate Package", "FedRAMP", "fedramp-moderate"),
        ("Cloud Computing Compliance Controls Catalogue (C5)", "C5", "c5"),
        ("HITRUST CSF Certification", "", "hitrust"),
        ("CSA STAR Certification", "", "csa-star"),
        ("Information Security Registered Assessors Program (IRAP) Package", "", "irap"),
        ("ENS High Certification", "", "ens"),
        ("MTCS Tier 3 Certification", "", "mtcs"),
        ("K-ISMS Certification", "", "k-isms"),
        ("TISAX Assessment", "", "tisax"),
        ("Something New", "", ""),
        ("ISO 27001 Quick Notes", "Whitepapers", ""),
    ],
)
def test_names_as_artifact_writes_them(name: str, given: str, series: str) -> None:
    found = KNOWN.of(report(name, series=given))
    assert (found.id if found else "") == series


@pytest.mark.parametrize(
    "company", ["Datadog", "Amazonia Ltd", "Not AWS", "notaws", "Amazing Web Services"]
)
def test_a_vendor_s_report_is_not_aws_s(company: str) -> None:
    assert KNOWN.of(report("SOC 2 Report", company=company)) is None


@pytest.mark.parametrize("company", ["", "AWS", "Amazon Web Services", "Amazon Web Services, Inc."])
def test_aws_by_any_of_its_names(company: str) -> None:
    assert KNOWN.of(report("SOC 2 Report", company=company)) is not None


@given(st.text(max_size=60))
def test_any_name_is_told_or_not(name: str) -> None:
    KNOWN.of(report(name))
    assert words(words(name)) == words(name)


@given(
    st.sampled_from([s for f in ids() for s in load(f).parts.values()]),
    st.sampled_from(list(Side)),
)
def test_only_a_part_on_which_aws_acts_is_supported(found: Part, side: Side) -> None:
    drawn = replace(found, side=side)
    for series in KNOWN.series.values():
        if side in (Side.CUSTOMER, Side.UNKNOWN):
            assert series.supporting(drawn) is None
        assert series.supporting(replace(drawn, withdrawn=True)) is None


@pytest.mark.parametrize("framework", ids())
def test_no_policy_control_of_the_customer_is_inherited(framework: str) -> None:
    for found in load(framework).parts.values():
        if found.side is Side.CUSTOMER:
            assert not any(s.supporting(found) for s in KNOWN.series.values()), found.id


@pytest.mark.parametrize(
    ("series", "given", "basis"),
    [
        ("soc-2", part("CC6.4", framework="soc-2", duties=()), Basis.DIRECT),
        ("soc-2", part("PE-3"), Basis.MAPPED),
        ("soc-2", part("PM-1", duties=()), None),
        ("soc-2", part("x", framework="mine"), Basis.DUTY),
        ("soc-2", part("x", framework="mine", duties=("data.exposure",)), None),
        ("pci-dss", part("9.2", framework="pci-dss-4.0.1", duties=()), Basis.DIRECT),
        ("soc-2", part("9.2", framework="pci-dss-4.0.1"), None),  # wants its own report
        ("iso-27701", part("A.5.34", framework="iso-27001-2022", duties=()), Basis.MAPPED),
        ("iso-27701", part("A.5.3", framework="iso-27001-2022", duties=()), None),
        ("fedramp-moderate", part("SC-8", duties=(), baselines=("high",)), None),
        ("fedramp-moderate", part("SC-8", duties=(), baselines=("moderate",)), Basis.DIRECT),
        ("fedramp-high", part("SC-8", duties=(), baselines=("high",)), Basis.DIRECT),
        ("iso-9001", part("PE-3"), None),
    ],
)
def test_what_supports_what(series: str, given: Part, basis: Basis | None) -> None:
    assert KNOWN.series[series].supporting(given) == basis


def test_every_framework_and_duty_named_is_real() -> None:
    duties = load_duties().duties
    for series in KNOWN.series.values():
        assert series.supports or series.why or series.kind is Kind.LETTER, series.id
        for found in series.supports:
            if found.parts:
                every = load(found.framework).parts.values()
                wide = replace(found, baselines=())
                assert any(wide.holds(p) for p in every), (series.id, found)
            for pattern in found.duties:
                assert any(fnmatchcase(d, pattern) for d in duties), (series.id, pattern)


def test_every_scope_that_is_named_and_shipped_is_dated() -> None:
    for found in scope.load().values():
        assert found.page.startswith("https://aws.amazon.com/compliance/")
        assert found.read is not None, found.program
        assert not found.complete


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


MINE = """
[[series]]
id = "mine"
title = "Mine"
kind = "period"
names = [["something new"]]
[[series.supports]]
framework = "soc-2"
basis = "mapped"
parts = ["CC6.4"]
[[ignored]]
report = "report-1"
why = "about a service we do not use"
"""


def test_a_project_maps_what_we_did_not(tmp_path: Path) -> None:
    known = reports.load(write(tmp_path / "reports.toml", MINE))
    found = known.of(report("Something New"))
    assert found is not None
    assert found.supporting(part("CC6.4", framework="soc-2")) is Basis.MAPPED
    assert known.ignored == {"report-1": "about a service we do not use"}
    assert "soc-2" in known.series


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "mine"', 'id = ""', "no id"),
        ('kind = "period"', 'kind = "paperback"', "period, certificate"),
        ('names = [["something new"]]', "names = []", "names"),
        ('names = [["something new"]]', 'names = ["x"]', "names"),
        ('parts = ["CC6.4"]', "", "parts or duties"),
        ('parts = ["CC6.4"]', 'parts = ["x"]\nduties = ["y"]', "parts or duties"),
        ('framework = "soc-2"', "", "no framework"),
        ('basis = "mapped"', 'basis = "hearsay"', "direct, mapped"),
        ('why = "about a service we do not use"', "", "reason"),
        ('title = "Mine"', 'title = "Mine"\nbridges = ["none"]', "no series 'none'"),
        ('title = "Mine"', 'title = "Mine"\nmore = 1', "more"),
        ('title = "Mine"', "title = 3", "not a text"),
    ],
)
def test_a_wrong_mapping_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in MINE
    with pytest.raises(ConfigError, match=says):
        reports.load(write(tmp_path / "reports.toml", MINE.replace(old, new)))


def test_what_is_not_listed_is_unknown_until_the_list_is_whole(tmp_path: Path) -> None:
    shipped = scope.load()["soc"]
    assert shipped.service("s3") is True
    assert shipped.service("gamelift") is None
    assert shipped.outside({"s3", "gamelift", "account"}) == ([], ["gamelift"])
    write(
        tmp_path / "soc.toml",
        'program = "soc"\ncomplete = true\n[[service]]\nids = ["elbv2"]\nsource = "https://x"\n'
        'read = 2026-11-22\n[regions]\nids = ["eu-west-1"]\ncomplete = true\n'
        'source = "https://x"\nread = 2026-11-20\n',
    )
    mine = scope.load(tmp_path)["soc"]
    assert mine.service("elb") is True
    assert mine.service("s3") is False  # the project's list is whole, and has it not
    assert mine.outside_regions({"eu-west-1", "eu-west-2", "global"}) == (["eu-west-2"], [])
    assert mine.read == date(2026, 11, 22)


def test_an_old_list_is_told_apart() -> None:
    shipped = scope.load()["soc"]
    assert shipped.aged({"s3", "lambda", "gamelift"}, date(2026, 9, 30)) == ["lambda"]
    assert shipped.aged({"lambda"}, date(2022, 1, 1)) == []


def test_a_partial_list_of_the_project_adds(tmp_path: Path) -> None:
    text = 'program = "soc"\n[[service]]\nids = ["gamelift"]\nsource = "https://x"\nread = 2026-11-22\n'
    mine = scope.load(write(tmp_path / "soc.toml", text).parent)["soc"]
    assert mine.service("gamelift")
    assert mine.service("s3")


@pytest.mark.parametrize(
    "text",
    [
        'program = "else"\n',
        'program = "soc"\ncomplete = "yes"\n',
        'program = "soc"\n[[service]]\nids = ["s3"]\n',
        'program = "soc"\n[[service]]\nids = ["s3"]\nsource = "x"\nread = 2026-11-22T10:00:00\n',
        'program = "soc"\n[[service]]\nsource = "https://x"\nread = 2026-11-22\n',
        'program = "soc"\n[regions]\nids = "eu-west-1"\nsource = "x"\nread = 2026-11-22\n',
        'program = "soc"\nregions = 3\n',
    ],
)
def test_a_wrong_scope_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path / "soc.toml", text)
    with pytest.raises(ConfigError):
        scope.load(tmp_path)
