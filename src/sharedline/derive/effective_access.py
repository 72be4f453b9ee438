"""The table `effective_access`: who can do each sensitive action, on what, and by which statement.

Only *yes* and *depends* have rows, and *unknown* where a policy that matters was not readable; no
row is a *no*. Resources of one account with the same answer are named one by one, the first few of
many, or as `*` where they are all that the scan knows of there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.iam.access.estate import OPTIONAL, READS, Estate, build
from sharedline.iam.access.sensitive import Group, groups
from sharedline.iam.access.targets import Targets
from sharedline.iam.access.who_can import Map, Word, ask
from sharedline.iam.actions import find

#: Resources of one account that are named for a principal and action; the others are counted.
NAMED = 10


class _Asked:
    """One action over an estate."""

    def __init__(self, over: Map, group: Group, action: str) -> None:
        self.over, self.group, self.action = over, group, action
        owners = over.atlas.accounts
        self.whole: dict[str, int] = defaultdict(int)
        for at, account in enumerate(owners):
            self.whole[account] |= 1 << at

    def rows(self) -> Iterator[Row]:
        """One row for each principal, answer and resource, or for all of an account."""
        for principal, reach in self.over.reach(self.action).items():
            words: tuple[tuple[Word, int], ...] = (
                ("yes", reach.yes),
                ("depends", reach.depends),
                ("unknown", reach.unknown),
            )
            for word, bits in words:
                for account, mask in self.whole.items() if bits else ():
                    if bits & mask:
                        yield from self._of_account(principal, word, account, bits & mask)

    def _of_account(self, principal: str, word: Word, account: str, bits: int) -> Iterator[Row]:
        names = self.over.select(bits)
        if bits == self.whole[account] and (len(names) > 1 or "*" in names[0]):
            whole = self._row(principal, word, account, names[0])
            yield {**whole, "resource": "*", "resource_count": len(names)}
            return
        for name in names[:NAMED]:
            yield self._row(principal, word, account, name)
        if len(names) > NAMED:
            more = len(names) - NAMED
            last = self._row(principal, word, account, names[-1])
            yield {**last, "resource": f"({more} more)", "resource_count": more}

    def _row(self, principal: str, word: Word, account: str, name: str) -> Row:
        found = ask(self.over.estate, principal, self.action, name)
        home = self.over.estate.principals[principal]
        return {
            "arn": principal,
            "account_id": home.account,
            "region": "global",
            "table_name": home.table_name,
            "principal": principal,
            "action": self.action,
            "action_group": self.group.name,
            "duty": self.group.duty,
            "resource": name,
            "resource_count": 1,
            "resource_account": account or home.account,
            "answer": word,
            "condition": "; ".join(map(str, found.conditions)),
            "via": "; ".join(map(str, found.decision.deciding)) or found.decision.reason,
        }


def _rows(estate: Estate) -> Iterator[Row]:
    targets = Targets(estate)
    maps: dict[tuple[str, ...], Map] = {}
    for group in groups():
        for name in group.actions:
            action = find(name)
            assert action is not None
            on = targets.of(action)
            if on not in maps:
                maps[on] = Map(estate, on)
            yield from _Asked(maps[on], group, name).rows()


def _run(tables: Rows) -> Iterator[Row]:
    yield from _rows(build(tables))


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The user or role."),
    "account_id": ("string", "Its account."),
    "region": ("string", "Always `global`."),
    "table_name": ("string", "`iam_user` or `iam_role`."),
    "principal": ("string", "The user or role, again."),
    "action": ("string", "The sensitive action."),
    "action_group": ("string", "What kind of harm it does: power, secrets, logging and so on."),
    "duty": ("string", "The duty that it touches."),
    "resource": (
        "string",
        "The resource; `*` for all of that kind in the account, `(n more)` after the first ten.",
    ),
    "resource_count": ("int", "How many resources the row stands for."),
    "resource_account": ("string", "The account of the resource."),
    "answer": ("string", "`yes`, `depends`, or `unknown` where a policy was not readable."),
    "condition": ("string", "On what it depends."),
    "via": ("string", "The policy and statement that allow it."),
}

EFFECTIVE_ACCESS = Derivation(
    name="effective_access",
    doc="Who can do each sensitive action in effect, on what, and by which statement.",
    reads=READS,
    columns=COLUMNS,
    run=_run,
    optional=OPTIONAL,
)
