"""How things stand in one scan: answers by check, attestations in force, what is in use, reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from sharedline.comply.artifact.register import open_register
from sharedline.comply.artifact.supports import Library, ReportStatus, State, library, status
from sharedline.comply.model import Framework, Part
from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.matrix import NO_REPORT
from sharedline.model import NOBODY, Attestation, Check, Side
from sharedline.results import Results
from sharedline.state import State as Database

#: A duty asked for by itself, as if it were a control part of this framework.
DUTY = "duty"


@dataclass(slots=True)
class Answers:
    """Counts of findings on the customer's side, by status, and of those unmet by owner."""

    counts: Counter[str] = field(default_factory=Counter)
    owners: Counter[str] = field(default_factory=Counter)

    def add(self, other: Answers) -> None:
        """Takes the counts of another."""
        self.counts.update(other.counts)
        self.owners.update(other.owners)


@dataclass
class Standing:
    """One scan with what people attested and the reports on file."""

    results: Results
    window: tuple[date, date]

    @cached_property
    def by_check(self) -> Mapping[str, Answers]:
        """The answers of each check; what falls on AWS's side is not the customer's to meet."""
        found: dict[str, Answers] = defaultdict(Answers)
        rows = self.results.duck.query(
            "select check_id, status, owner, count(*) as n from finding where side <> 'aws' "
            "group by check_id, status, owner"
        ).to_pylist()
        for row in rows:
            answers = found[row["check_id"]]
            answers.counts[row["status"]] += row["n"]
            if row["status"] in ("unmet", "unknown"):
                answers.owners[row["owner"] or NOBODY] += row["n"]
        return dict(found)

    def answers(self, checks: Iterable[str]) -> Answers:
        """The answers of some checks together."""
        out = Answers()
        for check in checks:
            if check in self.by_check:
                out.add(self.by_check[check])
        return out

    @property
    def checks(self) -> Mapping[str, Check]:
        """The checks that the scan knows."""
        return self.results.checks

    @cached_property
    def statements(self) -> Mapping[str, list[Attestation]]:
        """Every attestation, in force or not, by duty, the oldest first."""
        state = Database(self.results.project.database_url)
        try:
            found: dict[str, list[Attestation]] = defaultdict(list)
            for one in state.attestations():
                found[one.duty].append(one)
            return dict(found)
        finally:
            state.close()

    @cached_property
    def attested(self) -> Mapping[str, list[Attestation]]:
        """The attestations in force at the scan's moment, by duty."""
        kept = {d: [a for a in every if self._stands(a)] for d, every in self.statements.items()}
        return {duty: some for duty, some in kept.items() if some}

    def nearly(self, duty: str) -> list[str]:
        """Why the newest attestation of a duty does not speak for all of it at that moment."""
        if not self.statements.get(duty):
            return []
        one = self.statements[duty][-1]
        if one.at > self.as_of:
            return [f"{one.by} attests {duty} since after this scan: it counts from the next."]
        if one.expires <= self.as_of:
            return [f"What {one.by} attested of {duty} expired on {one.expires:%Y-%m-%d}."]
        return [f"{one.by} attests {duty} for {one.scope} only."]

    def _stands(self, one: Attestation) -> bool:
        return one.at <= self.as_of < one.expires

    @property
    def as_of(self) -> datetime:
        """The scan's moment, at which the matrix weighs attestations too."""
        return self.results.manifest.as_of

    @cached_property
    def services(self) -> frozenset[str]:
        """The services in use."""
        return self.results.services()

    @property
    def regions(self) -> frozenset[str]:
        """The Regions that the scan read."""
        return frozenset(self.results.manifest.regions)

    @cached_property
    def shelf(self) -> Library:
        """AWS's reports on file."""
        folder = self.results.project.artifact
        return library(open_register(folder), folder)

    def report(self, part: Part) -> ReportStatus:
        """AWS's half of a part."""
        return status(self.shelf, part, self.window, self.services, self.regions)


def inherited(results: Results) -> Callable[[str], str]:
    """What proves that AWS met a duty of its own, by the duty, over the year before the scan."""
    standing = Standing(results, year_to(results.manifest.as_of.astimezone(UTC).date()))
    known: dict[str, str] = {}

    def told(duty: str) -> str:
        if duty not in known:
            part = replace(duty_part(duty), side=Side.AWS)
            told_of = standing.report(part)
            known[duty] = NO_REPORT if told_of.state is State.NONE else told_of.sentence
        return known[duty]

    return told


def year_to(last: date) -> tuple[date, date]:
    """The window by default: the year that ends on a day."""
    return last - timedelta(days=365), last


def duty_part(duty: str) -> Part:
    """A duty as the part of a control, so that it is judged like one."""
    d = load_duties().duties[duty]
    return Part(
        DUTY, d.id, d.id, d.title, duties=(d.id,), side=d.usual_side, aws=d.aws, you=d.you,
        source=d.source, read=d.read, reviewed=True,
    )  # fmt: skip


def leaves(framework: Framework, part: Part) -> list[Part]:
    """The parts that ask for something: those of a control, of a group, or the part itself."""
    if not part.header:
        return [part]
    every = framework.parts.values()
    below = [p for p in every if p.control == part.id and p.id != part.id]
    if not below and part.control != part.id:  # AC-1a, which introduces AC-1a.1 and AC-1a.2
        below = [p for p in every if p.control == part.control and _within(p.id, part.id)]
    if not below:
        below = [p for p in every if p.group == part.id]
        return [leaf for p in below for leaf in leaves(framework, p)] or [part]
    return [p for p in below if not p.header and not p.withdrawn]


def _within(name: str, above: str) -> bool:
    rest = name.removeprefix(above)
    return rest not in (name, "") and not rest[0].isalnum()


def owes(part: Part) -> tuple[bool, bool]:
    """Whether AWS and whether the customer must act on a part."""
    return part.side in (Side.AWS, Side.SHARED), part.side in (Side.CUSTOMER, Side.SHARED)
