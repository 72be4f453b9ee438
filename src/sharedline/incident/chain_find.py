"""The search itself: from what the subject names to all that hangs together with it, in rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sharedline.incident.chain_links import (
    EFFECTS,
    PASSING,
    Pointer,
    is_outside,
    leads,
    origins,
)
from sharedline.incident.chain_points import Pointing
from sharedline.incident.chain_sql import Handle, Trail


@dataclass(frozen=True)
class Limits:
    """How far the search goes."""

    #: From the subject: rounds of following links, credentials and the like, events that lead on.
    rounds: int = 8
    handles: int = 300
    leading: int = 5_000
    #: Steps after folding, and ids of events that are listed with them.
    steps: int = 2_000
    ids: int = 50_000
    #: Before the first and after the last event of the subject; what is usual is older than that.
    before: timedelta = timedelta(hours=24)
    after: timedelta = timedelta(days=7)
    usual: timedelta = timedelta(days=14)
    #: An address with more callers than these is many people's.
    callers: int = 5


@dataclass
class Joined:
    """An event of the chain by itself, and why."""

    row: Mapping[str, Any]
    why: str
    by: str = ""
    weak: bool = False
    #: Whether the subject named it.
    named: bool = False


@dataclass
class Search:
    """What has been found so far."""

    trail: Trail
    limits: Limits
    handles: dict[Handle, Handle] = field(default_factory=dict)
    pointers: dict[Pointer, Pointer] = field(default_factory=dict)
    joined: dict[str, Joined] = field(default_factory=dict)
    #: The addresses of the chain, and when it was first seen there.
    addresses: dict[str, datetime] = field(default_factory=dict)
    #: The sessions of the chain by key and ARN, and where a session's usual addresses are.
    sessions: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    usual: dict[str, frozenset[str]] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _led: set[str] = field(default_factory=set)
    _near: frozenset[str] = frozenset()

    def add(self, found: Iterable[Handle | Pointer]) -> tuple[list[Handle], list[Pointer]]:
        """Those that are new, within the bounds."""
        handles, pointers = [], []
        for one in found:
            if isinstance(one, Handle):
                if one in self.handles:
                    continue
                if len(self.handles) >= self.limits.handles:
                    self._bound("credentials")
                    continue
                self.handles[one] = one
                handles.append(one)
            elif one not in self.pointers and len(self.pointers) >= 10 * self.limits.handles:
                self._bound("origins of credentials")
            elif one not in self.pointers:
                self.pointers[one] = one
                pointers.append(one)
        return handles, pointers

    def _bound(self, what: str) -> None:
        if what not in self.cut:
            self.cut.append(what)

    def run(self, handles: Sequence[Handle], pointers: Sequence[Pointer]) -> None:
        """Follows links until there are no new ones, or the bounds are reached."""
        for _ in range(self.limits.rounds):
            if not handles and not pointers:
                return
            found = self._forward(handles)
            found += self._pointed(pointers)
            handles, pointers = self.add(found)
            more = frozenset(self.addresses)
            if more != self._near:  # what is only near the chain may be near it now
                handles = [*handles, *(h for h in self.handles if h.near and h not in handles)]
                self._near = more
        if handles or pointers:
            self._bound("hops")

    # -- from the chain's own acts ------------------------------------------------------------

    def _forward(self, handles: Sequence[Handle]) -> list[Handle | Pointer]:
        if not handles:
            return []
        where = self.trail.belongs(handles, self.addresses)
        found: list[Handle | Pointer] = []
        for who in self.trail.who(where):
            found += self._session(who, handles)
        passing = " or ".join(f"eventname like '{name}%'" for name in PASSING)
        names = self.trail.listed(EFFECTS)
        dated = " or ".join(
            f"eventname like '{n}20%'"
            for n in ("AddPermission", "CreateFunction", "UpdateFunction")
        )
        effects = (
            f"{where} and errorcode is null and (eventname in ({names}) or {dated} or "
            f"(requestparameters like '%:role/%' and ({passing})))"
        )
        rows = self.trail.rows(effects, self.limits.leading + 1)
        if len(rows) > self.limits.leading:
            self._bound("events that lead on")
        for row in rows[: self.limits.leading]:
            owner = self.owner(row)
            found += self._lead(row, weak=bool(owner and owner.weak))
        return found

    def owner(self, row: Mapping[str, Any]) -> Handle | None:
        """The first handle that an event, or a group of them, belongs to."""
        given = {**row, "last": row.get("last") or row["t"]}
        for handle in self.handles:
            if handle.near and (row["address"] or "") not in self.addresses:
                continue
            if handle.holds(given):
                return handle
        return None

    def _lead(self, row: Mapping[str, Any], *, weak: bool) -> list[Handle | Pointer]:
        if row["id"] in self._led:
            return []
        self._led.add(row["id"])
        return list(leads(row, weak=weak))

    def _session(self, who: Mapping[str, Any], handles: Sequence[Handle]) -> list[Handle | Pointer]:
        """What a session of the chain, seen at an address, leads to."""
        given = {**who, "eventname": "", "things": ()}
        owner = next((h for h in handles if h.holds(given)), None)
        if owner is not None and owner.kind == "exposed":
            return []  # the callers are others, whoever they are
        weak = owner is not None and owner.weak
        address = who["address"] or ""
        machine = owner is not None and owner.machine
        if is_outside(address) and not weak and not machine:
            first = self.addresses.get(address)
            self.addresses[address] = min(first, who["first"]) if first else who["first"]
        key = (who["akey"] or "", who["arn"] or "")
        if key == ("", ""):
            return []
        known = self.sessions.get(key)
        self.sessions[key] = {
            **who,
            "weak": weak and (known is None or known["weak"]),
            "first": min(who["first"], known["first"]) if known else who["first"],
            "last": max(who["last"], known["last"]) if known else who["last"],
        }
        found: list[Handle | Pointer] = [replace(p, weak=weak) for p in origins(who)]
        if who["delivery"] and is_outside(address) and not (weak or machine):
            # The machine gets new keys every few hours; whoever holds one at this address may
            # fetch the next. At the machine's own address that is its own work.
            arn = who["arn"] or ""
            if address not in self._usual(arn):
                why = "uses the same machine's credentials from the same address"
                by = owner.by if owner else ""
                found.append(Handle("arn", arn, only=frozenset({address}), why=why, by=by))
        return found

    def _usual(self, arn: str) -> frozenset[str]:
        """The addresses from which a principal was seen before all this, or is managed."""
        if arn not in self.usual:
            self.usual.update(self.habits([arn]))
        return self.usual[arn]

    def habits(self, arns: Sequence[str]) -> dict[str, frozenset[str]]:
        """The addresses that are usual for principals: used before the span, or by SSM's agent."""
        trail, limits = self.trail, self.limits
        assert trail.since is not None
        wide = trail.within(trail.since - limits.usual, trail.until)
        before = f"t < {trail.moment(trail.since)} or agent like '%amazon-ssm-agent%'"
        rows = wide.ask(
            f"select distinct arn, address from {wide.flat()} e "
            f"where arn in ({wide.listed(arns)}) and ({before}) and address is not null"
        )
        found = defaultdict(set)
        for row in rows:
            found[row["arn"]].add(row["address"])
        return {arn: frozenset(found[arn]) for arn in arns}

    # -- what others did for it, or with what it made -------------------------------------------

    def _pointed(self, pointers: Sequence[Pointer]) -> list[Handle | Pointer]:
        limits = self.limits
        pointing = Pointing(self.trail, self.pointers, limits.leading, limits.usual)
        found: list[Handle | Pointer] = []
        for row in pointing.rows(pointers):
            pointer = next((p for p in pointers if pointing.fits(p, row)), None)
            if pointer is None or row["id"] in self.joined:
                continue
            self.joined[row["id"]] = Joined(row, pointer.why, pointer.by, pointer.weak)
            if pointer.kind in ("role", "passed", "login"):
                found += self._lead(row, weak=pointer.weak)
            found += self._parent(row, pointer)
        return found

    def _parent(self, row: Mapping[str, Any], pointer: Pointer) -> list[Handle | Pointer]:
        """Whoever obtained the chain's credentials belongs to it, as far as seen at its address."""
        address = row["address"] or ""
        backward = pointer.kind in ("issued", "delivered", "login")
        if not backward or not row["akey"] or address not in self.addresses:
            return []
        why = "obtained credentials of the chain, from its address"
        only = frozenset({address})
        return [Handle("key", row["akey"], only=only, why=why, by=row["id"], weak=pointer.weak)]
