"""What all documents of the package share: metadata, parties, roles, and who refers to whom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from sharedline.comply.model import Part
from sharedline.comply.package.addresses import Address, addresses
from sharedline.comply.package.inputs import Inputs, Resource, Tally
from sharedline.comply.package.naming import Json, has, line, markup, prop, props, stamp, uid
from sharedline.comply.package.verdicts import Count, Verdict, count, judge
from sharedline.comply.package.worklist import Work, worklist
from sharedline.model import NOBODY

OSCAL = "1.2.1"
#: The documents by file name below `oscal/`.
CATALOG, PROFILE, DUTIES = "catalog.json", "profile.json", "duties.json"
COMPONENT, SSP, PLAN = "component-definition.json", "ssp.json", "assessment-plan.json"
RESULTS, POAM, MAPPING = "assessment-results.json", "poam.json", "mapping.json"

_EMAIL = re.compile(r"[^\s@,;<>()]+@[^\s@,;<>()]+")
_ROLES = {
    "provider": "Cloud service provider",
    "customer": "Customer of the cloud service",
    "control-owner": "Team accountable for a duty",
    "approver": "Person who accepted an exception",
    "attester": "Person who states that a duty was done",
    "assessor": "Who assessed",
}


@dataclass(frozen=True)
class Context:
    """The inputs with what is worked out once and used by every document."""

    inputs: Inputs

    @cached_property
    def at(self) -> dict[str, Address]:
        """Where each part stands in OSCAL."""
        return addresses(self.inputs.framework)

    @cached_property
    def tallies(self) -> list[Tally]:
        """The counts of findings."""
        return list(self.inputs.findings.tallies())

    @cached_property
    def counts(self) -> dict[str, Count]:
        """The answers by check."""
        return count(self.tallies)

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict on every part in scope."""
        return judge(self.inputs, self.counts)

    @cached_property
    def work(self) -> list[Work]:
        """What is to be done."""
        return worklist(self.inputs, self.tallies, self.counts, self.verdicts)

    @cached_property
    def work_of(self) -> Mapping[str, Sequence[Work]]:
        """What keeps each part from being satisfied."""
        out: dict[str, list[Work]] = defaultdict(list)
        for work in self.work:
            for part in work.parts:
                out[part].append(work)
        return out

    @cached_property
    def cited(self) -> list[str]:
        """The checks with a population that some part in scope cites, in order."""
        found = {c for v in self.verdicts.values() for c in (*v.checks, *v.related)}
        return sorted(found)

    @cached_property
    def controls(self) -> dict[str, list[Part]]:
        """The parts in scope that are more than headings, by OSCAL control id."""
        out: dict[str, list[Part]] = {}
        for verdict in self.verdicts.values():
            out.setdefault(self.at[verdict.part.id].control, []).append(verdict.part)
        return out

    @property
    def name(self) -> str:
        """The framework and baseline in words."""
        inputs = self.inputs
        of = f", {inputs.baseline} baseline" if inputs.baseline else ""
        return f"{inputs.framework.title}{of}"

    @property
    def edition(self) -> tuple[str, ...]:
        """What tells this package from the same system's others."""
        i = self.inputs
        return (
            i.system, i.framework.id, i.baseline, f"{i.window}", i.scan.id, i.version,
        )  # fmt: skip

    def owner_party(self, owner: str) -> str:
        """The party uuid of a team; empty for nobody, who is no party."""
        return "" if owner in ("", NOBODY) else uid("team", owner)

    @property
    def tool(self) -> str:
        """The uuid of the assessing tool as a component."""
        return uid("component", "sharedline")

    @property
    def aws(self) -> str:
        """The uuid of AWS as a component of the system."""
        return uid("component", "aws")

    @property
    def this(self) -> str:
        """The uuid of the system itself as a component."""
        return uid("component", "this-system", self.inputs.system)

    @property
    def provider(self) -> str:
        """The party uuid of AWS."""
        return uid("party", "aws")

    @property
    def organisation(self) -> str:
        """The party uuid of the customer."""
        return uid("party", "customer", self.inputs.system)


