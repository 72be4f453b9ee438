"""What must hold within one document and no schema says: each rule by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sharedline.comply.package.common import OSCAL
from sharedline.comply.package.refs_index import Index, Reference, Where, linked

Json = dict[str, Any]


def apply(found: Index, document: Json) -> None:
    """Every rule that is for a document of this model."""
    body = document.get(found.model)
    if not isinstance(body, dict):
        return
    _metadata(found, body)
    rule = _RULES.get(found.model)
    if rule:
        rule(found, body)


def _prop(value: Json, name: str) -> str:
    return next((str(p.get("value")) for p in value.get("props", ()) if p.get("name") == name), "")


def _metadata(found: Index, body: Json) -> None:
    head = body.get("metadata", {})
    where: Where = (found.model, "metadata")
    if head.get("oscal-version") != OSCAL:
        found.wrong("version", (*where, "oscal-version"), f"it is not of OSCAL {OSCAL}")
    # NIST's schema loses what is required of a party where it says "any of" (1.2.1, 2026-11-22).
    for number, party in enumerate(head.get("parties", ())):
        lacking = [m for m in ("uuid", "type", "name") if not party.get(m)]
        if lacking:
            found.wrong("party", (*where, "parties", number), f"it has no {', '.join(lacking)}")


def _catalog(found: Index, body: Json) -> None:
    """The controls and their parts; each id once."""
    seen: set[str] = set()

    def once(name: str, where: Where) -> None:
        if name in seen:
            found.wrong("id-twice", where, f"{name} is there already")
        seen.add(name)

    for group, where in _nested(body, "groups", (found.model,)):
        for control, here in _nested(group, "controls", where):
            once(control["id"], here)
            ids = set()
            for part, there in _nested(control, "parts", here):
                if "id" in part:
                    once(part["id"], there)
                    ids.add(part["id"])
            found.controls[control["id"]] = ids


def _nested(value: Json, member: str, where: Where) -> Iterator[tuple[Json, Where]]:
    for number, one in enumerate(value.get(member, ())):
        here = (*where, member, number)
        yield one, here
        yield from _nested(one, member, here)


def _profile(found: Index, body: Json) -> None:
    found.selects = {
        name
        for one in body.get("imports", ())
        for chosen in one.get("include-controls", ())
        for name in chosen.get("with-ids", ())
    }


def _ssp(found: Index, body: Json) -> None:
    """Inheritance: what is provided, what is left to the customer, who takes it up."""
    found.implements = set()
    exported: dict[str, tuple[str, str]] = {}
    left: dict[str, Where] = {}
    taken: list[tuple[str, str, str, Where]] = []
    done: set[str] = set()
    where: Where = (found.model, "control-implementation", "implemented-requirements")
    requirements = body.get("control-implementation", {}).get("implemented-requirements", ())
    for number, requirement in enumerate(requirements):
        control = requirement.get("control-id", "")
        if control in found.implements:
            found.wrong("id-twice", (*where, number), f"control {control} is there already")
        found.implements.add(control)
        statements: set[str] = set()
        for n, statement in enumerate(requirement.get("statements", ())):
            here = (*where, number, "statements", n)
            name = statement.get("statement-id", "")
            if name in statements:
                found.wrong("id-twice", here, f"statement {name} is there already")
            statements.add(name)
            if not _belongs(name, control):
                found.wrong("statement-of-other", here, f"{name} is no part of {control}")
            _statement(found, statement, here, exported, left, taken, done)
    for provided, name, component, here in taken:
        if provided in exported and exported[provided] != (name, exported[provided][1]):
            found.wrong("inherits-other", here, f"{provided} is provided for another statement")
        if provided in exported and exported[provided][1] == component:
            found.wrong("inherits-itself", here, "a component inherits what it provides itself")
    for responsibility, here in left.items():
        if responsibility not in done:
            found.wrong("not-taken-up", here, f"nothing satisfies responsibility {responsibility}")


def _belongs(statement: str, control: str) -> bool:
    return statement == f"{control}_smt" or statement.startswith(f"{control}_smt.")


def _statement(
    found: Index,
    statement: Json,
    where: Where,
    exported: dict[str, tuple[str, str]],
    left: dict[str, Where],
    taken: list[tuple[str, str, str, Where]],
    done: set[str],
) -> None:
    side, name = _prop(statement, "side"), statement.get("statement-id", "")
    for n, by in enumerate(statement.get("by-components", ())):
        here = (*where, "by-components", n)
        component = by.get("component-uuid", "")
        out = by.get("export", {})
        own = set()
        for one in out.get("provided", ()):
            exported[one.get("uuid", "")] = (name, component)
            own.add(one.get("uuid", ""))
        for one in out.get("responsibilities", ()):
            left[one.get("uuid", "")] = here
            if one.get("provided-uuid") not in own:
                found.wrong("responsibility-of-other", here, "it is of something not provided here")
        for one in by.get("inherited", ()):
            taken.append((one.get("provided-uuid", ""), name, component, here))
            if side in ("unknown", "customer"):
                found.wrong("inherits-unsaid", here, f"the side is {side} and it is inherited")
        done |= {one.get("responsibility-uuid", "") for one in by.get("satisfied", ())}


def _plan(found: Index, body: Json) -> None:
    subjects = [
        ((found.model, "assessment-subjects", n), s)
        for n, s in enumerate(body.get("assessment-subjects", ()))
    ]
    for n, task in enumerate(body.get("tasks", ())):
        _times(found, task.get("timing", {}).get("within-date-range", {}), ("tasks", n))
        for activity in task.get("associated-activities", ()):
            subjects += [((found.model, "tasks", n), s) for s in activity.get("subjects", ())]
    for where, subject in subjects:
        if not subject.get("type"):  # lost by NIST's schema too
            found.wrong("subject", where, "it has no type")


def _times(found: Index, value: Json, where: Where) -> None:
    start, end = value.get("start"), value.get("end")
    if isinstance(start, str) and isinstance(end, str) and end < start:
        found.wrong("times", (found.model, *where), f"it ends ({end}) before it starts ({start})")


def _results(found: Index, body: Json) -> None:
    for number, result in enumerate(body.get("results", ())):
        where: Where = (found.model, "results", number)
        _times(found, result, ("results", number))
        _risks(found, result, where)
        for n, observation in enumerate(result.get("observations", ())):
            _population(found, observation, (*where, "observations", n))
        _findings(found, result, where)


def _risks(found: Index, body: Json, where: Where) -> None:
    for n, risk in enumerate(body.get("risks", ())):
        if risk.get("status") != "closed":
            found.open_risks.add(risk.get("uuid", ""))
            if not risk.get("deadline"):
                found.wrong("no-deadline", (*where, "risks", n), "nobody says by when")


def _population(found: Index, observation: Json, where: Where) -> None:
    """The numbers of an observation agree with each other and with the list of exceptions."""
    counts: Counter[str] = Counter()
    for prop in observation.get("props", ()):
        if str(prop.get("value", "")).isdecimal():
            counts[prop["name"]] = int(prop["value"])
    if "population" not in counts:
        return
    parts = {k: v for k, v in counts.items() if k.startswith("count-")}
    bad = sum(v for k, v in parts.items() if k not in ("count-met", "count-inherited"))
    listed = len(observation.get("subjects", ()))
    if sum(parts.values()) != counts["population"] or bad != counts["exceptions"] or bad != listed:
        found.wrong(
            "population", where, f"{counts['population']} answers, {bad} bad, {listed} named"
        )


def _findings(found: Index, result: Json, where: Where) -> None:
    """Every reviewed statement has one finding; none is satisfied with work left or proof expired."""
    wanted = {
        name
        for selection in result.get("reviewed-controls", {}).get("control-selections", ())
        for control in selection.get("include-controls", ())
        for name in control.get("statement-ids", ())
    }
    expiry = {o.get("uuid"): o.get("expires", "") for o in result.get("observations", ())}
    seen: set[str] = set()
    for n, finding in enumerate(result.get("findings", ())):
        here = (*where, "findings", n)
        target = finding.get("target", {})
        name = target.get("target-id", "")
        if name in seen:
            found.wrong("finding-twice", here, f"{name} has two findings")
        seen.add(name)
        if name not in wanted:
            found.wrong("not-reviewed", here, f"{name} is not among the reviewed controls")
        related = [r.get("risk-uuid") for r in finding.get("related-risks", ())]
        satisfied = target.get("status", {}).get("state") == "satisfied"
        if not satisfied and not related:
            found.wrong("no-risk", here, f"{name} is not satisfied and nothing is to be done")
        if satisfied:
            _satisfied(found, finding, result, expiry, here)
    for name in sorted(wanted - seen):
        found.wrong("no-finding", where, f"{name} is reviewed and has no finding")


def _satisfied(
    found: Index, finding: Json, result: Json, expiry: dict[Any, str], where: Where
) -> None:
    name = finding.get("target", {}).get("target-id", "")
    seen = [o.get("observation-uuid") for o in finding.get("related-observations", ())]
    if not seen:
        found.wrong("no-evidence", where, f"{name} is satisfied and nothing was observed")
    if any(expiry.get(u) and expiry[u] <= result.get("end", "") for u in seen):
        found.wrong("expired", where, f"{name} is satisfied by what had expired")
    if _prop(finding, "status") not in ("met", "inherited"):
        found.wrong("satisfied", where, f"{name} is satisfied and {_prop(finding, 'status')}")


def _poam(found: Index, body: Json) -> None:
    where: Where = (found.model,)
    _risks(found, body, where)
    for n, observation in enumerate(body.get("observations", ())):
        _population(found, observation, (*where, "observations", n))
    for n, item in enumerate(body.get("poam-items", ())):
        here = (*where, "poam-items", n)
        if not item.get("related-risks"):
            found.wrong("no-risk", here, "it is for no risk")
        for name in ("owner", "due", "severity"):
            if not _prop(item, name):
                found.wrong("poam-item", here, f"it has no {name}")


def _mapping(found: Index, body: Json) -> None:
    """Each side of a map is a control or statement of the catalogue that it is of."""
    mappings = body.get("mappings", ())
    for n, mapping in enumerate(mappings if isinstance(mappings, list) else [mappings]):
        where: Where = (found.model, "mappings", n)
        sides = {
            side: str(mapping.get(f"{side}-resource", {}).get("href", ""))
            for side in ("source", "target")
        }
        for m, one in enumerate(mapping.get("maps", ())):
            for side, href in sides.items():
                for item in one.get(f"{side}s", ()):
                    kind = f"{item.get('type')} of {href}"
                    place = linked((*where, "maps", m, f"{side}s"))
                    found.references.append(Reference(kind, str(item.get("id-ref")), place))
        for side, href in sides.items():
            for group in mapping.get(f"{side}-gap-summary", {}).get("unmapped-controls", ()):
                for name in group.get("with-ids", ()):
                    place = linked((*where, f"{side}-gap-summary"))
                    found.references.append(Reference(f"control of {href}", name, place))


_RULES: dict[str, Callable[[Index, Json], None]] = {
    "catalog": _catalog,
    "profile": _profile,
    "system-security-plan": _ssp,
    "assessment-plan": _plan,
    "assessment-results": _results,
    "plan-of-action-and-milestones": _poam,
    "mapping-collection": _mapping,
}
