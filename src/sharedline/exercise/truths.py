"""The right answers on the day: whose side, which owner, which runbook, from the scan's matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, Protocol

from sharedline.duties import owners, side
from sharedline.duties.catalogue import NOT_REVIEWED, canonical
from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.matrix import AWS_OWNS, SEVERAL
from sharedline.errors import Error
from sharedline.exercise.coherent import SIDES
from sharedline.exercise.model import Question, Truth
from sharedline.model import NOBODY
from sharedline.resource import about
from sharedline.results import Results

#: The answer where no runbook answers: like nobody, right where it is true.
NONE = "none"


class Tested(Protocol):
    """One test of a runbook."""

    @property
    def on(self) -> date:
        """Its day."""


class Runbook(Protocol):
    """What is asked of a runbook: what it answers, and when it was tested."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def duty(self) -> str:
        """The duty that it serves."""

    @property
    def guardduty(self) -> Sequence[str]:
        """Globs of the finding types of GuardDuty that it answers."""

    @property
    def detections(self) -> Sequence[str]:
        """Globs of the detections that it answers."""

    @property
    def checks(self) -> Sequence[str]:
        """Globs of the checks that it answers."""

    @property
    def tested(self) -> Sequence[Tested]:
        """Its tests."""


def last_tested(book: Runbook) -> date | None:
    """The day of a runbook's last test; None for never."""
    return max((t.on for t in book.tested), default=None)


