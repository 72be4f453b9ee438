"""Gives the parts of a library scenario to resources of the estate, those that fail its checks."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sharedline.errors import Error
from sharedline.exercise.coherent import ACTOR
from sharedline.exercise.gather import one_of
from sharedline.exercise.model import Actor, Inject, Provenance, Scenario
from sharedline.exercise.names import Names
from sharedline.exercise.truths import Truths
from sharedline.formats.sarif import fingerprint
from sharedline.inventory.engines import quoted
from sharedline.inventory.literals import text
from sharedline.resource import register
from sharedline.results import Results


class Part:
    """Who plays an actor: a resource, and the finding for which it was chosen."""

    def __init__(self, actor: Actor, arn: str = "", check: str = "", number: int = 0) -> None:
        self.actor, self.arn, self.check, self.number = actor, arn, check, number


def recast(
    scenario: Scenario, truths: Truths, names: Names, chance: random.Random, team: str = ""
) -> Scenario:
    """The scenario played by the estate, each inject with its provenance and its questions."""
    parts = {a.id: _part(a, truths.results, chance, team) for a in scenario.cast}
    words = {k: names.short(p.arn) if p.arn else p.actor.example for k, p in parts.items()}
    arns = {k: names.resource(p.arn) if p.arn else "" for k, p in parts.items()}
    home = _home(parts, truths.results)
    injects = tuple(_inject(i, scenario.id, parts, truths, names, home) for i in scenario.injects)
    played = replace(
        scenario,
        injects=injects,
        cast=tuple(replace(a, resource=arns[a.id]) for a in scenario.cast),
    )
    said: Scenario = _said(played, words, arns)
    return said


def _part(actor: Actor, results: Results, chance: random.Random, team: str) -> Part:
    """A resource that fails one of the actor's checks, else any of its kind, else none."""
    mine = f"and owner = {text(team)}" if team else ""
    for check in actor.checks:
        sql = (
            f"select distinct resource from finding where check_id = {text(check)} "
            f"and status = 'unmet' {mine} order by resource limit 100"
        )
        found = [r["resource"] for r in results.duck.query(sql).to_pylist()]
        if found:
            number = chance.randrange(len(found))
            return Part(actor, found[number], check, number + 1)
    try:
        register(results, actor.table)
        sql = f"select arn from {quoted(actor.table)} order by arn limit 100"
        arns = [r["arn"] for r in results.duck.query(sql).to_pylist()]
    except Error:
        arns = []
    return Part(actor, chance.choice(arns)) if arns else Part(actor)


def _home(parts: Mapping[str, Part], results: Results) -> str:
    """The account in which the story happens: that of the first part that was given away."""
    for part in parts.values():
        sql = f"select account_id from finding where resource = {text(part.arn)} limit 1"
        for row in results.duck.query(sql).to_pylist() if part.arn else ():
            return str(row["account_id"] or "")
    return ""


def _inject(
    inject: Inject,
    scenario: str,
    parts: Mapping[str, Part],
    truths: Truths,
    names: Names,
    home: str,
) -> Inject:
    found = ACTOR.fullmatch(inject.resource)
    part = parts.get(found[1]) if found else None
    arn = part.arn if part else ""
    scan = truths.results.manifest.id
    cell = truths.cells.get((inject.service, inject.duty))
    line = cell["source"] if cell else ""
    here = [Provenance("library", scenario, scan, duty=inject.duty, line=line)]
    if part and part.check:
        hidden = f"{part.check}#{part.number}"
        here.append(
            Provenance(
                "finding",
                hidden if names.masked else fingerprint(part.check, arn),
                scan,
                part.check,
                names.resource(arn),
                inject.duty,
                line,
            )
        )
    if not arn and (near := one_of(truths, inject.service, inject.duty, account=home)):
        arn = near["arn"]  # the answer is one resource's, and the question says whose
    asked = truths.questions(
        inject.service, inject.duty, arn=arn, types=inject.finding_types, of=names.short(arn)
    )
    return replace(inject, provenance=tuple(here), questions=(*asked, *inject.questions))


def _said(value: Any, words: Mapping[str, str], arns: Mapping[str, str]) -> Any:
    """A value of the model with the actors' names for the words in braces."""
    if isinstance(value, str):
        return ACTOR.sub(lambda m: words.get(m[1], m[0]), value)
    if isinstance(value, tuple):
        return tuple(_said(v, words, arns) for v in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {f.name: _said(getattr(value, f.name), words, arns) for f in fields(value)}
    if isinstance(value, Inject) and (found := ACTOR.fullmatch(value.resource)):
        changed["resource"] = arns.get(found[1]) or words[found[1]]
    return replace(value, **changed)
