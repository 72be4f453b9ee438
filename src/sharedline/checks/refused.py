"""SQL that names, for an answer which is unknown, the call that was refused and by which code."""

from __future__ import annotations

from collections.abc import Iterable

from sharedline.inventory.engines import quoted

#: An answer's own row first; then the rows that were joined to it, nearest first: the answer for an
#: account x Region is unknown because of a detector that could not be read.
_NEAREST = {
    "own": ("true", "arn", "own.arn = a.resource"),
    "near": (
        "joined",
        "account_id, region",
        "near.account_id = a.account_id and near.region = a.region",
    ),
    "same": ("joined", "account_id", "same.account_id = a.account_id"),
    "far": ("joined", "", "true"),
}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def unlisted_of(account_id: str, region: str, call: str, code: str) -> str:
    """One row as of `failures_of` for a listing that failed, so that it gave no row."""
    return (
        f"select null::varchar as arn, {_text(account_id)} as account_id, {_text(region)} as region, "
        f"true as joined, {_text(call)} as call, {_text(code)} as code"
    )


def failures_of(table: str, calls: Iterable[str], *, joined: bool) -> str:
    """SQL giving (arn, account_id, region, joined, call, code) of the rows where `calls` failed."""
    listed = ", ".join(_text(call) for call in sorted(calls))
    return (
        f"select arn, account_id, region, {joined} as joined, split_part(e, ' ', 1) as call, "
        "split_part(e, ' ', 2) as code from (select arn, account_id, region, "
        f"unnest(_errors) as e from {quoted(table)} where len(_errors) > 0) "
        f"where split_part(e, ' ', 1) in ({listed})"
    )


def nearest(failures: str | None) -> tuple[str, str, str, str]:
    """CTEs and joins onto the answers `a`, and SQL for the call that failed and for its code."""
    if not failures:
        return "", "", "null::varchar", "null::varchar"
    ctes, joins = [f"failed as ({failures})"], []
    for name, (where, key, on) in _NEAREST.items():
        listed, grouped = (f"{key}, ", f" group by {key}") if key else ("", "")
        ctes.append(
            f"{name} as (select {listed}min(call) as call, min_by(code, call) as code "
            f"from failed where {where}{grouped})"
        )
        joins.append(f"left join {name} on {on}")
    call, code = (
        f"coalesce({', '.join(f'{name}.{column}' for name in _NEAREST)})"
        for column in ("call", "code")
    )
    return ", ".join(ctes) + ",", " ".join(joins), call, code
