"""Refuses SQL that DuckDB and Spark answer differently, which the transpiler does not notice.

Each was met by running the same rows on both (DuckDB 2.0, Spark 4.3, sqlglot 30.30; 2026-11-21).
"""

from __future__ import annotations

from sqlglot import exp

_COUNTED = "it counts units crossed here and whole units there: write x < scan.as_of - interval …"
_NOT_PORTABLE: tuple[tuple[type[exp.Expression], str, str], ...] = (
    (exp.DateDiff, "date_diff", _COUNTED),
    (exp.TimestampDiff, "a difference of timestamps", _COUNTED),
    (exp.Comprehension, "a list comprehension", "use a child table"),
    (exp.Concat, "concat", "it skips NULL here, and is NULL there: write a || b"),
    (exp.JSONPathWildcard, "a JSON wildcard", "use a child table"),
)


def unportable(node: exp.Expression) -> str:
    """What of the query's node is not portable and what to write instead; empty when it is."""
    for kind, name, instead in _NOT_PORTABLE:
        if isinstance(node, kind):
            return f"{name} is not portable ({instead})"
    if isinstance(node, exp.Join) and node.side == "LEFT" and node.find(exp.Unnest, exp.Explode):
        return "left join unnest is not portable (it loses rows there: use a child table)"
    if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.INET:
        return "inet is not portable (it is an extension: use the address columns of the table)"
    if isinstance(node, exp.Div | exp.IntDiv | exp.Mod) and not _guarded(node.expression):
        return "a division by what may be zero is not portable (write a / nullif(b, 0))"
    return ""


def _guarded(divisor: exp.Expression) -> bool:
    divisor = divisor.unnest()
    if isinstance(divisor, exp.Literal):
        return bool(divisor.to_py() != 0)
    return isinstance(divisor, exp.Nullif)


def list_length(column: exp.Column, sql_type: str) -> bool:
    """Whether the column is a list whose length is taken: there, the length of a text."""
    return sql_type.endswith("[]") and isinstance(column.parent, exp.Length)
