"""The reference pages of tables, checks, duties and lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sharedline.checks.load import load as load_checks
from sharedline.checks.schemas import OWN
from sharedline.collect.catalogue import shipped
from sharedline.collect.schema import TableSchema, describe
from sharedline.collect.table import STANDARD, Table
from sharedline.comply.catalogue import ids as framework_ids
from sharedline.derive import derivations
from sharedline.docs.markdown import cell, code, page, table
from sharedline.duties.catalogue import ALL, Service
from sharedline.duties.catalogue import load as load_duties
from sharedline.model import Check, Duty, Line

_SCOPE = {
    "region": "read in each Region",
    "global": "read once per account",
    "organization": "read once, in the management account",
}


def index() -> str:
    """What the reference holds."""
    duties = load_duties()
    rows = [
        ("[Tables](tables.md)", len(shipped()) + len(derivations()) + len(OWN)),
        ("[Checks](checks.md)", len(load_checks())),
        ("[Duties](duties.md)", len(duties.duties)),
        ("[Lines](lines.md), by service", len(duties.services)),
        ("[Frameworks](frameworks.md)", len(framework_ids())),
    ]
    schemas = (
        "Schemas that an editor can use for what people write: "
        "[owners](schema/owners.schema.json), [waivers](schema/waivers.schema.json), "
        "[lines of a service](schema/line.schema.json), "
        "[a check's front matter](schema/check.schema.json), "
        "[a framework](schema/framework.schema.json), "
        "[its lines](schema/framework-lines.schema.json), "
        "[a runbook's front matter](schema/runbook.schema.json), "
        "[a scenario](schema/scenario.schema.json)."
    )
    intro = "Everything Sharedline knows, written from the sources that it reads itself."
    counts = table(("page", "entries"), rows)
    return page("Reference", intro, [counts, "[Commands](commands.md).", schemas])


# -- tables ------------------------------------------------------------------------------------


def tables() -> str:
    """Every table with its columns, their types, meaning and the action that reads them."""
    standard = table(
        ("column", "type", "meaning"),
        [(code(name), kind, doc) for name, (kind, doc) in STANDARD.items()],
    )
    intro = (
        "A column is NULL only where it could not be read, or AWS did not say. "
        "`sharedline tables NAME` shows the same on the terminal. Every table has these columns:"
    )
    collected = [_collected(t, describe(t, shipped())) for t in shipped().values()]
    return page("Tables", intro, [standard, *collected, *_derived(), *_own()])


def _collected(one: Table, schema: TableSchema) -> str:
    first = len(schema.operations) - len(one.details)
    listing = ", ".join(code(action) for action in dict.fromkeys(schema.actions[:first]))
    if not listing:
        listing = f"what reads {code(one.source)}"
    rows = [
        (code(c.name), c.type, code(schema.actions[first + c.call]) if c.call >= 0 else "", c.doc)
        for c in schema.columns
        if c.name not in STANDARD
    ]
    made = f"Listed with {listing}, {_SCOPE[one.scope]}."
    columns = table(("column", "type", "asked per row with", "meaning"), rows)
    return f"## {one.name}\n\n{cell(schema.doc)}\n\n{made}\n\n{columns}"


def _derived() -> Iterator[str]:
    for one in derivations().values():
        made = f"Made from {', '.join(code(name) for name in one.reads)}."
        rows = [(code(name), kind, doc) for name, (kind, doc) in one.columns.items()]
        columns = table(("column", "type", "meaning"), rows)
        yield f"## {one.name}\n\n{cell(one.doc)}\n\n{made}\n\n{columns}"


def _own() -> Iterator[str]:
    for name, (doc, own) in OWN.items():
        rows = [(code(c), kind, meaning) for c, (kind, meaning) in own.items()]
        columns = table(("column", "type", "meaning"), rows) if rows else ""
        yield f"## {name}\n\n{cell(doc)}\n\nMade by the scan itself.\n\n{columns}"


# -- checks ------------------------------------------------------------------------------------


def checks() -> str:
    """Every check by area: what it says, why, how to put it right, which controls it answers."""
    found = load_checks().values()
    areas = [(a, list(group)) for a, group in groupby(found, lambda c: c.id.split("/")[0])]
    contents = table(("area", "checks"), [(f"[{a}](#{a})", len(group)) for a, group in areas])
    intro = (
        f"{len(found)} checks. Each answers met, unmet or unknown for every resource; "
        "unknown names the call that was denied."
    )
    parts = [f"## {a}\n\n" + "\n\n".join(_check(c) for c in group) for a, group in areas]
    return page("Checks", intro, [contents, *parts])


def _check(check: Check) -> str:
    controls = "; ".join(f"{f}: {', '.join(ids)}" for f, ids in check.controls.items())
    params = ", ".join(f"`{name}` = {value}" for name, value in check.params.items())
    rows = [
        ("severity", check.severity),
        ("duty", f"[{check.duty}](duties.md#{anchor(check.duty)})"),
        ("controls", controls),
        *([("settings", params)] if params else []),
    ]
    head = f"### {check.id}\n\n**{cell(check.title)}**\n\n{cell(check.why)}"
    return f"{head}\n\n{table(('', ''), rows)}\n```sh\n{check.fix}\n```"


def anchor(heading: str) -> str:
    """The address of a heading within its page, as GitHub makes it."""
    return "".join(c for c in heading.lower() if c.isalnum() or c in "-_ ").replace(" ", "-")


# -- duties and lines --------------------------------------------------------------------------


def duties() -> str:
    """Every duty: what it is, whose it usually is, and where AWS says so."""
    found = load_duties().duties.values()
    intro = f"{len(found)} duties. The usual side is the starting point; [lines](lines.md) decide."
    return page("Duties", intro, [_duty(duty) for duty in found])


def _duty(duty: Duty) -> str:
    halves = [("AWS", duty.aws), ("you", duty.you)]
    rows = [("usual side", duty.usual_side.value), *((who, what) for who, what in halves if what)]
    rows.append(("source", f"[{duty.source}]({duty.source}), read {duty.read}"))
    title = f"**{cell(duty.title)}** ({duty.area}). {cell(duty.what)}"
    return f"## {duty.id}\n\n{title}\n\n{table(('', ''), rows)}"


def lines() -> str:
    """The lines of every reviewed service, then those of the categories."""
    found = load_duties()
    general = found.services.get(ALL)
    named = [s for s in found.services.values() if s.id != ALL]
    intro = (
        f"{len(named)} services have reviewed lines. For a duty the entries are tried in order; "
        "the first whose condition holds decides. A service without a file here falls back on its "
        "category, and its cells say so."
    )
    contents = ", ".join(f"[{s.name}](#{s.id})" for s in named)
    parts = [contents, *(_service(s) for s in named)]
    if general:
        parts.append(f"## Every service\n\n{_entries(general.lines)}")
    for name, defaults in found.categories.items():
        parts.append(f"## Category {name}, not reviewed\n\n{_entries(defaults)}")
    return page("Lines", intro, parts)


def _service(service: Service) -> str:
    over = ", ".join(code(name) for name in service.tables) or "no table"
    said = f"**{cell(service.name)}**, {service.category}. Over {over}."
    return f"## {service.id}\n\n{said}\n\n{_entries(service.lines)}"


def _entries(entries: tuple[Line, ...]) -> str:
    rows = [
        (
            f"[{line.duty}](duties.md#{anchor(line.duty)})",
            code(line.when) + (f" in {code(line.table)}" if line.table else ""),
            line.side.value,
            line.aws,
            line.you,
            f"[source]({line.source}) {line.read}",
        )
        for line in entries
    ]
    return table(("duty", "when", "side", "AWS", "you", "read"), rows)
