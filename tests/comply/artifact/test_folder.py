"""What a person downloaded: PDFs, metadata, both; halves, duplicates and hostile names."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.comply.artifact.made import ISO, NOW, PDF, SOC, day

from sharedline.comply.artifact import folder as intake
from sharedline.comply.artifact.folder import Said, take
from sharedline.comply.artifact.register import open_register
from sharedline.errors import Error

SOC_NAME = "System and Organization Controls SOC 2 Report"


def listing(**more: Any) -> dict[str, Any]:
    """A report as `aws artifact list-reports` prints it."""
    return {
        "id": SOC,
        "name": SOC_NAME,
        "series": "SOC",
        "periodStart": "2025-10-01T00:00:00+00:00",
        "periodEnd": "2026-03-31T23:59:59.999000+00:00",
        "version": 3,
        "state": "PUBLISHED",
        **more,
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "artifact"


def pdf(path: Path, more: str = "") -> str:
    data = PDF.replace(b"auditor", b"auditor " + more.encode())
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def test_metadata_alone_is_a_register(place: Path, folder: Path) -> None:
    agreement = {"id": "customer-agreement-abcdefgh12345678", "name": "BAA", "state": "ACTIVE"}
    (place / "reports.json").write_text(json.dumps({"reports": [listing()]}))
    (place / "one.json").write_text(json.dumps({"reportDetails": listing(id=ISO, name="ISO")}))
    (place / "agreed.json").write_text(json.dumps({"customerAgreements": [agreement]}))
    done = take(place, folder, NOW)
    found = open_register(folder)
    assert (len(done.described), done.refused) == (2, [])
    soc = found.find(SOC)
    assert soc is not None
    assert (soc.period_start, soc.period_end) == (day("2025-10-01"), day("2026-03-31"))
    assert (soc.version, soc.series, soc.where, soc.on_file) == (3, "SOC", "folder", False)
    assert [a.name for a in found.agreements] == ["BAA"]


@pytest.mark.parametrize(
    ("file", "more"),
    [
        (f"{SOC_NAME}.pdf", {}),
        (f"x {SOC} y.pdf", {}),
        ("anything.pdf", {"file": "anything.pdf"}),
        ("anything.PDF", {"file": "elsewhere/anything.PDF"}),
    ],
)
def test_a_document_finds_its_metadata(
    place: Path, folder: Path, file: str, more: dict[str, str]
) -> None:
    digest = pdf(place / file)
    (place / "m.json").write_text(json.dumps([listing(**more), listing(id=ISO, name="ISO")]))
    done = take(place, folder, NOW)
    soc = open_register(folder).find(SOC)
    assert soc is not None
    assert (soc.sha256, soc.bytes, soc.version) == (digest, len(PDF) + 1, 3)
    assert (soc.original, soc.where, soc.received) == (file, "folder", NOW)
    kept = folder / "files" / soc.file
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == digest
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [r.id for r in done.described] == [ISO]


def test_a_table_beside_documents(place: Path, folder: Path) -> None:
    pdf(place / "a.pdf")
    (place / "m.csv").write_text(
        "\ufefffile,name,series,version,period_start,period_end\n"
        "a.pdf,SOC 2 Report,SOC,4,2025-10-01,2026-09-30\n"
    )
    take(place, folder, NOW)
    (held,) = open_register(folder).reports
    assert (held.name, held.version, held.period_end) == ("SOC 2 Report", 4, day("2026-09-30"))
    assert held.on_file


def test_a_name_tells_what_it_can(place: Path, folder: Path) -> None:
    pdf(place / "SOC_2_Report_2025-10-01_2026-03-31.pdf")
    take(place, folder, NOW)
    (held,) = open_register(folder).reports
    assert held.name == "SOC 2 Report"
    assert (held.period_start, held.period_end) == (day("2025-10-01"), day("2026-03-31"))


@pytest.mark.parametrize("name", ["SOC 2 2026-03-31.pdf", "SOC 2 20261399 20260101.pdf", "x.pdf"])
def test_one_date_is_no_period(place: Path, folder: Path, name: str) -> None:
    pdf(place / name)
    take(place, folder, NOW)
    assert open_register(folder).reports[0].period_end is None


def test_what_the_person_says_comes_first(place: Path, folder: Path) -> None:
    pdf(place / "scan0001.pdf")
    said = Said("SOC 2", "soc-2", 7, day("2025-10-01"), day("2026-09-30"))
    take(place / "scan0001.pdf", folder, NOW)
    take(place / "scan0001.pdf", folder, NOW, said)
    (held,) = open_register(folder).reports  # known better now, not twice
    assert (held.name, held.series, held.version) == ("SOC 2", "soc-2", 7)
    assert held.period_end == day("2026-09-30")


def test_metadata_that_comes_later_is_joined(place: Path, folder: Path) -> None:
    pdf(place / f"{SOC_NAME}.pdf")
    take(place, folder, NOW)
    (place / "m.json").write_text(json.dumps({"reports": [listing()]}))
    take(place, folder, NOW)
    (held,) = open_register(folder).reports
    assert (held.id, held.on_file) == (SOC, True)


def test_words_on_what_is_on_file_change_it(place: Path, folder: Path) -> None:
    pdf(place / f"{SOC_NAME}.pdf")
    (place / "m.json").write_text(json.dumps({"reports": [listing(periodEnd=None)]}))
    take(place, folder, NOW)
    take(place / f"{SOC_NAME}.pdf", folder, NOW, Said(end=day("2026-09-30")))
    (held,) = open_register(folder).reports
    assert (held.id, held.version, held.period_end) == (SOC, 3, day("2026-09-30"))


def test_two_reports_cannot_have_one_document(place: Path, folder: Path) -> None:
    pdf(place / "a.pdf")
    (place / "m.json").write_text(json.dumps([listing(file="a.pdf")]))
    take(place, folder, NOW)
    (place / "m.json").write_text(json.dumps([listing(file="a.pdf", id=ISO, name="ISO 27001")]))
    done = take(place, folder, NOW)
    assert done.duplicates == [("a.pdf", "a.pdf")]
    assert [r.id for r in open_register(folder).reports if r.on_file] == [SOC]


def test_words_for_several_documents_are_refused(place: Path, folder: Path) -> None:
    pdf(place / "a.pdf", "a")
    pdf(place / "b.pdf", "b")
    with pytest.raises(Error, match="fits one document; there are 2"):
        take(place, folder, NOW, Said(name="x"))
    assert not folder.exists()


def test_a_period_that_ends_before_it_starts_is_refused(place: Path, folder: Path) -> None:
    pdf(place / "a.pdf")
    with pytest.raises(Error, match="before it starts"):
        take(place, folder, NOW, Said(start=day("2026-02-01"), end=day("2026-01-01")))


def test_the_same_bytes_are_taken_once(place: Path, folder: Path) -> None:
    pdf(place / "a.pdf")
    pdf(place / "b.pdf")
    done = take(place, folder, NOW)
    assert [(len(done.added), done.duplicates)] == [(1, [("b.pdf", "a.pdf")])]
    again = take(place, folder, NOW)
    assert again.added == []
    assert len(again.duplicates) == 2
    assert len(list((folder / "files").glob("*.pdf"))) == 1


def test_halves_are_refused_and_the_rest_taken(place: Path, folder: Path) -> None:
    pdf(place / "whole.pdf")
    (place / "half.pdf").write_bytes(PDF[:-8])
    (place / "none.pdf").write_bytes(b"")
    (place / "page.pdf").write_bytes(b"<html>Sign in</html>")
    done = take(place, folder, NOW)
    assert [r.original for r in done.added] == ["whole.pdf"]
    assert dict(done.refused) == {
        "half.pdf": "half.pdf is half a PDF: its end is missing.",
        "none.pdf": "none.pdf is empty.",
        "page.pdf": "page.pdf is neither a PDF nor a zip file.",
    }


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("m.json", "{", "no JSON"),
        ("m.json", "[1]", "no reports"),
        ("m.json", '{"a": 1}', "no reports"),
        ("m.json", '"x"', "no reports"),
        ("m.json", "[" * 100_000, "no JSON"),
        ("m.csv", "file,wrong\na,b\n", "no column 'wrong'"),
        ("m.csv", "file,name\na,b,c\n", "no column 'None'"),
        ("m.json", json.dumps([listing(periodEnd="soon")]), "no day"),
        ("m.json", "[{}]", "neither an id"),
    ],
)
def test_metadata_that_cannot_be_read_is_named(
    place: Path, folder: Path, name: str, content: str, says: str
) -> None:
    pdf(place / "a.pdf")
    (place / name).write_text(content)
    done = take(place, folder, NOW)
    assert len(done.added) == 1
    ((file, why),) = done.refused
    assert file == name
    assert says in why


def test_what_is_too_large_is_refused(
    place: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LIMIT", len(PDF))
    (place / "large.pdf").write_bytes(b"%" + PDF)
    (place / "whole.pdf").write_bytes(PDF)
    done = take(place, folder, NOW)
    assert [r.original for r in done.added] == ["whole.pdf"]
    assert [f for f, _ in done.refused] == ["large.pdf"]


def test_links_and_the_register_itself_are_passed_over(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "secret").write_bytes(PDF)
    project = tmp_path / "project"
    project.mkdir()
    (project / "link.pdf").symlink_to(tmp_path / "secret")
    pdf(project / "a.pdf")
    take(project, project / "artifact", NOW)
    again = take(project, project / "artifact", NOW)
    assert [f for f, _ in again.duplicates] == ["a.pdf"]
    assert len(open_register(project / "artifact").reports) == 1


def test_nothing_there_is_said(place: Path, folder: Path) -> None:
    with pytest.raises(Error, match="no report in"):
        take(place, folder, NOW)
    with pytest.raises(Error, match="There is no"):
        take(place / "none", folder, NOW)


def test_hostile_metadata_writes_nowhere_else(place: Path, folder: Path, tmp_path: Path) -> None:
    pdf(place / "a.pdf")
    bad = listing(id="../../evil", name="../\x1b[2J\ud800", file="a.pdf", series="/etc")
    (place / "m.json").write_text(json.dumps([bad]))
    take(place, folder, NOW)
    (held,) = open_register(folder).reports
    assert held.id == "../../evil"
    assert {p.name for p in tmp_path.iterdir()} == {"in", "artifact"}
    assert (folder / "files" / held.file).parent == folder / "files"


KEYS = st.sampled_from(
    ["id", "name", "version", "periodStart", "periodEnd", "reports", "series", "file", "x"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(KEYS, JSON, max_size=6), max_size=4))
def test_no_metadata_makes_a_register_that_cannot_be_read(
    tmp_path_factory: pytest.TempPathFactory, entries: list[dict[str, Any]]
) -> None:
    base = tmp_path_factory.mktemp("any")
    (base / "m.json").write_text(json.dumps({"reports": entries}))
    try:
        take(base, base / "artifact", NOW)
    except Error:
        return
    open_register(base / "artifact")