class Truths:
    """Answers from one scan; lines and owners of a resource are looked up once."""

    def __init__(self, results: Results, runbooks: Sequence[Runbook] = ()) -> None:
        self.results, self.runbooks = results, sorted(runbooks, key=lambda r: r.id)
        self.register = owners.load(results.project.owners)
        self.cells: Mapping[tuple[str, str], dict[str, Any]] = {
            (c["service"], c["duty"]): c for c in results.cells()
        }
        self._catalogue = load_duties()
        self._resources: dict[str, dict[str, dict[str, Any]]] = {}

    def questions(
        self,
        service: str,
        duty: str,
        *,
        arn: str = "",
        finding: Mapping[str, Any] | None = None,
        types: Sequence[str] = (),
        of: str = "",
    ) -> tuple[Question, ...]:
        """The three questions of an inject, about a finding, a resource, or a whole cell.

        `of` is how the thing is named to the players; the service without.
        """
        title = self._catalogue.duties[duty].title
        title += f", for {of or self._catalogue.name_of(canonical(service))}"
        sides, owner = self._drawn(canonical(service), duty, arn, finding)
        book = self.runbook(types, duty, finding["check_id"] if finding else "")
        teams = [*sorted(self.register.teams), AWS_OWNS, NOBODY, SEVERAL]
        teams += [t for t in owner.answers if t not in teams]
        books = [r.id for r in self.runbooks]
        return (
            Question("side", "side", f"Whose side is this: {title}?", SIDES, sides),
            Question("owner", "owner", f"Who owns it: {title}?", tuple(teams), owner),
            Question("runbook", "runbook", "Which runbook answers it?", (*books, NONE), book),
        )

    def _drawn(
        self, service: str, duty: str, arn: str, finding: Mapping[str, Any] | None
    ) -> tuple[Truth, Truth]:
        if finding is not None:
            line = self._line_of_cell(service, duty, finding["side"])
            where = line or self._usual(service, duty)
            return (
                Truth((finding["side"],), _why(where), where["source"]),
                self._owner(finding["side"], finding["owner"], "on this resource"),
            )
        known = self._of_resource(arn).get(duty)
        if known:
            return (
                Truth((known["side"],), _why(known), known["source"]),
                self._owner(known["side"], known["owner"], "on this resource"),
            )
        cell = self.cells.get((service, duty))
        return self._of_cell(cell) if cell else self._of_line(service, duty)

    def _of_resource(self, arn: str) -> dict[str, dict[str, Any]]:
        if not arn:
            return {}
        if arn not in self._resources:
            try:
                lines = about(self.results, arn)["line"]
            except Error:  # the scan does not hold it: the whole cell answers
                lines = []
            self._resources[arn] = {line["duty"]: line for line in lines}
        return self._resources[arn]

    def _line_of_cell(self, service: str, duty: str, word: str) -> dict[str, Any] | None:
        cell = self.cells.get((service, duty))
        lines = [ln for ln in cell["lines"] if ln["side"] == word] if cell else []
        return max(lines, key=lambda ln: int(ln["resources"])) if lines else None

    def _usual(self, service: str, duty: str) -> dict[str, Any]:
        drawn = side.line_for(self._catalogue, service, duty)
        line = drawn.lines[-1]
        return {
            "side": line.side.value,
            "aws": line.aws,
            "customer": line.you,
            "source": drawn.source(line),
        }

    def _of_cell(self, cell: Mapping[str, Any]) -> tuple[Truth, Truth]:
        """Of a whole cell: every side that some resource is on is right, and the why says which."""
        counted = {s: n for s, n in cell["sides"].items() if n}
        words = tuple(s for s in SIDES if s in counted)
        told = ", ".join(f"{s} for {counted[s]}" for s in words)
        lines = [ln for ln in cell["lines"] if ln["resources"]]
        first = max(lines, key=lambda ln: int(ln["resources"])) if lines else cell
        sides = Truth(
            words or (cell["usual_side"],),
            f"Of {cell['resources']} resources: {told}. {_why(first)}",
            first.get("source") or cell["source"],
        )
        held = cell["owners"]
        if not held:
            return sides, self._owner("aws", AWS_OWNS, "")
        names = tuple(sorted(held, key=lambda o: (-held[o], o)))
        told = ", ".join(f"{name} on {held[name]}" for name in names)
        several = (SEVERAL,) if len(names) > 1 else ()
        why = f"By the register: {told}."
        if counted.get("aws"):
            several = (AWS_OWNS, *several)
            why += f" AWS's own on {counted['aws']}."
        if NOBODY in held:
            why += " Nobody is a true answer, and a gap."
        return sides, Truth((*names, *several), why, "owners.toml")

    def _of_line(self, service: str, duty: str) -> tuple[Truth, Truth]:
        """Where the estate has no such resource: the catalogue's lines, and rules for any."""
        drawn = side.line_for(self._catalogue, service, duty)
        words = tuple(dict.fromkeys(line.side.value for line in drawn.lines))
        line = self._usual(service, duty)
        note = "The estate holds none of it; so says the catalogue. "
        sides = Truth(words, note + _why(line), line["source"])
        if words == ("aws",):
            return sides, self._owner("aws", AWS_OWNS, "")
        sql = owners.owner_sql(self.register, owners.Scope(service, duty, {}))
        made_up = "(select '' as resource, '' as account_id, '' as region, '{}' as tags)"
        owner = self.results.duck.query(f"select {sql} as o from {made_up}").to_pylist()[0]["o"]
        truth = self._owner("customer", owner, "anywhere")
        if "aws" in words:
            why = f"{truth.why} Where the line puts it on AWS's side, it is AWS's."
            truth = Truth((*truth.answers, AWS_OWNS), why, truth.source)
        return sides, truth

    def _owner(self, word: str, owner: str, where: str) -> Truth:
        if word == "aws":
            return Truth((AWS_OWNS,), "The duty is wholly on AWS's side here.", "the matrix")
        if owner == NOBODY:
            why = f"No rule of the register names a team {where}: any team would be a guess."
        else:
            why = f"The register names {owner} {where}."
        return Truth((owner,), why, "owners.toml")

    def runbook(self, types: Sequence[str], duty: str, check: str = "") -> Truth:
        """The runbooks that answer a finding type, detection or check; else those of the duty."""
        named = (*types, *([check] if check else []))
        found = [r for r in self.runbooks if _answers(r, named)]
        found = found or [r for r in self.runbooks if r.duty == duty]
        if not found:
            what = ", ".join((*named, duty))
            return Truth((NONE,), f"No runbook answers {what}: that is a gap.", "runbooks")
        told = [f"{r.title}, {_tested(last_tested(r))}" for r in found]
        return Truth(tuple(r.id for r in found), f"{'; '.join(told)}.", "runbooks")


def _answers(book: Runbook, named: Sequence[str]) -> bool:
    globs = (*book.guardduty, *book.detections, *book.checks)
    return any(fnmatchcase(name, glob) for name in named for glob in globs)


def _tested(day: date | None) -> str:
    return f"last tested on {day:%Y-%m-%d}" if day else "never tested"


def _why(line: Mapping[str, Any]) -> str:
    halves = [
        f"AWS: {line['aws']}" if line.get("aws") else "",
        f"You: {line['customer']}" if line.get("customer") else "",
        "(Not reviewed: the category's default.)" if line.get("source") == NOT_REVIEWED else "",
    ]
    return " ".join(h for h in halves if h) or "The catalogue says so."
