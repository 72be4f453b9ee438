"""Reports that a person downloaded: a folder of PDFs, of Artifact's metadata, or of both."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from sharedline.comply.artifact.download import LIMIT, NotADocumentError, ending
from sharedline.comply.artifact.metadata import Imported, Metadata, describe
from sharedline.comply.artifact.model import Register, Report
from sharedline.comply.artifact.records import day
from sharedline.comply.artifact.register import (
    FILES,
    PRIVATE,
    REGISTER,
    files,
    open_register,
    update,
)
from sharedline.comply.artifact.series import words
from sharedline.errors import Error
from sharedline.files import write_whole

_DOCUMENTS = (".pdf", ".zip")
#: Ids of documents of which nobody knows Artifact's own.
_UNNAMED = "file-"
_DATE = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_REPORT = re.compile(r"report-[a-zA-Z0-9]{16}")


@dataclass(frozen=True)
class Said:
    """What the person says of a single document; empty where its name or metadata tells."""

    name: str = ""
    series: str = ""
    version: int = 0
    start: date | None = None
    end: date | None = None

    def __bool__(self) -> bool:
        """Whether anything was said."""
        return self != Said()


def take(place: Path, folder: Path, at: datetime, said: Said | None = None) -> Imported:
    """Imports a document, or a folder of documents and metadata, into an `artifact` folder.

    Raises:
        Error: There is no such place, nothing in it, or what was said fits several documents.
    """
    said = said or Said()
    found = list(_found(place, folder))
    documents = [p for p in found if p.suffix.lower() in _DOCUMENTS]
    done = Imported()
    told: list[Metadata] = []
    for path in found:
        if path.suffix.lower() in (".json", ".csv"):
            describe(path, at, told, done)
    if said and len(documents) != 1:
        raise Error(
            f"What you say of a report fits one document; there are {len(documents)}.",
            "Give the path of the one, or put a metadata table beside them.",
        )
    if not documents and not told and not done.agreements and not done.refused:
        raise Error(
            f"There is no report in {place}.",
            "Give a folder of PDFs, or of the JSON that `aws artifact list-reports` prints.",
        )
    # Not under the lock: a document of some ten MB is read and written here, one after the other.
    held = {r.sha256: r for r in open_register(folder).reports if r.on_file}
    intake = _Intake(folder, at, said, told, held, done)
    for path in documents:
        intake.document(path)
    done.described += [m.report for n, m in enumerate(told) if n not in intake.used]
    update(folder, lambda register: _taken(register, done))
    return done


@dataclass
class _Intake:
    """Documents on their way into the register, one after the other."""

    folder: Path
    at: datetime
    said: Said
    told: list[Metadata]
    #: By the SHA-256 of their bytes: what was on file before, and what came since.
    held: dict[str, Report]
    done: Imported
    used: set[int] = field(default_factory=set)

    def document(self, path: Path) -> None:
        """Takes one document, or says why not."""
        if path.stat().st_size > LIMIT:
            self.done.refused.append((path.name, f"It has more than {LIMIT >> 20} MiB."))
            return
        data = path.read_bytes()
        try:
            kind = ending(data, path.name)
        except NotADocumentError as error:
            self.done.refused.append((path.name, error.message))
            return
        digest = hashlib.sha256(data).hexdigest()
        report = self._described(path, digest)
        if report is None:
            known = self.held[digest]
            self.done.duplicates.append((path.name, known.original or known.name))
            return
        # Its own bytes name the file: two documents never meet, whatever they are called.
        name = f"{digest[:32]}.{kind}"
        write_whole(files(self.folder) / name, data, PRIVATE)
        self.held[digest] = replace(
            report,
            sha256=digest,
            bytes=len(data),
            file=name,
            original=path.name[:255],
            received=self.at,
            where="folder",
        )
        self.done.added.append(self.held[digest])

    def _described(self, path: Path, digest: str) -> Report | None:
        """What is known of a document; None where it is on file and nothing new is said of it."""
        index, known = _metadata_of(path, self.told, self.used), self.held.get(digest)
        if index is not None:
            self.used.add(index)
            report = _as_said(self.told[index].report, self.said)
            nameless = known is not None and known.id.startswith(_UNNAMED)
            if known is not None and known.key != report.key and not nameless:
                return None
        elif known is not None and not self.said:
            return None
        else:
            report = _as_said(known or _by_name(path, digest, self.at), self.said)
        if known is not None and known.key != report.key:
            self.done.replaced.add(known.key)
        return report


def _taken(register: Register, done: Imported) -> Register:
    kept = tuple(r for r in register.reports if r.key not in done.replaced)
    new = replace(register, reports=kept).with_reports(done.described).with_reports(done.added)
    return new.with_agreements(done.agreements)


def _found(place: Path, folder: Path) -> Iterator[Path]:
    """The files to read: no links, nothing of the register's own folder."""
    if place.is_file():
        yield place
        return
    if not place.is_dir():
        raise Error(f"There is no {place}.", "Give a folder, or the path of a PDF.")
    own = {(folder / FILES).resolve(), (folder / REGISTER).resolve()}
    for path in sorted(place.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if own & {path.resolve(), *path.resolve().parents}:
            continue
        yield path


def _metadata_of(path: Path, told: list[Metadata], used: set[int]) -> int | None:
    """The metadata that is of this document: by its file, by the id in its name, by its name."""
    ids, name = set(_REPORT.findall(path.name)), words(path.stem)
    free = [(n, m) for n, m in enumerate(told) if n not in used]
    for n, m in free:
        if m.file and Path(m.file).name == path.name:
            return n
    for n, m in free:
        if not m.file and (m.report.id in ids or words(m.report.name) == name):
            return n
    return None


def _by_name(path: Path, digest: str, at: datetime) -> Report:
    """What the name of a document alone tells: what it is, and two dates if it has them."""
    dates: list[date] = []
    for year, month, of_month in _DATE.findall(path.stem):
        try:
            dates.append(date(int(year), int(month), int(of_month)))
        except ValueError:
            continue
    start, end = (min(dates), max(dates)) if len(dates) == 2 else (None, None)
    ids = _REPORT.findall(path.name)
    return Report(
        id=ids[0] if ids else f"{_UNNAMED}{digest[:16]}",
        version=0,
        name=_DATE.sub("", path.stem).replace("_", " ").strip(" -+.") or path.stem,
        period_start=start,
        period_end=end,
        received=at,
        where="folder",
    )


def _as_said(report: Report, said: Said) -> Report:
    new = replace(
        report,
        name=said.name or report.name,
        series=said.series or report.series,
        version=said.version or report.version,
        period_start=said.start or report.period_start,
        period_end=said.end or report.period_end,
    )
    if new.period_start and new.period_end and new.period_start > new.period_end:
        raise Error(
            f"{new.name}: its period ends on {new.period_end}, before it starts.", "Give it again."
        )
    return new


def parse_day(text: str) -> date | None:
    """A day that a person wrote; None for nothing."""
    return day(text)
