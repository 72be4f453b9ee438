"""The page that people open first: what is shown, what is not, by when, and how to verify it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from sharedline import pages
from sharedline.comply.package import crm
from sharedline.comply.package.common import Context
from sharedline.comply.package.naming import day
from sharedline.comply.package.verdicts import Verdict
from sharedline.model import Attestation, Side

#: What each file is for, in the words of whoever gets the package.
ABOUT = {
    "crm/responsibility-matrix.xlsx": "Customer responsibility matrix, a workbook with the work "
    "to do and the reports on file",
    "crm/responsibility-matrix.csv": "The same matrix for machines",
    "crm/responsibility-matrix.md": "The same matrix, short, as text",
    "oscal/ssp.json": "System security plan: who does what, what is inherited from AWS",
    "oscal/component-definition.json": "Component definition: AWS, your half, the checks",
    "oscal/assessment-plan.json": "Assessment plan: which checks, over what, when",
    "oscal/assessment-results.json": "Assessment results: what was seen, the finding per control "
    "part",
    "oscal/poam.json": "Plan of action and milestones: what is to be done, by whom, by when",
    "oscal/mapping.json": "Control mapping: control parts to duties, checks, other frameworks",
    "oscal/profile.json": "Profile: the controls in scope",
    "oscal/catalog.json": "Catalogue: the controls that the documents refer to",
    "oscal/duties.json": "Catalogue of duties and checks, for the mapping",
    "evidence/findings.csv": "Every answer of every check that a control in scope leans on",
    "evidence/items.ndjson": "The items of the evidence log of the window, as they were hashed",
    "evidence/proofs.ndjson": "For each item the proof that it is in the log",
    "evidence/head.json": "The signed head of the evidence log",
    "evidence/key.pem": "The public key of the evidence log",
    "verify.py": "Verifies this package with nothing but Python",
}
_OTHER = "Catalogue of another framework, for the mapping"
PACKAGE = "sharedline.comply.package"
STATUSES = ("met", "inherited", "waived", "unmet", "unknown", "unverified")
SIDES = ("aws", "shared", "customer", "unknown")
GLYPH = {
    "met": "✓", "inherited": "A", "waived": "~", "unmet": "✗", "unknown": "?", "unverified": "○",
}  # fmt: skip


@dataclass
class Family:
    """The parts of one group of controls."""

    id: str
    title: str
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def statuses(self) -> Counter[str]:
        """How many parts stand how."""
        return Counter(str(v.status) for v in self.verdicts)

    @property
    def sides(self) -> Counter[str]:
        """How many parts are whose."""
        return Counter(str(v.part.side) for v in self.verdicts)

    @property
    def satisfied(self) -> int:
        """How many parts are wholly shown to be done."""
        return sum(v.satisfied for v in self.verdicts)


def write(ctx: Context, path: Path, listed: list[str]) -> None:
    """Writes the page; `listed` are the files of the package so far."""
    with path.open("w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.writelines(render(ctx, listed))


def render(ctx: Context, listed: list[str]) -> Iterator[str]:
    """The page, piece by piece."""
    style = pages.asset(PACKAGE, "style.css")
    stream = (
        _environment()
        .get_template("index.html")
        .stream(
            style=Markup(style),  # noqa: S704 our own file, in the package
            policy=pages.policy(style),
            **_facts(ctx, listed),
        )
    )
    stream.enable_buffering(200)
    return iter(stream)


def _facts(ctx: Context, listed: list[str]) -> dict[str, Any]:
    verdicts = list(ctx.verdicts.values())
    work = list(crm.work_rows(ctx))
    return {
        "name": ctx.name,
        "inputs": ctx.inputs,
        "total": len(verdicts),
        "satisfied": sum(v.satisfied for v in verdicts),
        "bare": sum(v.part.side in (Side.AWS, Side.SHARED) and not v.inherits for v in verdicts),
        "statuses": Counter(str(v.status) for v in verdicts),
        "sides": Counter(str(v.part.side) for v in verdicts),
        "families": families(ctx),
        "work": work,
        "late": sum(w["late"] == "yes" for w in work),
        "files": [(name, ABOUT[name]) for name in ABOUT if name in listed]
        + [(name, _OTHER) for name in listed if name not in ABOUT],
        "attestations": _attestations(ctx),
        "checks": len(ctx.cited),
        "findings": sum(ctx.counts[c].population for c in ctx.cited),
    }


def families(ctx: Context) -> list[Family]:
    """The groups in the framework's order."""
    found: dict[str, Family] = {}
    for verdict in ctx.verdicts.values():
        address = ctx.at[verdict.part.id]
        one = found.setdefault(address.group, Family(address.group, address.group_title))
        one.verdicts.append(verdict)
    return list(found.values())


def _attestations(ctx: Context) -> list[Attestation]:
    used = sorted({n for v in ctx.verdicts.values() for n in v.attestations})
    return [ctx.inputs.attestations[n] for n in used]


def share(counts: Mapping[str, int], names: tuple[str, ...]) -> list[tuple[str, int]]:
    """The counts in a fixed order, those of none left out."""
    return [(n, counts[n]) for n in names if counts.get(n)]


def _count(number: int) -> str:
    return f"{number:,}"


def _environment() -> jinja2.Environment:
    environment = pages.environment(PACKAGE)
    environment.filters.update(day=day, count=_count, share=share)
    environment.globals.update(STATUSES=STATUSES, SIDES=SIDES, GLYPH=GLYPH)
    return environment
