"""Our reference check: nothing that a document of the package refers to is missing from it.

No validator that is to be had checks this (NIST's schema and trestle look at one document, and at
few of its references), and a package whose references dangle cannot be read by a machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from posixpath import join, normpath

from sharedline.comply.package.refs_index import IMPORTS, Index, Reference, index
from sharedline.comply.package.refs_rules import apply
from sharedline.comply.package.schema import Problem

#: Kinds that a document must define itself; the others may stand in what it builds on.
_OWN = frozenset({"party", "role", "observation", "risk", "finding", "resource", "response"})
_FOLDER = "oscal"


def examine(name: str, document: dict[str, object]) -> Index:
    """The index of a document with what is wrong within it."""
    found = index(name, document)
    apply(found, document)
    return found


def problems(indexes: Mapping[str, Index], files: Collection[str]) -> Iterator[Problem]:
    """What is wrong within and between documents; `files` are the package's, from its root."""
    for one in indexes.values():
        yield from one.problems
        yield from _imports(one, indexes)
        reach = _reach(one, indexes)
        for reference in one.references:
            known = indexes if " of " in reference.kind else None
            found = _mapped(reference, known) if known else _resolves(reference, one, reach, files)
            if not found:
                text = f"there is no {reference.kind} {reference.value!r}"
                rule = "mapped" if known else reference.kind
                yield _problem(one, rule, reference, text)
        yield from _scope(one, reach)
    yield from _planned(indexes)


def _problem(one: Index, rule: str, reference: Reference, text: str) -> Problem:
    return Problem(one.name, rule, "/" + "/".join(map(str, reference.where)), text)


def _imports(one: Index, indexes: Mapping[str, Index]) -> Iterator[Problem]:
    for member, href, where in one.imports:
        path = "/" + "/".join(map(str, where))
        allowed = IMPORTS.get(member, ("catalog", "profile"))
        if href not in indexes:
            yield Problem(one.name, "import", path, f"there is no document {href!r}")
        elif indexes[href].model not in allowed:
            text = f"{href} is a {indexes[href].model}, not a {' or '.join(allowed)}"
            yield Problem(one.name, "import", path, text)


def _reach(one: Index, indexes: Mapping[str, Index]) -> list[Index]:
    """The document and all that it builds on, itself first."""
    found = [one]
    for known in found:  # grows while it is read
        for member, href, _ in known.imports:
            # A mapping names two catalogues and speaks of each by itself.
            if member.endswith("-resource"):
                continue
            other = indexes.get(href)
            if other is not None and other not in found:
                found.append(other)
    return found


def _resolves(reference: Reference, one: Index, reach: list[Index], files: Collection[str]) -> bool:
    kind, value = reference.kind, reference.value
    if kind == "file":
        return normpath(join(_FOLDER, value)) in files
    if kind == "control":
        return any(value in i.controls for i in _catalogs(one, reach))
    if kind == "statement-id":
        control = value.partition("_smt")[0]
        return any(value in i.controls.get(control, ()) for i in _catalogs(one, reach))
    where = [one] if kind in _OWN else reach
    return any(value in i.defined.get(kind, ()) for i in where)


def _mapped(reference: Reference, indexes: Mapping[str, Index]) -> bool:
    """Whether one side of a map is in the catalogue that it is of."""
    kind, _, href = reference.kind.partition(" of ")
    of = indexes.get(href)
    if of is None:
        return False
    if kind == "control":
        return reference.value in of.controls
    return any(reference.value in parts for parts in of.controls.values())


def _catalogs(one: Index, reach: list[Index]) -> list[Index]:
    return [i for i in reach if i.model == "catalog"] or [one]


def _scope(one: Index, reach: list[Index]) -> Iterator[Problem]:
    """Controls that a document speaks of and its profile does not select, and the reverse."""
    selected = next((i.selects for i in reach if i.selects is not None), None)
    if selected is None or one.model == "profile":
        return
    for reference in one.references:
        if reference.kind == "control" and reference.value not in selected:
            text = f"{reference.value} is not in the profile"
            yield _problem(one, "out-of-scope", reference, text)
    if one.implements is not None:
        for control in sorted(selected - one.implements):
            text = f"{control} is in the profile, and the plan says nothing of it"
            yield Problem(one.name, "missing-control", f"/{one.model}", text)


def _planned(indexes: Mapping[str, Index]) -> Iterator[Problem]:
    """Every open risk of the results stands in the plan of action."""
    planned = set().union(
        *(i.open_risks for i in indexes.values() if i.model.startswith("plan-of-action"))
    )
    for one in indexes.values():
        if one.model == "assessment-results":
            for risk in sorted(one.open_risks - planned):
                text = f"risk {risk} is open, and no plan of action has it"
                yield Problem(one.name, "unplanned", "/assessment-results", text)
