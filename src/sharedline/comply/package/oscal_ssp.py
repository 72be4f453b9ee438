"""The system security plan: per control part who does what, and what is inherited from AWS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sharedline.comply.model import Part
from sharedline.comply.package.common import (
    PROFILE,
    Context,
    inventory_item,
    metadata,
    owned_by,
    service_uuid,
)
from sharedline.comply.package.naming import Json, day, has, line, markup, prop, props, uid
from sharedline.comply.package.oscal_component import line_props
from sharedline.comply.package.verdicts import Verdict, owners_of
from sharedline.model import Side, Status

#: OSCAL's word for how far a part is implemented; where nothing shows it, none is said.
_IMPLEMENTED = {Status.MET: "implemented", Status.UNMET: "partial", Status.WAIVED: "alternative"}
_SENSITIVITY = {"low", "moderate", "high"}


def ssp(ctx: Context) -> Json:
    """The whole plan."""
    return {
        "system-security-plan": {
            "uuid": uid("ssp", *ctx.edition),
            "metadata": metadata(ctx, "System security plan"),
            "import-profile": {"href": PROFILE},
            "system-characteristics": _characteristics(ctx),
            "system-implementation": _implementation(ctx),
            "control-implementation": {
                "description": "Who does what for each control part, by Sharedline's line; the "
                "words `provided` and `responsibilities` are ours, read from AWS's public pages.",
                "implemented-requirements": _requirements(ctx),
            },
        }
    }


def system_id(ctx: Context) -> Json:
    """The id of the system."""
    return {
        "identifier-type": "http://ietf.org/rfc/rfc4122",
        "id": uid("system", ctx.inputs.system),
    }


def _characteristics(ctx: Context) -> Json:
    inputs = ctx.inputs
    scan = inputs.scan
    baseline = inputs.baseline if inputs.baseline in _SENSITIVITY else ""
    return has(
        {
            "system-ids": [system_id(ctx)],
            "system-name": line(inputs.system),
            "description": markup(f"What {inputs.system} runs on AWS, as a scan found it."),
            "security-sensitivity-level": f"fips-199-{baseline}" if baseline else "",
            "system-information": {
                "information-types": [
                    {
                        "uuid": uid("information-type", inputs.system),
                        "title": "Not categorized here",
                        "description": "Which kinds of information the system holds is for its "
                        "owner to say; a scan cannot see it.",
                    }
                ]
            },
            "status": {"state": "operational"},
            "authorization-boundary": {
                "description": markup(
                    f"AWS accounts {', '.join(scan.accounts) or 'unknown'} in the Regions "
                    f"{', '.join(scan.regions) or 'unknown'}."
                ),
            },
        }
    )


def _implementation(ctx: Context) -> Json:
    return {
        "leveraged-authorizations": [_leveraged(ctx)],
        "components": _components(ctx),
        "inventory-items": (inventory_item(r) for r in ctx.inputs.findings.resources()),
    }


def _leveraged(ctx: Context) -> Json:
    """AWS's authorization as far as it is on file; without a report there is none, and it says so."""
    proving = {k for h in ctx.inputs.halves.values() if h.proved for k in h.reports}
    dated = [(r.end, r) for r in ctx.inputs.reports if r.end and r.key in proving]
    read = max((p.read for p in ctx.inputs.parts.values() if p.read), default=None)
    moment: date = read or ctx.inputs.framework.read
    remarks = (
        "No report of AWS on file covers the window: the day is that on which AWS's public pages "
        "were read, not that of an authorization."
    )
    if dated:
        moment, newest = max(dated, key=lambda d: (d[0], d[1].key))
        remarks = markup(f"The day is the end of the period of {newest}.")
    return {
        "uuid": uid("leveraged-authorization", "aws"),
        "title": "Amazon Web Services",
        "props": props(on_file="yes" if dated else "no"),
        "party-uuid": ctx.provider,
        "date-authorized": day(moment),
        "remarks": remarks,
    }


def _components(ctx: Context) -> Iterator[Json]:
    yield {
        "uuid": ctx.this,
        "type": "this-system",
        "title": line(ctx.inputs.system),
        "description": "The customer's system: its configuration, its people and its paper.",
        "status": {"state": "operational"},
        "responsible-roles": [{"role-id": "customer", "party-uuids": [ctx.organisation]}],
    }
    yield {
        "uuid": ctx.aws,
        "type": "system",
        "title": "Amazon Web Services",
        "description": "The cloud on which the system runs.",
        "props": [
            prop("implementation-point", "external", ours=False),
            prop("leveraged-authorization-uuid", uid("leveraged-authorization", "aws"), ours=False),
        ],
        "status": {"state": "operational"},
        "responsible-roles": [{"role-id": "provider", "party-uuids": [ctx.provider]}],
    }
    for service in ctx.inputs.findings.services():
        yield {
            "uuid": service_uuid(service),
            "type": "service",
            "title": line(service or "other"),
            "description": "A service of AWS in use in this system.",
            "props": [
                prop("implementation-point", "external", ours=False),
                prop(
                    "leveraged-authorization-uuid",
                    uid("leveraged-authorization", "aws"),
                    ours=False,
                ),
            ],
            "status": {"state": "operational"},
        }


