"""Makes a scan's tables known to an engine, with the columns that are looked up in other tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sharedline.collect.catalogue import catalogue
from sharedline.collect.table import Ref, Table, Type
from sharedline.inventory.engines import Engine

Files = Callable[[str], tuple[Sequence[str], Mapping[str, Type] | None, int]]


def lookups(table: Table) -> dict[str, Ref]:
    """The columns that are looked up in other tables."""
    return {
        name: source
        for name, source in table.columns.items()
        if isinstance(source, Ref) and source.source == "lookup"
    }


def looked_up(table: Table, columns: frozenset[str] | set[str]) -> dict[str, set[str]]:
    """What reading these columns of a table needs of other tables (and of itself)."""
    out: dict[str, set[str]] = {}
    for name, ref in lookups(table).items():
        if name in columns:
            other, _, value = ref.path.partition(".")
            out.setdefault(other, set()).update({"arn", value})
            out.setdefault(table.name, set()).add(str(ref.default))
    return out


def view_sql(columns: Mapping[str, Type], found: Mapping[str, Ref], stored: str) -> str:
    """The SELECT that joins the looked-up columns to the stored ones; portable over engines."""
    selected, joins = [], []
    for name in columns:
        if name not in found:
            selected.append(f"b.{name} as {name}")
            continue
        other, _, value = found[name].path.partition(".")
        on, alias = str(found[name].default), f"k_{name}"
        selected.append(f"case when b.{on} = '' then '' else {alias}.v end as {name}")
        joins.append(
            f"left join (select arn, min({value}) as v from {other} group by arn) {alias} "
            f"on {alias}.arn = b.{on}"
        )
    return f"select {', '.join(selected)} from {stored} b {' '.join(joins)}"


def register(
    engine: Engine,
    name: str,
    look: Callable[[str], Mapping[str, Type] | None],
    files: Files,
    done: set[str],
) -> None:
    """Registers a table (once) and those that its looked-up columns need.

    `files` gives a table's paths, stored columns and rows; `done` remembers what is registered.
    """
    if name in done:
        return
    columns = look(name)
    if columns is None:
        raise LookupError(name)
    done.add(name)
    paths, stored, rows = files(name)
    table = catalogue().get(name)
    found = lookups(table) if table else {}
    if not found:
        engine.files(name, paths, columns, stored, rows)
        return
    for ref in found.values():
        register(engine, ref.path.partition(".")[0], look, files, done)
    engine.files(f"{name}__stored", paths, columns, stored, rows)
    engine.view(name, view_sql(columns, found, f"{name}__stored"))
