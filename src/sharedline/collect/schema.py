"""Column types, documentation and IAM actions of a table, from botocore's service model.

Reading sixty service models costs seconds, so what they say about the tables that ship is kept in
`schema.json` (made by `make docs`, a test fails on a diff); any other table is looked up live.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

import botocore.loaders
import botocore.model
from botocore.model import Shape

from sharedline.collect.paths import is_plain, shape_at
from sharedline.collect.table import STANDARD, Call, Col, Ref, Table, Type

_SCALARS: dict[str, Type] = {
    "string": "string",
    "character": "string",
    "blob": "string",
    "boolean": "bool",
    "integer": "int",
    "long": "int",
    "float": "double",
    "double": "double",
    "bigdecimal": "double",
    "timestamp": "timestamp",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is stored: its type, its meaning, and the call that reads it.

    `call` is -1 for the listing (or description), else the position in `Table.details`.
    """

    name: str
    type: Type
    doc: str
    call: int = -1


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table's columns, documentation and the IAM action of each call (same order as `calls`)."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    actions: tuple[str, ...]
    operations: tuple[str, ...]

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((c for c in self.columns if c.name == name), None)


@cache
def _loader() -> botocore.loaders.Loader:
    return botocore.loaders.create_loader()


@cache
def service_model(service: str) -> botocore.model.ServiceModel:
    """Botocore's model of one service, e.g. `s3`."""
    return botocore.model.ServiceModel(
        _loader().load_service_model(service, "service-2"), service_name=service
    )


def iam_action(table: Table, call: Call) -> str:
    """The IAM action that allows the call: spelled in the table, or `prefix:Operation`."""
    if call.action:
        return call.action
    service = call.service or table.service
    prefix = table.iam_prefix if service == table.service and table.iam_prefix else ""
    return f"{prefix or service_model(service).signing_name}:{call.operation}"


def _operation(table: Table, call: Call) -> botocore.model.OperationModel:
    return service_model(call.service or table.service).operation_model(call.operation)


def item_shape(table: Table, tables: dict[str, Table]) -> Shape | None:
    """The shape of one item of the table; None where a `transform` or a JMESPath decides it."""
    if table.source:
        base = item_shape(tables[table.source], tables)
        return shape_at(base, table.items)[0] if base and is_plain(table.items) else None
    call = table.describe or table.list
    if call is None:
        return None
    output = _operation(table, call).output_shape
    if call.items and not is_plain(call.items):
        return None
    return shape_at(output, call.items)[0]


def first_sentence(text: str | None) -> str:
    """AWS's documentation without markup, cut after its first sentence."""
    plain = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text or ""))).strip()
    plain = re.sub(r"\s+([.,;:])", r"\1", plain)
    match = re.match(r"(.+?[.!?])(\s|$)", plain)
    return (match.group(1) if match else plain)[:300]


def type_of(shape: Shape, many: bool) -> Type:  # noqa: FBT001 as `shape_at` gives the pair
    """The column type for a shape: scalars as they are, lists of scalars, all else JSON text."""
    kind = str(shape.type_name)
    if many:
        return "strings" if kind in ("string", "integer", "long") else "json"
    if kind == "list":
        return "strings" if shape.member.type_name in ("string", "integer", "long") else "json"
    return _SCALARS.get(kind, "json")


def _column(name: str, source: str | Col, shape: Shape | None, call: int) -> Column:
    """The stored column for a declared one; raises `LookupError` where the path is wrong."""
    declared = source if isinstance(source, Col) else Col(source)
    doc, kind = declared.doc, declared.type
    if kind is None or not doc:
        if shape is None or not is_plain(declared.path):
            if kind is None:
                raise LookupError(f"{declared.path!r} needs a type: col(path, type, doc)")
        else:
            try:
                found, many = shape_at(shape, declared.path)
            except LookupError:
                if kind is None:
                    raise
            else:
                kind = kind or type_of(found, many)
                doc = doc or first_sentence(found.documentation)
    assert kind is not None
    return Column(name, kind, doc, call)


def _ref_column(name: str, ref: Ref, table: Table, tables: dict[str, Table]) -> Column:
    if ref.source == "lookup":
        other, _, value = ref.path.partition(".")
        found = describe(tables[other], tables).column(value) if other in tables else None
        if found is None:
            raise LookupError(f"there is no {ref.path} to look up")
        return Column(name, found.type, f"{found.doc} (of the {other} in {ref.default})")
    if ref.source == "context":
        return Column(name, "string", f"The {ref.path} that was read.")
    if table.parent:
        found = describe(tables[table.parent], tables).column(ref.path)
        if found is None:
            raise LookupError(f"the parent {table.parent} has no column {ref.path}")
        return Column(name, found.type, found.doc)
    if table.source:
        shape = item_shape(tables[table.source], tables)
        return _column(name, ref.path, shape, -1)
    raise LookupError(f"{name} refers to a parent, but the table has none")


