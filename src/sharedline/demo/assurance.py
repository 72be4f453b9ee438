"""The paper of the example company: its policies, AWS's reports, and the log of what proves what."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

from sharedline.comply.policies import clauses as policies
from sharedline.demo import reports
from sharedline.demo.fill import filled
from sharedline.errors import ConfigError
from sharedline.project import open_project

#: The policy that is kept in Word, as most are; its text here is Markdown, so that it can be read.
WORD = "data-protection"
#: Clauses whose words were others when they were mapped: what they said instead.
BEFORE = {"access-control/1.3": ("for 45 days", "for 90 days")}
#: Who accepted the terms of the reports on file, and how many days ago.
ACCEPTED = ((reports.SOC_2, "Ines Moreau", 150), (reports.ISO_27001, "Femi Adeyemi", 400))


def write(folder: Path, today: datetime) -> None:
    """The policies and what they ask for, a framework of the company's own, Artifact's metadata."""
    source = Path(str(resources.files("sharedline.demo"))) / "paper"
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.stem == WORD:
            target.with_suffix(".docx").write_bytes(word(path, today))
        else:
            target.write_bytes(path.read_bytes())
    mapping = open_project(folder).mapping
    marks = _fingerprints(folder / "policies")
    mapping.write_text(
        filled(mapping.read_text("utf-8"), today, lambda name: _mark(name, marks)), "utf-8"
    )
    reports.write(folder / reports.FOLDER, today.date())


def word(source: Path, today: datetime) -> bytes:
    """A Word document with the headings and paragraphs of a Markdown file, which has nothing else."""
    import docx

    document = docx.Document()
    for block in source.read_text("utf-8").split("\n\n"):
        marks, _, title = block.partition(" ")
        if set(marks) == {"#"}:
            document.add_heading(title.strip(), len(marks))
        else:
            document.add_paragraph(" ".join(block.split()))
    told = document.core_properties
    told.author, told.title = "Hanna Vogel", "Data protection"
    told.created = told.modified = (today - timedelta(days=130)).replace(microsecond=0)
    packed = io.BytesIO()
    document.save(packed)
    return _without_times(packed.getvalue())


def file_reports(folder: Path, today: datetime) -> None:
    """Import Artifact's metadata and the two documents, as a person would by hand."""
    from sharedline.comply.artifact.acceptance import record
    from sharedline.comply.artifact.folder import take

    artifact, place = open_project(folder).artifact, folder / reports.FOLDER
    done = take(place / reports.DOWNLOADED, artifact, today)
    for report, by, days in ACCEPTED:
        record(artifact, report, by, (today - timedelta(days=days)).astimezone(UTC))
    # The newer version comes after: its terms are others, and nobody accepted them.
    listed = take(place / "list-reports.json", artifact, today)
    agreed = take(place / "list-customer-agreements.json", artifact, today)
    if refused := [*done.refused, *listed.refused, *agreed.refused]:
        raise ConfigError("The demo's own reports could not be read.", f"{refused[:3]}")


def log_evidence(folder: Path) -> None:
    """Write scans, attestations, waivers and reports into a new evidence log."""
    from sharedline.comply.evidence.record import record
    from sharedline.comply.evidence.store import open_store

    project = open_project(folder)
    counts = record(open_store(project.evidence, create=True), project)
    if counts.refused:
        raise ConfigError("The demo's own scans could not be recorded.", f"{counts.refused[:3]}")


def _without_times(packed: bytes) -> bytes:
    """The same archive with no moment in it, so that the same text is the same file."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            plain = zipfile.ZipInfo(entry.filename)
            plain.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(plain, old.read(entry))
    return out.getvalue()


def _fingerprints(folder: Path) -> dict[str, str]:
    """The fingerprint of each clause now, and of some as they were before."""
    found = {}
    for clause in policies.read(folder):
        found[f"words/{clause.id}"] = clause.fingerprint
        if clause.id in BEFORE:
            earlier = replace(clause, text=clause.text.replace(*BEFORE[clause.id]))
            found[f"before/{clause.id}"] = earlier.fingerprint
    return found


def _mark(name: str, marks: dict[str, str]) -> str:
    if name not in marks:
        raise ConfigError(f"The demo's policies.toml names $({name}), which is not.", "Mend it.")
    return marks[name]