def statement_uuid(ctx: Context, part: str) -> str:
    """The uuid of the plan's statement on a part."""
    return uid("ssp-statement", ctx.inputs.system, ctx.inputs.framework.id, part)


def _requirements(ctx: Context) -> Iterator[Json]:
    for control, parts in ctx.controls.items():
        origins = dict.fromkeys(
            p["value"]
            for part in parts
            for p in line_props(part)
            if p["name"] == "control-origination"
        )
        yield has(
            {
                "uuid": uid("requirement", ctx.inputs.system, ctx.inputs.framework.id, control),
                "control-id": control,
                "props": [prop("control-origination", o, ours=False) for o in origins],
                "statements": [_statement(ctx, ctx.verdicts[p.id]) for p in parts],
            }
        )


def _statement(ctx: Context, verdict: Verdict) -> Json:
    part = verdict.part
    return has(
        {
            "statement-id": ctx.at[part.id].statement,
            "uuid": statement_uuid(ctx, part.id),
            "props": [*line_props(part), *props(status=verdict.status, basis=verdict.basis)],
            "responsible-roles": owned_by(ctx, owners_of(verdict)),
            "by-components": [*_aws(ctx, part), _customer(ctx, verdict)],
            "remarks": markup(verdict.reason),
        }
    )


def _aws(ctx: Context, part: Part) -> list[Json]:
    """What AWS provides, and what it leaves to its customers."""
    if part.side not in (Side.AWS, Side.SHARED):
        return []
    said = line(part.aws) or "AWS does this."
    provided = uid("provided", ctx.inputs.framework.id, part.id)
    responsibilities = []
    if part.side is Side.SHARED:
        responsibilities.append(
            {
                "uuid": uid("responsibility", ctx.inputs.framework.id, part.id),
                "provided-uuid": provided,
                "description": line(part.you) or "The customer does the rest.",
                "responsible-roles": [{"role-id": "customer"}],
            }
        )
    return [
        {
            "component-uuid": ctx.aws,
            "uuid": uid("by-component", "aws", ctx.inputs.framework.id, part.id),
            "description": said,
            "implementation-status": {"state": "implemented"},
            "export": has(
                {
                    "provided": [
                        {
                            "uuid": provided,
                            "description": said,
                            "responsible-roles": [{"role-id": "provider"}],
                        }
                    ],
                    "responsibilities": responsibilities,
                }
            ),
        }
    ]


def _customer(ctx: Context, verdict: Verdict) -> Json:
    """What the system inherits, what it does itself, and how far it is shown to do it."""
    part = verdict.part
    key = (ctx.inputs.system, ctx.inputs.framework.id, part.id)
    out: Json = {"component-uuid": ctx.this, "uuid": uid("by-component", "this", *key)}
    if part.side is Side.UNKNOWN:
        # Nothing is inherited that nobody said is AWS's.
        return out | {"description": "Who must act here is not known: nobody has drawn the line."}
    if part.side in (Side.AWS, Side.SHARED):
        out["inherited"] = [_inherited(ctx, verdict, key)]
    if part.side is Side.AWS:
        return out | {
            "description": "Inherited from AWS whole.",
            "implementation-status": {"state": "implemented"},
        }
    if part.side is Side.SHARED:
        out["satisfied"] = [
            {
                "uuid": uid("satisfied", *key),
                "responsibility-uuid": uid("responsibility", ctx.inputs.framework.id, part.id),
                "description": markup(verdict.reason) or "Done, as the assessment shows.",
                "responsible-roles": [{"role-id": "customer"}],
            }
        ]
    state = _IMPLEMENTED.get(verdict.status)
    return has(
        out
        | {
            "description": line(part.you) or "The customer does this.",
            "implementation-status": {"state": state} if state else None,
        }
    )


def _inherited(ctx: Context, verdict: Verdict, key: tuple[str, ...]) -> Json:
    """What is inherited, and by which reports that is proved."""
    reports = ", ".join(str(r) for r in verdict.reports) if verdict.inherits else ""
    proved = reports or "no report on file"
    return {
        "uuid": uid("inherited", *key),
        "provided-uuid": uid("provided", ctx.inputs.framework.id, verdict.part.id),
        "description": markup(f"Inherited from AWS; proved by: {proved}."),
    }
