"""What AWS Artifact would list for the example company: invented ids and periods, real kinds of report.

Written as `aws artifact list-reports` and `get-report-metadata` print it, so that the demo imports
it as anybody imports what they downloaded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FOLDER = "artifact-metadata"
#: Below it: what was downloaded when it was the newest, with its metadata of then.
DOWNLOADED = "downloaded"


@dataclass(frozen=True)
class Paper:
    """One version of a report."""

    id: str
    name: str
    version: int
    start: date
    end: date
    series: str
    description: str
    #: Whether somebody accepted its terms and downloaded it.
    downloaded: bool = False


SOC_2 = "report-Fr3nch0ni0nS0up2"
ISO_27001 = "report-Sh4ll0tC0nf1t001"
PCI = "report-C4rdam0mP0ds0004"
UNMAPPED = "report-M4pleSyrupTart07"


def papers(today: date) -> tuple[Paper, ...]:
    """The reports as they stood on a day."""
    # AWS's SOC 2 tells of the twelve months to a 31 March and comes some weeks later.
    spring = date(today.year if (today.month, today.day) >= (5, 15) else today.year - 1, 3, 31)
    return (
        Paper(
            SOC_2, "SOC 2 Type 2 Report", 1, date(spring.year - 1, 4, 1), spring, "SOC",
            "Controls of the cloud for security, availability and confidentiality.",
            downloaded=True,
        ),
        Paper(
            ISO_27001, "ISO 27001-2022 Certification", 1, _days(today, -700), _days(today, 395),
            "ISO", "Certificate of the management system for information security.",
            downloaded=True,
        ),
        Paper(
            ISO_27001, "ISO 27001-2022 Certification", 2, _days(today, -20), _days(today, 1075),
            "ISO", "Certificate of the management system for information security.",
        ),
        Paper(
            PCI, "PCI DSS Attestation of Compliance and Responsibility Summary", 1,
            _days(today, -250), _days(today, 115), "PCI",
            "Attestation for the handling of card data, and who does what.",
        ),
        Paper(
            UNMAPPED, "CCCS Medium Assessment Summary", 1,
            _days(today, -420), _days(today, 310), "CCCS", "Summary of a Canadian assessment.",
        ),
    )  # fmt: skip


def write(folder: Path, today: date) -> None:
    """The listing, the agreements, and stand-ins for two documents with their metadata."""
    held = folder / DOWNLOADED
    held.mkdir(parents=True)
    newest = {paper.id: paper for paper in papers(today)}
    _json(folder / "list-reports.json", {"reports": [_common(p) for p in newest.values()]})
    for paper in papers(today):
        if paper.downloaded:
            (held / f"{paper.name}.pdf").write_bytes(stand_in(paper))
            name = f"get-report-metadata-{paper.id}.json"
            _json(held / name, {"reportDetails": _as_details(paper)})
    agreement = {
        "id": "customer-agreement-0liv3Branch00026",
        "name": "AWS Artifact Nondisclosure Agreement",
        "arn": "arn:aws:artifact:::customer-agreement/customer-agreement-0liv3Branch00026",
        "agreementArn": "arn:aws:artifact:::agreement/agreement-0liv3Branch00026",
        "state": "ACTIVE",
        "type": "DEFAULT",
        "effectiveStart": _moment(_days(today, -900)),
    }
    _json(folder / "list-customer-agreements.json", {"customerAgreements": [agreement]})


def stand_in(paper: Paper) -> bytes:
    """A page that says that it is none of AWS's documents: a PDF of the fewest objects."""
    lines = ("EXAMPLE, not an AWS document", f"{paper.name}, version {paper.version}")
    shown = " ".join(f"({line}) Tj 0 -24 Td" for line in lines)
    stream = f"BT /F1 18 Tf 60 760 Td {shown} ET"
    fonts = "/Resources << /Font << /F1 5 0 R >> >>"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {fonts} >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return out + f"{end}startxref\n{len(out)}\n%%EOF\n".encode("ascii")


def _as_details(paper: Paper) -> dict[str, Any]:
    """As GetReportMetadata gives it: with its terms, and when it came."""
    return {
        **_common(paper),
        "createdAt": _moment(paper.start + timedelta(days=30)),
        "termArn": f"arn:aws:artifact:::term/term-{paper.id.removeprefix('report-')}:1",
    }


def _common(paper: Paper) -> dict[str, Any]:
    """As ListReports gives it."""
    return {
        "id": paper.id,
        "name": paper.name,
        "state": "PUBLISHED",
        "arn": f"arn:aws:artifact:us-east-1::report/{paper.id}:{paper.version}",
        "version": paper.version,
        "uploadState": "COMPLETE",
        "description": paper.description,
        "periodStart": _moment(paper.start),
        "periodEnd": _moment(paper.end),
        "series": paper.series,
        "category": "Certifications and Attestations",
        "companyName": "Amazon Web Services",
        "productName": "AWS",
        "acceptanceType": "EXPLICIT",
    }


def _days(today: date, days: int) -> date:
    return today + timedelta(days=days)


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+00:00"


def _json(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=2) + "\n", "utf-8")
