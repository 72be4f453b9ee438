"""Asks AWS Artifact for reports, agreements, terms and documents; accepts nothing by itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sharedline.comply.artifact.download import Download, ending
from sharedline.comply.artifact.model import Agreement, Register, Report, Terms, Unread
from sharedline.comply.artifact.records import as_agreement, as_report, identity
from sharedline.comply.artifact.register import PRIVATE, files, open_register, update
from sharedline.errors import Error
from sharedline.files import write_whole

#: What `fetch` may call, each the IAM action of the same name; all but GetReport only list.
CALLS = (
    "ListReports",
    "GetReportMetadata",
    "ListReportVersions",
    "ListCustomerAgreements",
    "GetTermForReport",
    "GetReport",
)
REGION = "us-east-1"
#: As AWS's own model says; ids become file names, so nothing else may pass.
_ID = re.compile(r"report-[a-zA-Z0-9]{16}")
#: Artifact has some hundred reports; a listing that does not end is cut here, and said.
_MOST_PAGES = 200
_PAGE = 300


class RefusedError(Error):
    """AWS did not answer a call without which the command can do nothing."""

    exit_code = 3

    def __init__(self, call: str, subject: str, code: str) -> None:
        super().__init__(
            f"AWS did not answer {call} for {subject} ({code}).",
            f"It needs the IAM action artifact:{call}; the report must exist in this partition.",
        )
        self.unread = Unread(call, subject, code)


@dataclass
class Asked:
    """What AWS said, and what it did not answer."""

    at: datetime
    reports: list[Report] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    @property
    def actions(self) -> list[str]:
        """The IAM actions of the calls that were refused."""
        return sorted({f"artifact:{u.call}" for u in self.unread})


def collect(
    client: Any,
    folder: Path,
    at: datetime,
    *,
    versions: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Asked:
    """Lists reports and agreements into the register; what AWS does not answer is recorded.

    Metadata is asked for only of reports whose version is not known yet. With `versions` the
    earlier versions too, which a window in the past needs.
    """
    known = open_register(folder)
    asked = Asked(at)
    listed = list(_known_ids(_pages(client, "ListReports", "reports", asked), "ListReports", asked))
    for number, raw in enumerate(listed, 1):
        report = as_report(raw, at, "artifact")
        old = known.find(report.id, report.version)
        if old is None or not old.term_arn:
            more = _call(client, "GetReportMetadata", asked, report.id, **_which(report))
            if more is not None:
                report = as_report({**raw, **(more.get("reportDetails") or {})}, at, "artifact")
        asked.reports.append(report)
        if versions:
            earlier = _pages(
                client, "ListReportVersions", "reports", asked, report.id, reportId=report.id
            )
            asked.reports += [
                as_report(e, at, "artifact")
                for e in _known_ids(earlier, "ListReportVersions", asked)
            ]
        if progress:
            progress(number, len(listed))
    for raw in _pages(client, "ListCustomerAgreements", "customerAgreements", asked):
        if identity(raw):
            asked.agreements.append(as_agreement(raw))
    update(folder, lambda register: _taken(register, asked))
    return asked


def save_terms(client: Any, folder: Path, report: Report, get: Download, at: datetime) -> Path:
    """Saves the terms of a report for a person to read; the token that accepts them is dropped.

    Raises:
        Error: AWS does not answer, or what it serves is not whole.
    """
    _, data = _terms(client, report, get)
    path, terms = _keep_terms(folder, report, data, at)
    update(folder, lambda r: r.with_reports([replace(report, terms=terms)]))
    return path


def accept_and_fetch(
    client: Any,
    folder: Path,
    report: Report,
    get: Download,
    at: datetime,
    by: str,
    *,
    changed: bool = False,
) -> Report:
    """A person's act: accepts the terms that were saved earlier, and fetches the document.

    The terms as AWS serves them now must be those that were saved and read, byte for byte; where
    they are not, the new ones are saved and nothing is accepted, save with `changed`.

    Raises:
        Error: The terms were not read yet, or changed, or AWS does not answer.
    """
    if not by.strip():
        raise Error("Nobody is named who accepts the terms.", 'Write --by "Full Name".')
    path = files(folder) / terms_name(report)
    read = path.read_bytes() if path.is_file() else None
    if read is None:
        path = save_terms(client, folder, report, get, at)
        raise Error(
            f"The terms were not read yet; they are now in {path}.", "Read, then run again."
        )
    token, data = _terms(client, report, get)
    if data != read and not changed:
        _keep_terms(folder, report, data, at)
        raise Error(
            f"The terms are not those that were saved; the new ones are in {path}.",
            "Read them, then run again; where AWS serves other bytes each time, add --changed.",
        )
    path, terms = _keep_terms(folder, report, data, at)
    answer = _must(client, "GetReport", termToken=token, **_which(report))
    accepted = replace(terms, accepted_by=by.strip(), accepted_at=at)
    # The acceptance has happened, whatever becomes of the download.
    update(folder, lambda r: r.with_reports([replace(report, terms=accepted)]))
    document = get(_url(answer, "GetReport"))
    kind = ending(document, f"The document of {report.id}")
    name = f"{report.id}-v{report.version}.{kind}"
    write_whole(files(folder) / name, document, PRIVATE)
    held = replace(
        report,
        sha256=hashlib.sha256(document).hexdigest(),
        bytes=len(document),
        file=name,
        received=at,
        where="artifact",
        terms=accepted,
    )
    update(folder, lambda r: r.with_reports([held]))
    return held


def find(client: Any, folder: Path, report: str, version: int | None, at: datetime) -> Report:
    """A report by id, from the register, or where it is not there from AWS.

    Raises:
        Error: It is no id of Artifact, or AWS does not know it.
    """
    if not _ID.fullmatch(report):
        raise Error(f"{report!r} is no id of AWS Artifact.", "Ids are as in `artifact list`.")
    known = open_register(folder).find(report, version)
    if known is not None:
        return known
    which: dict[str, Any] = {"reportId": report}
    if version:
        which["reportVersion"] = version
    found = _must(client, "GetReportMetadata", **which)
    return as_report({"id": report, **(found.get("reportDetails") or {})}, at, "artifact")


def remember(folder: Path, refused: RefusedError, at: datetime) -> None:
    """Records a call that AWS did not answer, once."""
    new = replace(refused.unread, at=at)

    def change(register: Register) -> Register:
        others = [u for u in register.unread if (u.call, u.subject) != (new.call, new.subject)]
        return replace(register, unread=(*others, new))

    update(folder, change)


def terms_name(report: Report) -> str:
    """The name of the file of a report's terms."""
    return f"terms-{report.id}-v{report.version}.pdf"