def metadata(ctx: Context, title: str, remarks: str = "") -> Json:
    """The head of a document."""
    inputs = ctx.inputs
    return has(
        {
            "title": line(f"{title}: {ctx.name}"),
            "last-modified": stamp(inputs.moment),
            "version": line(f"{inputs.window}, scan {inputs.scan.id}"),
            "oscal-version": OSCAL,
            "props": props(
                tool=f"Sharedline {inputs.version}".strip(),
                framework=inputs.framework.id,
                window_start=f"{inputs.window.start}",
                window_end=f"{inputs.window.end}",
            ),
            "roles": [{"id": k, "title": v} for k, v in _ROLES.items()],
            "parties": parties(ctx),
            "responsible-parties": [
                {"role-id": "provider", "party-uuids": [ctx.provider]},
                {"role-id": "customer", "party-uuids": [ctx.organisation]},
            ],
            "remarks": remarks,
        }
    )


def parties(ctx: Context) -> list[Json]:
    """AWS, the customer, its teams, and the persons who accepted or attested something."""
    inputs = ctx.inputs
    out: list[Json] = [
        {"uuid": ctx.provider, "type": "organization", "name": "Amazon Web Services"},
        {"uuid": ctx.organisation, "type": "organization", "name": line(inputs.system)},
    ]
    for name in _teams(ctx):
        team = inputs.teams.get(name)
        contact = team.contact if team else ""
        out.append(
            has(
                {
                    "uuid": uid("team", name),
                    "type": "organization",
                    "name": line(name),
                    "props": props(person=team.person if team else ""),
                    "email-addresses": list(dict.fromkeys(_EMAIL.findall(line(contact)))),
                    "member-of-organizations": [ctx.organisation],
                    "remarks": markup(contact),
                }
            )
        )
    out += [
        {"uuid": uid("person", name), "type": "person", "name": line(name)}
        for name in sorted(_people(inputs))
    ]
    return out


def _teams(ctx: Context) -> list[str]:
    named = {t.owner for t in ctx.tallies} | set(ctx.inputs.teams)
    named |= {o for owners in ctx.inputs.duty_owners.values() for o in owners}
    return sorted(n for n in named if n not in ("", NOBODY, "AWS"))


def _people(inputs: Inputs) -> set[str]:
    names = {w.approver for w in inputs.waivers} | {a.by for a in inputs.attestations}
    return {n for n in names if line(n)}


def owned_by(ctx: Context, owners: Iterable[str]) -> list[Json]:
    """The role of the teams that own something; nothing where nobody does."""
    teams = [p for o in owners if o != "AWS" and (p := ctx.owner_party(o))]
    return [{"role-id": "control-owner", "party-uuids": teams}] if teams else []


def resource_uuid(arn: str, account: str) -> str:
    """The uuid of a resource as an inventory item."""
    return uid("resource", account, arn)


def inventory_item(resource: Resource) -> Json:
    """A resource as OSCAL lists it."""
    return {
        "uuid": resource_uuid(resource.arn, resource.account),
        "description": markup(resource.arn),
        "props": [
            prop("asset-id", resource.arn, ours=False),
            *props(account=resource.account, region=resource.region),
        ],
        "implemented-components": [{"component-uuid": service_uuid(resource.service)}],
    }


@cache
def service_uuid(service: str) -> str:
    """The uuid of an AWS service as a component."""
    return uid("service", service)


def tool_assets(ctx: Context) -> Json:
    """The tool that assessed, and where it ran."""
    version = ctx.inputs.version or "unknown"
    return {
        "components": [
            {
                "uuid": ctx.tool,
                "type": "software",
                "title": "Sharedline",
                "description": "Reads the estate through AWS's APIs and judges it with checks.",
                "props": [prop("version", version, ours=False)],
                "status": {"state": "operational"},
            }
        ],
        "assessment-platforms": [
            {
                "uuid": uid("platform", *ctx.edition),
                "title": "The machine that ran the scan",
                "uses-components": [{"component-uuid": ctx.tool}],
            }
        ],
    }


def origin(ctx: Context) -> Json:
    """Who says so: the tool."""
    return {"actors": [{"type": "tool", "actor-uuid": ctx.tool}]}


def reviewed(ctx: Context) -> Json:
    """The controls in scope, with the statements that are judged one by one."""
    return {
        "description": f"Every control of {ctx.name} that is in scope.",
        "control-selections": [
            {
                "include-controls": [
                    {
                        "control-id": control,
                        "statement-ids": [ctx.at[p.id].statement for p in parts],
                    }
                    for control, parts in ctx.controls.items()
                ]
            }
        ],
    }
