"""What a document defines and what it refers to: gathered in one walk, so that it can be let go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sharedline.comply.package.schema import Problem

#: Of which kind a thing with a uuid is, by the member that holds it.
KINDS = {
    "components": "component",
    "inventory-items": "inventory-item",
    "parties": "party",
    "locations": "location",
    "users": "user",
    "observations": "observation",
    "risks": "risk",
    "findings": "finding",
    "leveraged-authorizations": "leveraged-authorization",
    "provided": "provided",
    "responsibilities": "responsibility",
    "activities": "activity",
    "tasks": "task",
    "assessment-platforms": "assessment-platform",
    "resources": "resource",
    "statements": "statement",
    "remediations": "response",
}
#: What the members with a uuid (or ids) of something else refer to.
_REFERS = {
    "component-uuid": "component",
    "party-uuid": "party",
    "party-uuids": "party",
    "member-of-organizations": "party",
    "location-uuids": "location",
    "observation-uuid": "observation",
    "risk-uuid": "risk",
    "finding-uuid": "finding",
    "activity-uuid": "activity",
    "task-uuid": "task",
    "provided-uuid": "provided",
    "responsibility-uuid": "responsibility",
    "implementation-statement-uuid": "statement",
    "response-uuid": "response",
    "role-id": "role",
    "role-ids": "role",
    "control-id": "control",
    "with-ids": "control",
    "statement-id": "statement-id",
    "statement-ids": "statement-id",
    "param-id": "param",
}
#: Members that name another document, and the models that it may be of.
IMPORTS = {
    "import-profile": ("profile", "catalog"),
    "import-ssp": ("system-security-plan",),
    "import-ap": ("assessment-plan",),
    "imports": ("catalog", "profile"),
    "source-resource": ("catalog", "profile"),
    "target-resource": ("catalog", "profile"),
    "import-component-definitions": ("component-definition",),
}
_ACTORS = {"tool": "component", "assessment-platform": "assessment-platform", "party": "party"}
_PROPS = {"leveraged-authorization-uuid": "leveraged-authorization", "inherited-uuid": "component"}

#: An object with none of these refers to nothing and is nothing that is referred to.
_TELLING = frozenset(
    {"uuid", "subject-uuid", "actor-uuid", "target-id", "href", "source", "props", *_REFERS}
)

Where = tuple[str | int, ...]
#: A place as what is above it and the last step: there are a million of them, few are ever shown.
Link = tuple[Any, str | int] | None


def place(link: Link) -> Where:
    """The whole path of a link."""
    steps: list[str | int] = []
    while link is not None:
        link, step = link
        steps.append(step)
    return tuple(reversed(steps))


def linked(where: Where) -> Link:
    """The link of a path."""
    link: Link = None
    for step in where:
        link = (link, step)
    return link


@dataclass(frozen=True, slots=True)
class Reference:
    """One thing that is referred to, and from where."""

    kind: str
    value: str
    link: Link

    @property
    def where(self) -> Where:
        """From where, as a path."""
        return place(self.link)


@dataclass
class Index:
    """What is known of one document when it is no longer in memory."""

    name: str
    model: str
    defined: dict[str, set[str]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    #: Member, file, where: the documents that it builds on.
    imports: list[tuple[str, str, Where]] = field(default_factory=list)
    #: Of a catalogue: the ids of each control's parts.
    controls: dict[str, set[str]] = field(default_factory=dict)
    #: Of a profile: what it selects; of a plan: what it implements; None where it does neither.
    selects: set[str] | None = None
    implements: set[str] | None = None
    #: Of results and of a plan of action: the uuids of risks that are not closed.
    open_risks: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, rule: str, where: Where, text: str) -> None:
        """Notes a problem."""
        path = "/" + "/".join(map(str, where))
        self.problems.append(Problem(self.name, rule, path, text))


def index(name: str, document: dict[str, Any]) -> Index:
    """The index of a document."""
    model = next((k for k in document if k != "$schema"), "")
    found = Index(name, model)
    seen: set[str] = set()
    for value, holder, link in _objects(document.get(model), model, (None, model)):
        if holder in IMPORTS and not isinstance(value.get("href"), str):
            found.wrong("import", place(link), "it names no document")
        if holder == "roles" and isinstance(role := value.get("id"), str):
            _once(found, "role", role, place(link))
        if _TELLING.isdisjoint(value):
            continue
        if isinstance(own := value.get("uuid"), str):
            if own in seen:
                found.wrong("uuid-twice", place(link), f"uuid {own} is there already")
            seen.add(own)
            if kind := KINDS.get(holder):
                found.defined.setdefault(kind, set()).add(own)
        _refer(found, value, link)
        _hrefs(found, value, holder, link)
    return found


def _once(found: Index, kind: str, name: str, where: Where) -> None:
    known = found.defined.setdefault(kind, set())
    if name in known:
        found.wrong("id-twice", where, f"{kind} {name} is there already")
    known.add(name)


def _objects(value: Any, holder: str, link: Link) -> Iterator[tuple[dict[str, Any], str, Link]]:
    """Every object with the member that holds it, and its place; no recursion, so any depth."""
    waiting: list[tuple[Any, str, Link]] = [(value, holder, link)]
    while waiting:
        value, holder, link = waiting.pop()
        if isinstance(value, dict):
            yield value, holder, link
            for name, member in value.items():
                # Properties are looked at with what they are of; none of ours has a uuid.
                if isinstance(member, dict | list) and name != "props":
                    waiting.append((member, name, (link, name)))
        elif isinstance(value, list):
            waiting.extend(
                (one, holder, (link, number))
                for number, one in enumerate(value)
                if isinstance(one, dict | list)
            )


def _refer(found: Index, value: dict[str, Any], link: Link) -> None:
    refer = found.references.append
    for name, kind in ((n, _REFERS[n]) for n in value if n in _REFERS):
        # The gaps of a mapping are controls of one of its two catalogues: a rule of its own.
        if name == "with-ids" and found.model == "mapping-collection":
            continue
        member = value[name]
        for one in member if isinstance(member, list) else [member]:
            if isinstance(one, str):
                refer(Reference(kind, one, (link, name)))
    if isinstance(subject := value.get("subject-uuid"), str):
        refer(Reference(str(value.get("type", "")), subject, (link, "subject-uuid")))
    if isinstance(actor := value.get("actor-uuid"), str):
        kind = _ACTORS.get(value.get("type", ""), "component")
        refer(Reference(kind, actor, (link, "actor-uuid")))
    if isinstance(target := value.get("target-id"), str):
        refer(Reference("statement-id", target, (link, "target-id")))
    for number, prop in enumerate(value.get("props", ())):
        if isinstance(prop, dict) and prop.get("name") in _PROPS:
            here = ((link, "props"), number)
            refer(Reference(_PROPS[prop["name"]], str(prop.get("value")), here))


def _hrefs(found: Index, value: dict[str, Any], holder: str, link: Link) -> None:
    """Links: to a resource of the document, to another document, to a file of the package."""
    names = ("href", "source") if holder == "control-implementations" else ("href",)
    for name in names:
        target = value.get(name)
        if not isinstance(target, str):
            continue
        here = (link, name)
        if target.startswith("#"):
            found.references.append(Reference("resource", target[1:], here))
        elif holder in IMPORTS or name == "source":
            member = "source" if name == "source" else holder
            found.imports.append((member, target, place(here)))
        elif ":" not in target.split("/")[0]:
            found.references.append(Reference("file", target.partition("#")[0], here))
