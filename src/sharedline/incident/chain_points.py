"""Events that point at the chain: who issued its credentials, who uses what it made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sharedline.incident.chain_links import ISSUERS, Pointer, issued_key, parsed, plain_name
from sharedline.incident.chain_sql import Trail

#: Credentials of long standing may have been made at any time before.
_LONG = "AKIA"
#: What a service delivers has the time of the session's beginning, a little apart.
_SECONDS = timedelta(seconds=5)


@dataclass(frozen=True)
class Pointing:
    """The events behind pointers, of which `known` are all so far."""

    trail: Trail
    known: Collection[Pointer]
    limit: int
    usual: timedelta

    def rows(self, pointers: Sequence[Pointer]) -> list[dict[str, Any]]:
        """The events that the pointers may mean, oldest first."""
        if not pointers:
            return []
        trail, limit = self.trail, self.limit
        kinds: dict[str, list[Pointer]] = defaultdict(list)
        for pointer in pointers:
            kinds[pointer.kind].append(pointer)
        parts = []
        issuers = f"eventname in ({trail.listed(ISSUERS)}) and errorcode is null"
        role = trail.member("requestparameters", "roleArn")
        name = trail.member("requestparameters", "roleSessionName")
        keys = [p.value for p in kinds["issued"]]
        if keys:
            parts.append(f"({issuers} and {trail.issued()} in ({trail.listed(keys)}))")
        for p in kinds["delivered"]:
            if p.since is not None:
                span = self._span(p.since - _SECONDS, p.since + _SECONDS)
                parts.append(
                    f"({issuers} and {role} = {trail.literal(p.value)} and {span} and "
                    f"{name} = {trail.literal(p.name)})"
                )
        for p in kinds["login"]:
            if p.since is not None:
                span = self._span(p.since - 180 * _SECONDS, p.since + 24 * _SECONDS)
                signed = "eventname in ('ConsoleLogin', 'SwitchRole') and errorcode is null"
                parts.append(f"({signed} and arn = {trail.literal(p.value)} and {span})")
        for p in (*kinds["role"], *kinds["passed"]):
            short = "/" + p.value.rsplit("/", 1)[-1]
            parts.append(
                f"(eventname like 'AssumeRole%' and errorcode is null and "
                f"right({role}, {len(short)}) = {trail.literal(short)} and "
                f"t >= {trail.moment(p.since or self._since)})"
            )
        rows = trail.rows(" or ".join(parts), limit) if parts else []
        old = [k for k in keys if k.startswith(_LONG)]
        missing = set(old) - {issued_key(r) for r in rows}
        if missing:
            made = (
                f"eventname = 'CreateAccessKey' and {trail.issued()} in ({trail.listed(missing)})"
            )
            rows += trail.within(None, trail.since).rows(made, limit)
        return self._fresh(rows, [*kinds["role"], *kinds["passed"]])

    @property
    def _since(self) -> datetime:
        assert self.trail.since is not None
        return self.trail.since

    def _span(self, first: datetime, last: datetime) -> str:
        return f"t between {self.trail.moment(first)} and {self.trail.moment(last)}"

    def _fresh(
        self, rows: list[dict[str, Any]], pointers: Sequence[Pointer]
    ) -> list[dict[str, Any]]:
        """Without those who assumed the role before it was opened, as they always do."""
        wanted = [p for p in pointers if p.fresh and p.since is not None]
        if not wanted or not rows:
            return rows
        role = self.trail.member("requestparameters", "roleArn")
        before: set[tuple[str, str, str]] = set()
        wide = self.trail.within(self._since - self.usual, self.trail.until)
        for p in wanted:
            assert p.since is not None
            for row in wide.ask(
                f"select distinct coalesce(arn, '') as arn, coalesce(invokedby, '') as service "
                f"from {wide.flat()} e where eventname like 'AssumeRole%' and errorcode is null "
                f"and {role} = {wide.literal(p.value)} and t < {wide.moment(p.since)}"
            ):
                before.add((p.value, row["arn"], row["service"]))
        kept = []
        for row in rows:
            target = parsed(row["requestparameters"]).get("roleArn")
            who = (str(target), row["arn"] or "", row["invokedby"] or "")
            mine = any(p.kind in ("issued", "delivered") for p in self._for(row))
            if mine or who not in before:
                kept.append(row)
        return kept

    def _for(self, row: Mapping[str, Any]) -> list[Pointer]:
        return [p for p in self.known if self.fits(p, row)]

    def fits(self, pointer: Pointer, row: Mapping[str, Any]) -> bool:
        """Whether an event is what a pointer means."""
        request = parsed(row["requestparameters"])
        key = issued_key(row)
        if pointer.kind == "issued":
            return key == pointer.value
        if pointer.kind == "delivered":
            others = any(p.kind == "issued" and p.value == key for p in self.known)
            return (
                request.get("roleArn") == pointer.value
                and request.get("roleSessionName") == pointer.name
                and (not key or others)
                and pointer.since is not None
                and abs(row["t"] - pointer.since) <= _SECONDS
            )
        if pointer.kind == "login":
            return row["eventname"] in ("ConsoleLogin", "SwitchRole") and (
                row["arn"] == pointer.value
            )
        if not plain_name(row["eventname"] or "").startswith("AssumeRole"):
            return False
        same = str(request.get("roleArn")).rsplit("/", 1)[-1] == pointer.value.rsplit("/", 1)[-1]
        late = pointer.since is not None and row["t"] >= pointer.since
        if pointer.kind == "passed":
            return same and late and (row["invokedby"] or "").startswith(pointer.name)
        return same and late and pointer.kind == "role"
