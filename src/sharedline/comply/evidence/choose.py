"""Which checks and statements of the log speak for a control, a duty or a check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sharedline.comply import catalogue
from sharedline.comply.cover import prove
from sharedline.comply.model import Part
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import Error
from sharedline.model import Check

#: The check names the control; a part that the control restates; or only the control's duty.
By = Literal["named", "mapped", "duty", "check"]
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Chosen:
    """What is asked about: in words, its duties, and the checks with how they come to it."""

    title: str
    duties: frozenset[str]
    checks: Mapping[str, By]
    part: Part | None = None


def by_check(check: str, items: Iterable[Item]) -> Chosen:
    """One check."""
    found = [i for i in items if i["query"]["id"] == check]
    if not found:
        raise Error(f"The log has no item of a check {check!r}.", "See `sharedline evidence list`.")
    last = found[-1]
    return Chosen(last["statement"], frozenset(), {check: "check"})


def by_duty(duty: str, items: Iterable[Item]) -> Chosen:
    """Every check of a duty."""
    known = load_duties().duties
    if duty not in known:
        raise Error(f"There is no duty {duty!r}.", "See `sharedline duties`.")
    checks: dict[str, By] = {i["query"]["id"]: "duty" for i in items if i.get("duty") == duty}
    return Chosen(known[duty].title, frozenset({duty}), checks)


def by_control(control: str, items: Iterable[Item], frameworks: Path, *, named: bool) -> Chosen:
    """The checks that prove a control part, as the items say it; `named` leaves duties out."""
    name, colon, spelled = control.partition(":")
    if not colon or not spelled:
        raise Error(f"{control!r} is no control.", "Write nist-800-53-r5:AC-2.")
    framework = catalogue.load(name, frameworks)
    part = catalogue.part_of(framework, spelled)
    if part is None:
        raise Error(f"{framework.title} has no part {spelled!r}.", "See its ids.")
    proof = prove(framework, {c.id: c for c in map(_check, items)}).get(part.id)
    checks: dict[str, By] = {}
    if proof is not None:
        checks.update(dict.fromkeys(() if named else proof.duty, "duty"))
        checks.update(dict.fromkeys(proof.mapped, "mapped"))
        checks.update(dict.fromkeys(proof.named, "named"))
    return Chosen(f"{part.id} {part.title}", frozenset(part.duties), checks, part)


def _check(item: Item) -> Check:
    """An item's check, as far as the log says: its controls and its duty at that time."""
    controls: dict[str, list[str]] = {}
    for control in item.get("control", ()):
        framework, _, part = control.partition(":")
        controls.setdefault(framework, []).append(part)
    return Check(
        id=item["query"]["id"],
        title=item["statement"],
        severity="",
        duty=item.get("duty", ""),
        why="",
        fix="",
        sql="",
        controls={k: tuple(v) for k, v in controls.items()},
    )
