"""The verbs: what they print, what they refuse, with which exit code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.comply.artifact.made import ISO, PDF, SOC, TERMS, aws, refuse, report, summary
from tests.running import Run, runner

from sharedline.cli.comply import SUMMARIES as COMPLY
from sharedline.cli.comply.artifact import SUMMARIES, command
from sharedline.comply.artifact import download
from sharedline.comply.artifact.register import open_register, update
from sharedline.trail.sources import Aws


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "artifact"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "comply", "artifact", after=("--dir", tmp_path))


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Any:
    client, stubber = aws()
    monkeypatch.setattr(Aws, "client", lambda *_: client)
    served = {"https://x.amazonaws.com/terms": TERMS, "https://x.amazonaws.com/report": PDF}
    monkeypatch.setattr(download, "download", lambda url, endpoint="": served[url])
    with stubber:
        yield stubber


def test_summaries_are_the_verbs_own_words() -> None:
    assert command.help is not None
    assert command.help.splitlines()[0] == COMPLY["artifact"]
    listed = command.list_commands(None)  # type: ignore[arg-type]
    assert set(listed) == set(SUMMARIES)
    for name in listed:
        verb = command.get_command(None, name)  # type: ignore[arg-type]
        assert verb is not None
        assert verb.help is not None
        assert verb.help.splitlines()[0] == SUMMARIES[name]


def test_fetch_lists(run: Run, stub: Any, folder: Path) -> None:
    stub.add_response("list_reports", {"reports": [summary()]}, None)
    stub.add_response("get_report_metadata", {"reportDetails": summary()}, None)
    stub.add_response("list_customer_agreements", {"customerAgreements": []}, None)
    code, shown, _ = run("fetch")
    assert (code, shown) == (0, "1 reports and 0 agreements are listed.\n")
    assert open_register(folder).reports[0].id == SOC


@pytest.mark.parametrize("fmt", ["text", "json"])
def test_fetch_denied_names_the_actions(run: Run, stub: Any, folder: Path, fmt: str) -> None:
    refuse(stub, "list_reports")
    refuse(stub, "list_customer_agreements")
    code, shown, said = run("fetch", "--format", fmt)
    assert code == 3
    needed = ["artifact:ListCustomerAgreements", "artifact:ListReports"]
    if fmt == "json":
        assert json.loads(shown)["actions"] == needed
    else:
        assert "AWS did not answer ListReports (AccessDeniedException)." in shown
        assert ", ".join(needed) in said
    assert len(open_register(folder).unread) == 2


def token(stub: Any) -> None:
    answer = {"documentPresignedUrl": "https://x.amazonaws.com/terms", "termToken": "t"}
    stub.add_response("get_term_for_report", answer, None)


def test_fetch_leaves_terms_to_a_person_and_records_them(run: Run, stub: Any, folder: Path) -> None:
    update(folder, lambda r: r.with_reports([report(version=3, on_file=False)]))
    token(stub)
    code, shown, _ = run("fetch", "--report", SOC)
    assert code == 0
    assert str(folder / "files") in shown
    assert "--accept-terms --by" in shown
    assert not open_register(folder).reports[0].accepted
    token(stub)
    where = {"documentPresignedUrl": "https://x.amazonaws.com/report"}
    stub.add_response("get_report", where, {"reportId": SOC, "reportVersion": 3, "termToken": "t"})
    code, shown, _ = run("fetch", "--report", SOC, "--accept-terms", "--by", "Ada Lovelace")
    assert code == 0
    held = open_register(folder).reports[0]
    assert held.sha256 in shown
    assert held.terms is not None
    assert held.terms.accepted_by == "Ada Lovelace"
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    "given", [["--accept-terms"], ["--accept-terms", "--by", "Ada"], ["--report", SOC]]
)
def test_nobody_accepts_by_half_a_command(run: Run, stub: Any, given: list[str]) -> None:
    code, _, said = run("fetch", *given, *(["--accept-terms"] if SOC in given else []))
    assert code == 2
    assert "one person's act" in said


def test_fetch_of_denied_terms_is_recorded(run: Run, stub: Any, folder: Path) -> None:
    update(folder, lambda r: r.with_reports([report(on_file=False)]))
    refuse(stub, "get_term_for_report")
    code, _, said = run("fetch", "--report", SOC)
    assert code == 3
    assert "artifact:GetTermForReport" in said
    assert [u.call for u in open_register(folder).unread] == ["GetTermForReport"]


def test_fetch_without_credentials_is_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    code, _, said = run("fetch")
    assert code == 2
    assert "AWS cannot be asked (NoCredentialsError)." in said


def test_import_then_list(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "in"
    place.mkdir()
    (place / "SOC 2 Report 2025-10-01 2026-09-30.pdf").write_bytes(PDF)
    (place / "half.pdf").write_bytes(PDF[:-8])
    iso = {"id": ISO, "name": 'ISO "27001" =cmd()|\x1b[31m', "version": 2}
    (place / "m.json").write_text(json.dumps({"reports": [iso]}))
    code, shown, said = run("import", str(place))
    assert code == 3
    assert "1 documents are on file, 1 more reports are described" in shown
    assert "half.pdf was refused" in shown
    assert "confidential" in said
    code, shown, _ = run("list")
    assert code == 0
    assert "2025-10-01 to 2026-09-30" in shown
    assert "\x1b" not in shown
    code, shown, _ = run("list", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(shown)))
    assert [(r["series"], r["on_file"]) for r in rows] == [
        ("soc-2", "True"),
        ("iso-27001", "False"),
    ]
    code, shown, _ = run("import", str(place / "SOC 2 Report 2025-10-01 2026-09-30.pdf"))
    assert (code, "on file already" in shown) == (0, True)


def test_import_takes_words_for_one(run: Run, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(PDF)
    words = ["--series", "soc-2", "--from", "2025-10-01", "--to", "2026-09-30", "--version", "2"]
    assert run("import", str(tmp_path / "scan.pdf"), *words)[0] == 0
    (held,) = open_register(folder).reports
    assert (held.series, held.version, str(held.period_end)) == ("soc-2", 2, "2026-09-30")
    code, _, said = run("import", str(tmp_path / "scan.pdf"), "--series", "none")
    assert code == 2
    assert "no series 'none'" in said


def test_list_for_a_part_names_what_could_be_got(run: Run, folder: Path) -> None:
    update(folder, lambda r: r.with_reports([report()]))
    code, shown, _ = run("list", "--for", "nist-800-53-r5:pe-3_smt.a.1", "--format", "json")
    assert code == 0
    found = {r["series"]: r for r in json.loads(shown)}
    assert (found["soc-2"]["on_file"], found["soc-2"]["basis"]) == (True, "mapped")
    assert (found["fedramp-high"]["id"], found["fedramp-high"]["basis"]) == ("", "direct")
    code, _, said = run("list", "--for", "nist-800-53-r5:XX-1")
    assert (code, "There is no part" in said) == (2, True)


def test_accept_is_put_on_record_once(run: Run, tmp_path: Path, folder: Path) -> None:
    update(folder, lambda r: r.with_reports([report(terms=None)]))
    (tmp_path / "t.pdf").write_bytes(TERMS)
    given = ["--by", "Ada Lovelace", "--on", "2026-05-01", "--terms", str(tmp_path / "t.pdf")]
    code, shown, _ = run("accept", SOC, *given)
    assert (code, "Ada Lovelace accepted its terms on 2026-05-01" in shown) == (0, True)
    first = open_register(folder)
    terms = first.reports[0].terms
    assert terms is not None
    assert (folder / "files" / terms.file).read_bytes() == TERMS
    code, shown, _ = run("accept", SOC, "--by", "Somebody Else")
    assert (code, "it stays" in shown) == (0, True)
    assert open_register(folder) == first


def test_accept_is_for_one_version_since_another_may_have_other_terms(
    run: Run, folder: Path
) -> None:
    both = [report(terms=None), report(terms=None, version=2)]
    update(folder, lambda r: r.with_reports(both))

    def accepted() -> dict[int, bool]:
        return {r.version: r.accepted for r in open_register(folder).reports}

    run("accept", SOC, "--by", "Ada Lovelace")
    assert accepted() == {1: False, 2: True}
    run("accept", SOC, "--by", "Ada Lovelace", "--version", "1")
    assert accepted() == {1: True, 2: True}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([SOC, "--by", "Ada", "--version", "7"], "no report"),
        (["report-none", "--by", "Ada"], "no report"),
        ([SOC, "--by", " "], "Nobody is named"),
        ([SOC, "--by", "Ada", "--on", "2999-01-01"], "future"),
    ],
)
def test_accept_refuses(run: Run, folder: Path, given: list[str], says: str) -> None:
    update(folder, lambda r: r.with_reports([report(terms=None)]))
    code, _, said = run("accept", *given)
    assert (code, says in said) == (2, True)
    assert not open_register(folder).reports[0].accepted


WINDOW = ["--from", "2026-01-01", "--to", "2026-09-30"]


def test_gaps_says_what_is_missing(run: Run, folder: Path) -> None:
    held = report(end="2026-03-31", terms=None, file="gone.pdf")
    update(folder, lambda r: r.with_reports([held]))
    code, shown, said = run("gaps", "--framework", "soc-2", *WINDOW, "--format", "json")
    assert code == 1
    assert [g["kind"] for g in json.loads(shown)] == ["file", "period", "terms"]
    assert "Services and Regions in use are not compared" in said
    code, shown, _ = run("gaps", "--framework", "soc-2", *WINDOW)
    assert code == 1
    assert shown.startswith("3 gaps from 2026-01-01 to 2026-09-30.\n")
    assert "bridge" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_gaps_of_a_whole_framework_are_cut_for_people_only(run: Run) -> None:
    code, shown, said = run("gaps", *WINDOW, "--baseline", "moderate")
    assert (code, "more of no-report" in said) == (1, True)
    every = json.loads(run("gaps", *WINDOW, "--baseline", "moderate", "--format", "json")[1])
    assert len(every) == int(shown.split(" ", 1)[0].replace(",", ""))
    assert {g["kind"] for g in every} == {"no-report"}


def test_gaps_after_a_denial_are_incomplete(run: Run, stub: Any) -> None:
    refuse(stub, "list_reports")
    stub.add_response("list_customer_agreements", {"customerAgreements": []}, None)
    run("fetch")
    assert run("gaps", "--framework", "soc-2", *WINDOW)[0] == 3


def test_gaps_refuses_a_window_from_end_to_start(run: Run) -> None:
    assert run("gaps", "--from", "2026-02-01", "--to", "2026-01-01")[0] == 2


def test_a_broken_register_is_explained(run: Run, folder: Path) -> None:
    folder.mkdir()
    (folder / "register.json").write_text("{")
    for verb in ("list", "gaps"):
        code, _, said = run(verb)
        assert (code, "is no JSON" in said) == (2, True)
