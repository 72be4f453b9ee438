"""The framework as an OSCAL catalogue, the scope as a profile, and our duties and checks as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sharedline.comply.model import Framework, Part
from sharedline.comply.package.addresses import Address, addresses, controls_of
from sharedline.comply.package.common import CATALOG, Context, metadata
from sharedline.comply.package.naming import Json, has, line, markup, prop, props, token, uid
from sharedline.model import Check


def catalog(ctx: Context, framework: Framework | None = None) -> Json:
    """A framework as a catalogue; its text only where the licence lets us show it."""
    chosen = framework or ctx.inputs.framework
    at = ctx.at if chosen is ctx.inputs.framework else addresses(chosen)
    head = metadata(ctx, f"Catalogue of {chosen.title}")
    head["title"] = line(f"{chosen.title}: catalogue")
    head["props"] += props(
        publisher=chosen.publisher,
        edition=chosen.version,
        licence=chosen.licence,
        source=chosen.url,
        read=chosen.read,
    )
    head["remarks"] = (
        "Made by Sharedline so that references within this package resolve. "
        + ("" if chosen.text else "Its licence lets us ship ids and short titles, not its text. ")
        + "The publisher's own edition is what counts."
    )
    return {
        "catalog": {
            "uuid": uid("catalog", chosen.id, chosen.version),
            "metadata": head,
            "groups": _groups(chosen, at),
        }
    }


def _groups(framework: Framework, at: Mapping[str, Address]) -> Iterator[Json]:
    """The groups in order; enhancements stand inside the control that they enhance."""
    by_group: dict[str, list[str]] = defaultdict(list)
    titles: dict[str, str] = {}
    parts_of = controls_of(framework.parts, at)
    for control, parts in parts_of.items():
        address = at[parts[0].id]
        by_group[address.group].append(control)
        titles.setdefault(address.group, address.group_title)
    for group, controls in by_group.items():
        inner: dict[str, list[str]] = defaultdict(list)
        for control in controls:
            base = control.partition(".")[0]
            # Only NIST numbers its enhancements so; `gv.oc-01` has no control `gv` above it.
            if base != control and base in parts_of:
                inner[base].append(control)
        nested = {c for below in inner.values() for c in below}
        yield {
            "id": group,
            "class": "family",
            "title": markup(titles[group]),
            "controls": [
                has(
                    _control(control, parts_of[control], at)
                    | {"controls": [_control(c, parts_of[c], at) for c in inner[control]]}
                )
                for control in controls
                if control not in nested
            ],
        }


def _control(control: str, parts: list[Part], at: Mapping[str, Address]) -> Json:
    head = next((p for p in parts if at[p.id].is_control), parts[0])
    label = at[head.id].of
    items = [p for p in parts if not at[p.id].is_control]
    statement = has(
        {
            "id": f"{control}_smt",
            "name": "statement",
            "prose": _prose(head) if at[head.id].is_control else "",
            "parts": _nested(items, at, f"{control}_smt"),
        }
    )
    return has(
        {
            "id": control,
            "title": markup(head.title),
            "props": [
                prop("label", label, ours=False),
                *([prop("status", "withdrawn", ours=False)] if head.withdrawn else []),
            ],
            "parts": [] if head.withdrawn else [statement],
        }
    )


def _nested(items: Iterable[Part], at: Mapping[str, Address], above: str) -> list[Json]:
    """The lettered parts, each inside the one that it is part of, as deep as they go."""
    made: dict[str, Json] = {}
    top: list[Json] = []
    for part in items:
        name = at[part.id].statement
        made[name] = has(
            {
                "id": name,
                "name": "item",
                "props": [prop("label", part.id, ours=False)],
                "prose": _prose(part),
            }
        )
        home = name.rpartition(".")[0]
        while home and home != above and home not in made:
            home = home.rpartition(".")[0]
        if home in made:
            made[home].setdefault("parts", []).append(made[name])
        else:
            top.append(made[name])
    return top


def _prose(part: Part) -> str:
    return line(part.text)


def profile(ctx: Context) -> Json:
    """The controls in scope."""
    return {
        "profile": {
            "uuid": uid("profile", *ctx.edition),
            "metadata": metadata(ctx, "Controls in scope"),
            "imports": [{"href": CATALOG, "include-controls": [{"with-ids": list(ctx.controls)}]}],
            "merge": {"as-is": True},
        }
    }


def duties(ctx: Context) -> Json:
    """Our duties as a catalogue, each with the checks that look at it as controls below it."""
    by_duty: dict[str, list[Check]] = defaultdict(list)
    for check in ctx.inputs.checks.values():
        by_duty[check.duty].append(check)
    areas: dict[str, list[Json]] = defaultdict(list)
    for duty in ctx.inputs.duties.values():
        areas[duty.area].append(
            has(
                {
                    "id": duty_id(duty.id),
                    "class": "duty",
                    "title": markup(duty.title),
                    "props": [prop("label", duty.id, ours=False)],
                    "parts": [
                        {
                            "id": f"{duty_id(duty.id)}_smt",
                            "name": "statement",
                            "prose": line(duty.what),
                        }
                    ],
                    "controls": [_check(c) for c in by_duty[duty.id]],
                }
            )
        )
    head = metadata(ctx, "Duties and checks of Sharedline")
    head["title"] = "Duties and checks of Sharedline"
    return {
        "catalog": has(
            {
                "uuid": uid("catalog", "sharedline-duties", ctx.inputs.version),
                "metadata": head,
                "groups": [
                    {"id": token(f"area-{area}"), "class": "area", "title": line(area)}
                    | {"controls": controls}
                    for area, controls in areas.items()
                ],
            }
        )
    }


def _check(check: Check) -> Json:
    return {
        "id": check_id(check.id),
        "class": "check",
        "title": markup(check.title),
        "props": [
            prop("label", check.id, ours=False),
            prop("severity", check.severity),
        ],
        "parts": [
            has(
                {
                    "id": f"{check_id(check.id)}_smt",
                    "name": "statement",
                    "prose": line(check.why) or line(check.title),
                }
            )
        ],
    }


def duty_id(duty: str) -> str:
    """A duty's id as a control id."""
    return token(f"duty.{duty}")


def check_id(check: str) -> str:
    """A check's id as a control id."""
    return token(f"check.{check.replace('/', '.')}")
