"""A small package with one of everything: every side, status, waiver, report, attestation, log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sharedline.comply.cover import prove
from sharedline.comply.evidence.store import Store, open_store
from sharedline.comply.model import Capability, Framework, Part
from sharedline.comply.package.gather import LogEvidence
from sharedline.comply.package.inputs import (
    Half,
    Inputs,
    Miss,
    Report,
    Resource,
    Scan,
    Tally,
    Window,
)
from sharedline.duties.catalogue import load
from sharedline.duties.owners import Team
from sharedline.model import Attestation, Check, Side, Waiver

AS_OF = datetime(2026, 9, 30, 12, tzinfo=UTC)
WINDOW = Window(date(2026, 4, 1), date(2026, 9, 30))
#: A name that would be markup in a page, a formula in a table, an escape on a terminal.
NASTY = "arn:aws:s3:::=cmd|'/C calc'!A0<script>alert(1)</script>\u202e*_x_*"
ACCOUNT = "123456789012"
SHA = "ab" * 32

#: Check, resource, status, owner.
ANSWERS: tuple[tuple[str, str, str, str], ...] = (
    ("s3/private", "arn:aws:s3:::one", "met", "data"),
    ("s3/private", "arn:aws:s3:::two", "unmet", "data"),
    ("s3/private", NASTY, "unmet", "nobody"),
    ("s3/versioned", "arn:aws:s3:::one", "met", "data"),
    ("s3/versioned", "arn:aws:s3:::two", "waived", "data"),
    ("iam/mfa", "arn:aws:iam::123456789012:user/ann", "met", "security"),
    ("iam/root", "arn:aws:iam::123456789012:root", "unknown", "security"),
    ("iam/keys", "arn:aws:iam::123456789012:user/ann", "unmet", "security"),
)
WAIVER = "Copied each night. (approved by Femi until 2026-12-31)"


@dataclass
class Listed:
    """Findings from a list."""

    answers: Iterable[tuple[str, str, str, str]] = ANSWERS
    since: datetime = field(default=AS_OF - timedelta(days=100))

    def tallies(self) -> Iterator[Tally]:
        counted = Counter((c, s, o) for c, _, s, o in self.answers)
        for (check, status, owner), n in sorted(counted.items()):
            waiver = WAIVER if status == "waived" else ""
            yield Tally(check, status, owner, n, self.since, check.split("/")[0], waiver)

    def exceptions(self) -> Iterator[Miss]:
        for check, resource, status, owner in sorted(self.answers):
            if status != "met":
                yield Miss(check, resource, ACCOUNT, "eu-central-1", status, owner, f"so: {resource}")

    def resources(self) -> Iterator[Resource]:
        for arn, service in sorted({(r, c.split("/")[0]) for c, r, _, _ in self.answers}):
            yield Resource(arn, ACCOUNT, "eu-central-1", service)

    def services(self) -> list[str]:
        return sorted({c.split("/")[0] for c, _, _, _ in self.answers})

    def rows(self) -> Iterator[Mapping[str, Any]]:
        for check, resource, status, owner in sorted(self.answers):
            yield {
                "check_id": check, "resource": resource, "status": status, "reason": "because",
                "severity": "high", "duty": "data.exposure", "service": "s3", "side": "customer",
                "owner": owner, "since": "2026-06-22T12:00:00Z", "account_id": ACCOUNT,
                "region": "eu-central-1", "waiver": None, "denied_call": None,
            }


def part(name: str, side: Side, capability: Capability | None, duty: str, **more: Any) -> Part:
    return Part(
        framework="test", id=name, control=more.pop("control", name), title=f"Part {name}",
        text=f"Do {name}.", side=side, capability=capability, duties=(duty,) if duty else (),
        aws=f"AWS does {name}." if side in (Side.AWS, Side.SHARED) else "",
        you=f"You do {name}." if side in (Side.CUSTOMER, Side.SHARED) else "",
        source="https://aws.amazon.com/", read=date(2026, 9, 1), reviewed=True, **more,
    )


def framework() -> Framework:
    aws, customer, shared = Side.AWS, Side.CUSTOMER, Side.SHARED
    own, custom = Capability.CONFIGURABLE, Capability.CUSTOM
    both = Capability.INHERITED_AND_CONFIGURABLE
    parts = [
        part("AC-1", customer, custom, "compliance.policy-mapping"),
        part("AC-2", customer, own, "identity.credential-hygiene", header=True),
        part("AC-2a", customer, own, "identity.mfa", control="AC-2", maps=("other:O.1",)),
        part("AC-2b", customer, own, "identity.credential-hygiene", control="AC-2"),
        part("AC-2(1)", customer, own, "identity.root-account"),
        part("AC-3", shared, both, "data.exposure", baselines=("low",)),
        part("AC-4", shared, both, "identity.mfa"),
        part("CP-9", customer, own, "data.backup-recovery"),
        part("IR-1", customer, custom, "response.procedures"),
        part("PE-3", aws, Capability.INHERITED, "facility.physical-security", baselines=("low",)),
        part("PE-4", aws, Capability.INHERITED, "facility.environment"),
        part("SI-9", Side.UNKNOWN, None, ""),
        replace(part("SI-8", customer, own, "data.exposure"), withdrawn=True),
    ]
    return Framework(
        id="test", title="Test framework", publisher="Nobody", version="1", read=date(2026, 9, 1),
        url="https://example.org/", licence="none", text=True,
        parts={p.id: p for p in parts}, baselines=("low",),
    )


def other() -> Framework:
    one = Part(framework="other", id="O.1", control="O.1", title="Something alike")
    return replace(framework(), id="other", title="Other", text=False, parts={"O.1": one})


def checks() -> dict[str, Check]:
    named = {
        "s3/private": ("data.exposure", ("AC-3",)),
        "s3/versioned": ("data.backup-recovery", ("CP-9",)),
        "iam/mfa": ("identity.mfa", ("AC-2a", "AC-4")),
        "iam/root": ("identity.root-account", ("AC-2 (1)",)),
        "iam/keys": ("identity.credential-hygiene", ()),
    }  # fmt: skip
    return {
        name: Check(
            name, f"{name} holds", "high", duty, "It matters <b>much</b>.", "Mend *it*.", "select 1",
            {"test": controls} if controls else {},
        )
        for name, (duty, controls) in named.items()
    }  # fmt: skip


REPORTS = (
    Report("report-soc2", "SOC 2", "soc-2", "1", WINDOW.start, WINDOW.end, SHA, "Ann", AS_OF),
    Report("report-old", "ISO 27001", "iso", "3", date(2024, 1, 1), date(2025, 1, 1), "cd" * 32),
)
HALVES = {
    "PE-3": Half(True, "SOC 2 covers it.", ("report-soc2 1",)),
    "AC-4": Half(True, "SOC 2 covers it.", ("report-soc2 1",)),
    "AC-3": Half(False, "ISO 27001 leaves out 2025-01-02 to 2026-09-30.", ("report-old 3",)),
}
ATTESTED = (
    Attestation("response.procedures", "", "Written and read <i>by all</i>.", "wiki/ir", "Femi",
                AS_OF - timedelta(days=30), AS_OF + timedelta(days=300)),
    Attestation("compliance.policy-mapping", "", "Mapped.", "", "Ann",
                AS_OF - timedelta(days=300), AS_OF - timedelta(days=1)),
)  # fmt: skip


def inputs(**changes: Any) -> Inputs:
    of = changes.pop("framework", None) or framework()
    made = Inputs(
        system="Fennel & Rye", framework=of, window=WINDOW,
        scan=Scan("s2", AS_OF, AS_OF, AS_OF, (ACCOUNT,), ("eu-central-1",)),
        scans=(Scan("s1", AS_OF - timedelta(days=9), AS_OF - timedelta(days=9),
                    AS_OF - timedelta(days=9)), Scan("s2", AS_OF, AS_OF, AS_OF)),
        findings=Listed(), proofs=_proofs(of), checks=checks(), duties=load().duties,
        teams={"data": Team("data", "Ada", "ada@example.org, +49 1"), "security": Team("security")},
        duty_owners={"identity.mfa": ("security",), "data.exposure": ("data", "security")},
        waivers=(Waiver("Copied each night.", "Femi", date(2026, 12, 31), check="s3/versioned"),),
        attestations=ATTESTED, reports=REPORTS, halves=HALVES, others={"other": other()},
        version="0.0",
    )
    return replace(made, **changes)


def _proofs(of: Framework) -> Mapping[str, Any]:
    """As `cover` gives them, but for the framework that is not shipped."""
    bare = replace(of, parts={k: replace(p, maps=()) for k, p in of.parts.items()})
    return prove(bare, checks())


def log(folder: Path, items: int = 7) -> LogEvidence:
    """A log of some items, the last two after the window."""
    store: Store = open_store(folder, create=True)
    store.append(
        {
            "kind": "check", "duty": "identity.mfa", "statement": f"Item {n}: MFA is on.",
            "observed": AS_OF - timedelta(days=4 - n), "result": "met", "control": ["test:AC-2a"],
        }
        for n in range(items)
    )
    head = store.head()
    assert head is not None
    return LogEvidence(store, WINDOW, head.size, head.line, store.public.read_bytes())
