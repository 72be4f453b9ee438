"""The component definition: what AWS does for each control, and which checks look at it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator

from sharedline.comply.model import Part
from sharedline.comply.package.common import PROFILE, Context, metadata
from sharedline.comply.package.naming import Json, has, line, markup, prop, props, token, uid
from sharedline.comply.values import spoken
from sharedline.model import Side


def component_definition(ctx: Context) -> Json:
    """AWS, the customer's own half, and the checks, each with the controls it has a part in."""
    return {
        "component-definition": {
            "uuid": uid("component-definition", *ctx.edition),
            "metadata": metadata(
                ctx,
                "Component definition",
                "The line between AWS and its customer as Sharedline draws it from AWS's public "
                "pages; AWS has not approved it.",
            ),
            "components": _components(ctx),
        }
    }


def _components(ctx: Context) -> Iterator[Json]:
    yield _half(
        ctx,
        "aws",
        "service",
        "Amazon Web Services",
        "What AWS does beneath and around its customers' systems.",
        lambda p: p.aws if p.side in (Side.AWS, Side.SHARED) else "",
    )
    yield _half(
        ctx,
        "customer",
        "process-procedure",
        "The customer's half",
        "What the customer does by configuration, people and paper.",
        lambda p: p.you if p.side in (Side.CUSTOMER, Side.SHARED) else "",
    )
    yield _checks(ctx)


def _half(
    ctx: Context, name: str, kind: str, title: str, text: str, says: Callable[[Part], str]
) -> Json:
    """One side of the line as a component."""
    requirements = []
    for control, parts in ctx.controls.items():
        said = [p for p in parts if line(says(p))]
        if not said:
            continue
        requirements.append(
            {
                "uuid": uid("defined", name, ctx.inputs.framework.id, control),
                "control-id": control,
                "description": line(" ".join(dict.fromkeys(line(says(p)) for p in said))),
                "statements": [
                    has(
                        {
                            "statement-id": ctx.at[p.id].statement,
                            "uuid": uid("defined", name, ctx.inputs.framework.id, "part", p.id),
                            "description": line(says(p)),
                            "props": line_props(p),
                        }
                    )
                    for p in said
                ],
            }
        )
    return has(
        {
            "uuid": uid("defined-component", name),
            "type": kind,
            "title": title,
            "description": text,
            "responsible-roles": [{"role-id": "provider" if name == "aws" else "customer"}],
            "control-implementations": _implementation(ctx, name, requirements),
        }
    )


def line_props(part: Part) -> list[Json]:
    """The line of a part: both views, the words of OSCAL for them, the source."""
    words = spoken(part)
    origins = [prop("control-origination", w, ours=False) for w in words.oscal.split()]
    return origins + props(
        side=part.side,
        capability=part.capability,
        crm=words.crm,
        source=part.source,
        read=part.read,
        reviewed=str(part.reviewed).lower(),
    )


def _implementation(ctx: Context, name: str, requirements: list[Json]) -> list[Json]:
    if not requirements:
        return []
    return [
        {
            "uuid": uid("defined-implementation", name, *ctx.edition),
            "source": PROFILE,
            "description": f"Controls of {ctx.name}.",
            "implemented-requirements": requirements,
        }
    ]


def _checks(ctx: Context) -> Json:
    """The checks as rules of a validation component, and the controls that each one proves."""
    return has(
        {
            "uuid": uid("defined-component", "checks"),
            "type": "validation",
            "title": "Checks of Sharedline",
            "description": "Statements about the desired state of resources, answered by SQL over "
            "what AWS's APIs say.",
            "props": _rules(ctx),
            "control-implementations": _implementation(ctx, "checks", _proved(ctx)),
        }
    )


def _rules(ctx: Context) -> list[Json]:
    """Each check as a group of properties, by the names that other tools use for rules."""
    out: list[Json] = []
    for name in ctx.cited:
        check = ctx.inputs.checks.get(name)
        if check is None:
            continue
        values = {
            "Rule_Id": name,
            "Rule_Description": check.title,
            "Check_Id": name,
            "Check_Sha256": hashlib.sha256(check.sql.encode()).hexdigest(),
            "Severity": check.severity,
        }
        out += [prop(k, v) | {"group": token(f"rule.{name}")} for k, v in values.items()]
    return out


def _proved(ctx: Context) -> list[Json]:
    """The controls that checks name, with the checks per statement."""
    by_control: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for verdict in ctx.verdicts.values():
        address = ctx.at[verdict.part.id]
        if verdict.checks:
            by_control[address.control][address.statement] = list(verdict.checks)
    return [
        {
            "uuid": uid("defined", "checks", ctx.inputs.framework.id, control),
            "control-id": control,
            "description": "Checks that name this control or a part of it.",
            "props": [
                prop("Rule_Id", c) for c in dict.fromkeys(c for s in found.values() for c in s)
            ],
            "statements": [
                {
                    "statement-id": statement,
                    "uuid": uid("defined", "checks", ctx.inputs.framework.id, "part", statement),
                    "description": markup(f"Checks: {', '.join(checks)}"),
                }
                for statement, checks in found.items()
            ],
        }
        for control, found in by_control.items()
    ]
