"""Tells chosen gaps as a story: phases, injects with questions, decisions, objectives."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sharedline.duties.catalogue import load as load_duties
from sharedline.exercise.beats import Beat, beat
from sharedline.exercise.gather import Material
from sharedline.exercise.model import (
    Artefact,
    Decision,
    ExpectedAction,
    Inject,
    Objective,
    Phase,
    Provenance,
    Scenario,
)
from sharedline.exercise.names import Names
from sharedline.exercise.truths import Truths
from sharedline.model import NOBODY
from sharedline.text import visible

#: What the team must settle: more than this leaves no time to talk.
DECISIONS = 4
ROLES = ("facilitator", "incident manager", "security on call", "owner of the service", "scribe")
_SLOT = re.compile(r"\{([a-z_]+)\}")


class Telling:
    """One story; masks are given in its order."""

    def __init__(self, truths: Truths, names: Names, minutes: int, team: str) -> None:
        self.truths, self.names, self.minutes, self.team = truths, names, minutes, team
        self._catalogue = load_duties()

    def scenario(self, chosen: Sequence[Material]) -> Scenario:
        """The whole; its id and how it was made are set by who asked."""
        at = [round(n * (self.minutes - 10) / len(chosen)) for n in range(len(chosen))]
        phases = self._phases()
        injects = tuple(
            self._inject(n, m, minute, phases)
            for n, (m, minute) in enumerate(zip(chosen, at, strict=True), 1)
        )
        beats = [beat(m.kind, m.duty) for m in chosen]
        about = f" of {self.team}" if self.team else ""
        scan = self.truths.results.manifest
        return Scenario(
            id="gaps",
            title=f"The gaps{about} on {scan.as_of:%Y-%m-%d}",
            summary=(
                f"A story from the scan {scan.id}: {len(injects)} messages, each about something "
                "that the scan found unmet, unowned or unverified. Who must act, and who does?"
            ),
            minutes=self.minutes,
            objectives=self._objectives(chosen),
            phases=phases,
            injects=injects,
            decisions=tuple(
                Decision(f"decision-{n}", injects[n - 1].id, b.decision, b.options)
                for n, b in self._decided(chosen, beats)
            ),
            expected=tuple(
                ExpectedAction(
                    f"action-{n}",
                    i.id,
                    min(i.minute + 10, self.minutes),
                    i.to,
                    b.expected,
                    i.duty,
                )
                for n, (i, b) in enumerate(zip(injects, beats, strict=True), 1)
            ),
            roles=ROLES,
        )

    def _phases(self) -> tuple[Phase, ...]:
        third = self.minutes // 3
        return (
            Phase("notice", "Something is wrong", 0, "detect"),
            Phase("contain", "Contain it, and find who must", third, "respond"),
            Phase("answer", "Answer for it", 2 * third, "govern"),
        )

    @staticmethod
    def _decided(chosen: Sequence[Material], beats: Sequence[Beat]) -> list[tuple[int, Beat]]:
        """The injects that are decided upon: the gravest, and no two that ask the same."""
        order = sorted(range(len(chosen)), key=lambda n: (-chosen[n].weight, n))
        taken: dict[str, int] = {}
        for n in order:
            taken.setdefault(beats[n].decision, n)
        return [(n + 1, beats[n]) for n in sorted(list(taken.values())[:DECISIONS])]

    def _inject(self, n: int, m: Material, minute: int, phases: Sequence[Phase]) -> Inject:
        told = beat(m.kind, m.duty)
        facts = self._facts(m)
        text = _filled(told.artefact, facts)
        artefact = Artefact(_filled(told.artefact_name, facts), told.artefact_kind, text)
        types = m.types or tuple(t for t in told.types if _fits(t, m.service))
        return Inject(
            id=f"inject-{n}",
            minute=minute,
            phase=[p for p in phases if p.start <= minute][-1].id,
            sender=told.sender,
            to=told.to,
            channel=told.channel,
            title=_filled(told.title, facts)[:300],
            text=_filled(told.text, facts),
            duty=m.duty,
            service=m.service,
            resource=self.names.resource(m.resource),
            finding_types=types,
            artefact=artefact if text else None,
            provenance=(self._provenance(m),),
            questions=self.truths.questions(
                m.service,
                m.duty,
                arn=m.about,
                finding=m.finding,
                types=types,
                of=self.names.short(m.about or m.resource),
            ),
        )

    def _facts(self, m: Material) -> dict[str, str]:
        # What the scan says in its own words names things: masked, only our words are used.
        told = m.plain if self.names.masked else m.told or m.plain
        return {
            "resource": self.names.short(m.resource) if m.resource else "it",
            "account": self.names.account(m.account),
            "region": m.region or "all Regions",
            "service": m.service,
            "service_name": self._catalogue.name_of(m.service),
            "duty_title": self._catalogue.duties[m.duty].title,
            "check": m.check,
            "severity": m.severity,
            "plain": m.plain if self.names.masked or not m.finding else f"{m.plain} ({told})",
            "told": told,
            "types": ", ".join(m.types),
        }

    def _provenance(self, m: Material) -> Provenance:
        masked = self.names.masked
        named = bool(m.resource) and m.source != "cell"
        # A digest of a name can be guessed back; its place among its like cannot.
        like = m.check or m.kind
        cell = self.truths.cells.get((m.service, m.duty))
        return Provenance(
            source=m.source,
            ref=f"{like}#{m.number}" if masked and named else m.ref,
            scan=self.truths.results.manifest.id,
            check=m.check,
            resource=self.names.resource(m.resource),
            duty=m.duty,
            line=cell["source"] if cell else "",
            note=m.plain if masked else _one_line(m.told or m.plain),
        )

    def _objectives(self, chosen: Sequence[Material]) -> tuple[Objective, ...]:
        duties = tuple(dict.fromkeys(m.duty for m in chosen))
        worst = max(chosen, key=lambda m: (m.kind in ("unmet", "path"), m.weight))
        unowned = [m for m in chosen if m.owner == NOBODY or m.kind == "unowned"] or [worst]
        verified = next((m.check for m in chosen if m.check), worst.duty)
        whole = self.minutes
        return (
            Objective(
                "sides",
                "Every team says for each message whose side of the line the duty is on, and who "
                "owns it.",
                "At least 80 % of the sides and owners are right by the matrix of the scan, with "
                "nobody counted as right where it is.",
                "The matrix and the owner register, which all may open.",
                "A duty that each side thinks is the other's is done by nobody.",
                whole,
                duties,
            ),
            Objective(
                "contain",
                f"The team decides how the gravest gap is contained: "
                f"{self._catalogue.duties[worst.duty].title}.",
                "An owner by name and a decision graded good or best, within ten minutes of the "
                "message.",
                "The runbooks, the trail, and the access that the team has today.",
                "It is the gravest of what the scan found unmet.",
                whole - whole // 4,
                (worst.duty,),
            ),
            Objective(
                "own",
                "The team gives an owner to each duty of the story that nobody owns.",
                "For each, one team with a person, and a rule written for owners.toml.",
                "Those at the table may speak for their teams.",
                "What nobody owns is found again by the next scan.",
                whole - 5,
                tuple(dict.fromkeys(m.duty for m in unowned)),
            ),
            Objective(
                "improve",
                "The team leaves with three improvements at least.",
                f"Each has an owner, a day within 30, and the check that will verify it, such as "
                f"{verified}.",
                "The messages name the checks.",
                "An exercise that changes nothing was a conversation.",
                whole,
                tuple(dict.fromkeys(("response.practice", worst.duty))),
            ),
        )


def _fits(finding_type: str, service: str) -> bool:
    """Whether GuardDuty raises such a finding about the service: its second word says."""
    about = finding_type.partition(":")[2].partition("/")[0]
    return {"IAMUser": "iam", "S3": "s3", "EC2": "ec2", "RDS": "rds"}.get(about) == service


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()), lines=False)


def _filled(text: str, facts: dict[str, str]) -> str:
    """The words in braces filled in, once: what is filled in is not read again."""
    return _SLOT.sub(lambda m: _one_line(facts[m[1]]) if m[1] in facts else m[0], text)