def look_up(table: Table, tables: dict[str, Table]) -> TableSchema:
    """The schema computed from the service model; `LookupError` says what is wrong."""
    columns = {n: Column(n, kind, doc) for n, (kind, doc) in STANDARD.items()}
    shape = item_shape(table, tables)
    for name, source in table.columns.items():
        if isinstance(source, Ref):
            columns[name] = _ref_column(name, source, table, tables)
        else:
            columns[name] = _column(name, source, shape, -1)
    for index, call in enumerate(table.details):
        output = _operation(table, call).output_shape
        if call.items:
            output = shape_at(output, call.items)[0] if is_plain(call.items) else None
        for name, detail in call.columns.items():
            kind = STANDARD["tags"][0] if name == "tags" else None
            declared = detail if isinstance(detail, Col) else Col(detail, type=kind)
            columns[name] = _column(name, declared, output, index)
    calls = table.calls()
    doc = table.doc or (first_sentence(shape.documentation) if shape is not None else "")
    if not doc and calls:
        doc = first_sentence(_operation(table, calls[0]).documentation)
    return TableSchema(
        table.name,
        doc,
        tuple(columns.values()),
        tuple(iam_action(table, c) for c in calls),
        tuple(f"{c.service or table.service}:{c.operation}" for c in calls),
    )


def digest(table: Table) -> str:
    """Changes when the declaration does, so that a stale `schema.json` is never used."""
    text = repr((table.name, table.service, table.iam_prefix, table.doc, table.columns))
    text += repr([(c, sorted(c.columns)) for c in table.calls()])
    text += repr((table.source, table.items, table.parent))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _shipped() -> dict[str, Any]:
    file = resources.files("sharedline.collect") / "schema.json"
    return dict(json.loads(file.read_text("utf-8"))) if file.is_file() else {}


_CACHE: dict[tuple[str, str], TableSchema] = {}
#: By the identity of the declaration, which is kept with it: a digest costs more than a look-up, and
#: every table of every shard asks (3 % of a scan's CPU, measured 2026-11-21).
_KNOWN: dict[int, tuple[Table, TableSchema]] = {}


def describe(table: Table, tables: dict[str, Table]) -> TableSchema:
    """The table's schema: from `schema.json` where it is current, else from the service model."""
    known = _KNOWN.get(id(table))
    if known is not None and known[0] is table:
        return known[1]
    key = (table.name, digest(table))
    if key not in _CACHE:
        kept = _shipped().get(table.name)
        if kept and kept["digest"] == key[1]:
            columns = tuple(Column(*c) for c in kept["columns"])
            _CACHE[key] = TableSchema(
                table.name, kept["doc"], columns, tuple(kept["actions"]), tuple(kept["operations"])
            )
        else:
            _CACHE[key] = look_up(table, tables)
    _KNOWN[id(table)] = (table, _CACHE[key])
    return _CACHE[key]


def dump(tables: dict[str, Table]) -> str:
    """The text of `schema.json` for the given tables."""
    out: dict[str, Any] = {}
    for name in sorted(tables):
        schema = look_up(tables[name], tables)
        out[name] = {
            "digest": digest(tables[name]),
            "doc": schema.doc,
            "columns": [list(asdict(c).values()) for c in schema.columns],
            "actions": schema.actions,
            "operations": schema.operations,
        }
    return json.dumps(out, indent=1, ensure_ascii=False) + "\n"


def problems(table: Table, tables: dict[str, Table]) -> Iterable[str]:
    """What is wrong with a declaration, one sentence each; nothing when it is right."""
    for call in table.calls():
        try:
            model = _operation(table, call)
        except Exception as error:  # noqa: BLE001 botocore raises several unrelated kinds here
            yield f"{table.name}: {call.operation}: {error}"
            continue
        members = model.input_shape.members if model.input_shape else {}
        for param in [*call.params, *([call.batch] if call.batch else [])]:
            if param not in members:
                yield f"{table.name}: {call.operation} has no parameter {param}"
        required = set(model.input_shape.required_members) if model.input_shape else set()
        missing = required - set(call.params) - {call.batch}
        if missing:
            yield f"{table.name}: {call.operation} needs {', '.join(sorted(missing))}"
    for other in (table.parent, table.source):
        if other and other not in tables:
            yield f"{table.name}: there is no table {other}"
            return
    try:
        look_up(table, tables)
    except (LookupError, AssertionError) as error:
        yield f"{table.name}: {error}"