def _taken(register: Register, asked: Asked) -> Register:
    new = register.with_reports(asked.reports).with_agreements(asked.agreements)
    return replace(new, unread=tuple(asked.unread), fetched=asked.at)


def _terms(client: Any, report: Report, get: Download) -> tuple[str, bytes]:
    answer = _must(client, "GetTermForReport", **_which(report))
    return str(answer.get("termToken", "")), get(_url(answer, "GetTermForReport"))


def _keep_terms(folder: Path, report: Report, data: bytes, at: datetime) -> tuple[Path, Terms]:
    path = files(folder) / terms_name(report)
    write_whole(path, data, PRIVATE)
    return path, Terms(hashlib.sha256(data).hexdigest(), path.name, at)


def _url(answer: Mapping[str, Any], call: str) -> str:
    url = answer.get("documentPresignedUrl")
    if not url:
        raise Error(f"{call} named no document.", "Download it in the console, and import it.")
    return str(url)


def _which(report: Report) -> dict[str, Any]:
    version = {"reportVersion": report.version} if report.version else {}
    return {"reportId": report.id, **version}


def _known_ids(
    found: Iterator[Mapping[str, Any]], call: str, asked: Asked
) -> Iterator[Mapping[str, Any]]:
    """Those with an id as AWS's model says; another is recorded, never made a file name."""
    for raw in found:
        if _ID.fullmatch(identity(raw)):
            yield raw
        else:
            asked.unread.append(Unread(call, identity(raw)[:80], "StrangeId", asked.at))


def _pages(
    client: Any, call: str, key: str, asked: Asked, subject: str = "", **arguments: Any
) -> Iterator[Mapping[str, Any]]:
    """The items of a listing; a page that AWS does not give ends it, recorded."""
    token, seen = "", set()
    for _ in range(_MOST_PAGES):
        more = {"nextToken": token} if token else {}
        page = _call(client, call, asked, subject, maxResults=_PAGE, **arguments, **more)
        if page is None:
            return
        yield from page.get(key) or ()
        token = page.get("nextToken") or ""
        if not token:
            return
        if token in seen:
            break
        seen.add(token)
    asked.unread.append(Unread(call, subject, "EndlessPages", asked.at))


def _call(client: Any, call: str, asked: Asked, subject: str, **arguments: Any) -> Any:
    """AWS's answer; None where it refuses, which is recorded."""
    from botocore.exceptions import ClientError

    try:
        return _method(client, call)(**arguments)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "Unknown"))
        asked.unread.append(Unread(call, subject, code, asked.at))
        return None


def _must(client: Any, call: str, **arguments: Any) -> Mapping[str, Any]:
    from botocore.exceptions import ClientError

    try:
        found: Mapping[str, Any] = _method(client, call)(**arguments)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "Unknown"))
        raise RefusedError(call, str(arguments["reportId"]), code) from error
    return found


def _method(client: Any, call: str) -> Callable[..., Any]:
    from botocore import xform_name

    method: Callable[..., Any] = getattr(client, xform_name(call))
    return method


def actions(calls: Sequence[str] = CALLS) -> list[str]:
    """The IAM actions that `fetch` needs."""
    return [f"artifact:{c}" for c in calls]
