"""Asking AWS: denied calls, cut pages, and terms that only a person accepts."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from tests.comply.artifact.made import ISO, NOW, PDF, SOC, TERMS, aws, refuse, report, summary

from sharedline.comply.artifact import fetch
from sharedline.comply.artifact.fetch import (
    RefusedError,
    accept_and_fetch,
    collect,
    find,
    remember,
    save_terms,
)
from sharedline.comply.artifact.model import Unread
from sharedline.comply.artifact.register import open_register, update
from sharedline.errors import Error, IncompleteError

TERMS_URL = "https://s3.us-east-1.amazonaws.com/terms"
PDF_URL = "https://s3.us-east-1.amazonaws.com/report"


def served(url: str) -> bytes:
    return {TERMS_URL: TERMS, PDF_URL: PDF}[url]


def listed(stub: Any, *reports: dict[str, Any], **more: Any) -> None:
    stub.add_response("list_reports", {"reports": list(reports), **more}, None)


def described(stub: Any, **more: Any) -> None:
    found = {**summary(**more), "termArn": "arn:aws:artifact:::term/1"}
    stub.add_response("get_report_metadata", {"reportDetails": found}, None)


def no_agreements(stub: Any) -> None:
    stub.add_response("list_customer_agreements", {"customerAgreements": []}, None)


def terms(stub: Any, mark: str = "token") -> None:
    answer = {"documentPresignedUrl": TERMS_URL, "termToken": mark}
    stub.add_response("get_term_for_report", answer, {"reportId": SOC, "reportVersion": 3})


def document(stub: Any, mark: str = "token") -> None:
    expected = {"reportId": SOC, "reportVersion": 3, "termToken": mark}
    stub.add_response("get_report", {"documentPresignedUrl": PDF_URL}, expected)


def known(folder: Path) -> Any:
    found = report(version=3, on_file=False)
    update(folder, lambda r: r.with_reports([found]))
    return found


def test_the_calls_are_aws_s() -> None:
    model = get_session().get_service_model("artifact")
    assert set(fetch.CALLS) <= set(model.operation_names)
    assert str(model.shape_for("ReportId").metadata["pattern"]) == fetch._ID.pattern


def test_reports_and_agreements_are_listed_over_pages(tmp_path: Path) -> None:
    client, stub = aws()
    listed(stub, summary(), nextToken="two")
    described(stub)
    stub.add_response(
        "list_reports",
        {"reports": [summary(id=ISO, name="ISO 27001")]},
        {"maxResults": 300, "nextToken": "two"},
    )
    described(stub, id=ISO, name="ISO 27001")
    agreed = {"id": "customer-agreement-abcdefgh12345678", "name": "BAA", "state": "ACTIVE"}
    stub.add_response("list_customer_agreements", {"customerAgreements": [agreed]}, None)
    # All pages are read before the first report is described.
    stub._queue[1], stub._queue[2] = stub._queue[2], stub._queue[1]
    with stub:
        asked = collect(client, tmp_path, NOW)
    stub.assert_no_pending_responses()
    found = open_register(tmp_path)
    assert asked.unread == []
    assert [r.name for r in found.reports] == ["ISO 27001", "SOC 2 Report"]
    assert found.reports[1].term_arn
    assert str(found.reports[1].period_end) == "2026-03-31"
    assert [a.name for a in found.agreements] == ["BAA"]
    assert found.fetched == NOW


def test_metadata_of_what_is_known_is_not_asked_again(tmp_path: Path) -> None:
    client, stub = aws()
    for described_once in (True, False):
        listed(stub, summary())
        if described_once:
            described(stub)
        no_agreements(stub)
    with stub:
        collect(client, tmp_path, NOW)
        collect(client, tmp_path, NOW)
    stub.assert_no_pending_responses()


def test_earlier_versions_are_listed_where_asked(tmp_path: Path) -> None:
    client, stub = aws()
    listed(stub, summary())
    described(stub)
    stub.add_response(
        "list_report_versions",
        {"reports": [summary(), summary(version=2)]},
        {"reportId": SOC, "maxResults": 300},
    )
    no_agreements(stub)
    with stub:
        collect(client, tmp_path, NOW, versions=True)
    assert [r.version for r in open_register(tmp_path).reports] == [2, 3]


def test_a_denied_listing_is_recorded_and_the_rest_read(tmp_path: Path) -> None:
    client, stub = aws()
    refuse(stub, "list_reports")
    agreed = {"id": "customer-agreement-abcdefgh12345678", "name": "BAA"}
    stub.add_response("list_customer_agreements", {"customerAgreements": [agreed]}, None)
    with stub:
        asked = collect(client, tmp_path, NOW)
    assert asked.actions == ["artifact:ListReports"]
    assert open_register(tmp_path).unread == (
        Unread("ListReports", "", "AccessDeniedException", NOW),
    )
    assert len(open_register(tmp_path).agreements) == 1


def test_a_cut_listing_keeps_what_came_and_says_so(tmp_path: Path) -> None:
    client, stub = aws()
    listed(stub, summary(), nextToken="two")
    refuse(stub, "list_reports", "ThrottlingException")
    described(stub)
    no_agreements(stub)
    with stub:
        asked = collect(client, tmp_path, NOW)
    assert [r.id for r in open_register(tmp_path).reports] == [SOC]
    assert [(u.call, u.code) for u in asked.unread] == [("ListReports", "ThrottlingException")]


def test_denied_metadata_names_the_report_and_keeps_the_summary(tmp_path: Path) -> None:
    client, stub = aws()
    listed(stub, summary())
    refuse(stub, "get_report_metadata")
    no_agreements(stub)
    with stub:
        asked = collect(client, tmp_path, NOW)
    assert [(u.call, u.subject) for u in asked.unread] == [("GetReportMetadata", SOC)]
    assert open_register(tmp_path).reports[0].name == "SOC 2 Report"


def test_an_answer_clears_what_was_refused_before(tmp_path: Path) -> None:
    client, stub = aws()
    refuse(stub, "list_reports")
    no_agreements(stub)
    listed(stub)
    no_agreements(stub)
    with stub:
        assert collect(client, tmp_path, NOW).unread
        assert not collect(client, tmp_path, NOW).unread
    assert open_register(tmp_path).unread == ()


class Endless:
    """Artifact whose listing comes to no end; with `same` it repeats a token."""

    def __init__(self, *, same: bool) -> None:
        self.same, self.pages = same, 0

    def list_reports(self, **arguments: Any) -> dict[str, Any]:
        self.pages += 1
        return {"reports": [], "nextToken": "x" if self.same else str(self.pages)}

    def list_customer_agreements(self, **arguments: Any) -> dict[str, Any]:
        return {}


@pytest.mark.parametrize(("same", "pages"), [(True, 2), (False, 200)])
def test_a_listing_without_end_is_cut(tmp_path: Path, same: bool, pages: int) -> None:
    client = Endless(same=same)
    asked = collect(client, tmp_path, NOW)
    assert client.pages == pages
    assert [u.code for u in asked.unread] == ["EndlessPages"]


@pytest.mark.parametrize("name", ["../../x", "report-short", "report-SOC2SOC2SOC2SOC2/..", ""])
def test_a_strange_id_never_becomes_a_file_name(tmp_path: Path, name: str) -> None:
    class Strange(Endless):
        def list_reports(self, **arguments: Any) -> dict[str, Any]:
            return {"reports": [{"id": name, "name": "x"}]}

    asked = collect(Strange(same=True), tmp_path, NOW)
    assert [u.code for u in asked.unread] == ["StrangeId"]
    assert open_register(tmp_path).reports == ()
    with pytest.raises(Error, match="no id of AWS Artifact"):
        find(None, tmp_path, name, None, NOW)


def test_saving_terms_accepts_nothing(tmp_path: Path) -> None:
    client, stub = aws()
    terms(stub)  # and no GetReport: the Stubber would refuse it
    with stub:
        path = save_terms(client, tmp_path, known(tmp_path), served, NOW)
    assert path.read_bytes() == TERMS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    held = open_register(tmp_path).reports[0]
    assert held.terms is not None
    assert held.terms.sha256 == hashlib.sha256(TERMS).hexdigest()
    assert not held.accepted
    assert not held.on_file
    assert "token" not in (tmp_path / "register.json").read_text()


def test_a_person_accepts_what_they_read_and_gets_the_report(tmp_path: Path) -> None:
    client, stub = aws()
    terms(stub, "first")
    terms(stub, "second")
    document(stub, "second")
    with stub:
        save_terms(client, tmp_path, known(tmp_path), served, NOW)
        accept_and_fetch(client, tmp_path, known(tmp_path), served, NOW, " Ada Lovelace ")
    stub.assert_no_pending_responses()
    held = open_register(tmp_path).reports[0]
    path = tmp_path / "files" / held.file
    assert path.read_bytes() == PDF
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (held.sha256, held.bytes) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert held.terms is not None
    assert (held.terms.accepted_by, held.terms.accepted_at) == ("Ada Lovelace", NOW)
    assert held.terms.sha256 == hashlib.sha256(TERMS).hexdigest()


def test_terms_that_nobody_read_are_not_accepted(tmp_path: Path) -> None:
    client, stub = aws()
    terms(stub)
    with stub, pytest.raises(Error, match="not read yet"):
        accept_and_fetch(client, tmp_path, known(tmp_path), served, NOW, "Ada")
    assert not open_register(tmp_path).reports[0].accepted
    assert (tmp_path / "files" / f"terms-{SOC}-v3.pdf").read_bytes() == TERMS


def test_terms_that_changed_since_are_not_accepted(tmp_path: Path) -> None:
    client, stub = aws()
    for _ in range(3):
        terms(stub)
    document(stub)

    def other(url: str) -> bytes:
        return served(url).replace(b"terms", b"TERMS, worse")

    with stub:
        save_terms(client, tmp_path, known(tmp_path), served, NOW)
        with pytest.raises(Error, match="not those that were saved"):
            accept_and_fetch(client, tmp_path, known(tmp_path), other, NOW, "Ada")
        assert not open_register(tmp_path).reports[0].accepted
        # The new ones were saved: reading them and running again works.
        accept_and_fetch(client, tmp_path, known(tmp_path), other, NOW, "Ada")
    assert open_register(tmp_path).reports[0].accepted


def test_terms_that_differ_each_time_need_a_word_more(tmp_path: Path) -> None:
    client, stub = aws()
    terms(stub)
    terms(stub)
    document(stub)
    served_so_far: list[str] = []

    def marked(url: str) -> bytes:
        served_so_far.append(url)
        return served(url).replace(b"terms", b"terms, copy %d" % len(served_so_far))

    with stub:
        save_terms(client, tmp_path, known(tmp_path), marked, NOW)
        held = accept_and_fetch(client, tmp_path, known(tmp_path), marked, NOW, "Ada", changed=True)
    assert held.terms is not None
    kept = tmp_path / "files" / held.terms.file
    assert held.terms.sha256 == hashlib.sha256(kept.read_bytes()).hexdigest()


def test_nobody_cannot_accept(tmp_path: Path) -> None:
    with pytest.raises(Error, match="Nobody is named"):
        accept_and_fetch(None, tmp_path, known(tmp_path), served, NOW, "  ")


def test_an_acceptance_stays_on_record_when_the_download_fails(tmp_path: Path) -> None:
    client, stub = aws()
    terms(stub)
    terms(stub)
    document(stub)

    def cut(url: str) -> bytes:
        if url == PDF_URL:
            raise IncompleteError("cut")
        return TERMS

    with stub:
        save_terms(client, tmp_path, known(tmp_path), cut, NOW)
        with pytest.raises(IncompleteError, match="cut"):
            accept_and_fetch(client, tmp_path, known(tmp_path), cut, NOW, "Ada")
    held = open_register(tmp_path).reports[0]
    assert held.accepted
    assert not held.on_file


def test_half_a_document_is_not_kept(tmp_path: Path) -> None:
    client, stub = aws()
    terms(stub)
    terms(stub)
    document(stub)

    def half(url: str) -> bytes:
        return TERMS if url == TERMS_URL else PDF[:-8]

    with stub:
        save_terms(client, tmp_path, known(tmp_path), half, NOW)
        with pytest.raises(Error, match="half a PDF"):
            accept_and_fetch(client, tmp_path, known(tmp_path), half, NOW, "Ada")
    assert not open_register(tmp_path).reports[0].on_file
    assert not list((tmp_path / "files").glob(f"{SOC}*"))


def test_denied_terms_name_the_action_and_are_remembered(tmp_path: Path) -> None:
    client, stub = aws()
    refuse(stub, "get_term_for_report")
    with stub, pytest.raises(RefusedError, match="artifact:GetTermForReport") as raised:
        save_terms(client, tmp_path, known(tmp_path), served, NOW)
    assert raised.value.exit_code == 3
    for _ in range(2):
        remember(tmp_path, raised.value, NOW)
    unread = open_register(tmp_path).unread
    assert unread == (Unread("GetTermForReport", SOC, "AccessDeniedException", NOW),)


def test_an_answer_without_a_document_is_an_error(tmp_path: Path) -> None:
    client, stub = aws()
    stub.add_response("get_term_for_report", {"termToken": "x"}, None)
    with stub, pytest.raises(Error, match="named no document"):
        save_terms(client, tmp_path, known(tmp_path), served, NOW)


def test_a_report_that_is_not_listed_yet_is_asked_for(tmp_path: Path) -> None:
    client, stub = aws()
    found = {"reportDetails": summary(version=2)}
    stub.add_response("get_report_metadata", found, {"reportId": SOC, "reportVersion": 2})
    with stub:
        assert find(client, tmp_path, SOC, 2, NOW).version == 2
