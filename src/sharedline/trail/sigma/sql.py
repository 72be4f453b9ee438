"""The one query that tries rules on events, for either engine.

Events come with the rules that their source and name leave possible; a `case` over the rule's
number then tries that rule alone. JSON is looked into once an event, and only where a rule asks.
"""

from __future__ import annotations

from collections.abc import Mapping

from sharedline.trail.sigma import fields
from sharedline.trail.sigma.dialect import Dialect
from sharedline.trail.sigma.fields import Place
from sharedline.trail.sigma.matches import Exists, Named, Part, Same, Text
from sharedline.trail.sigma.model import Rule
from sharedline.trail.sigma.tree import Every, Known, Leaf, Never, Node, Some, leaves

_PRINCIPAL = (
    "coalesce({who}.{arn}, {who}.{sessioncontext}.{sessionissuer}.{arn}, {who}.{invokedby}, "
    "{who}.{principalid}, {who}.{username})"
)
#: What a detection says of an event.
_INFO = (
    ("id", "eventid"),
    ("moment", "eventtime"),
    ("account", "coalesce(recipientaccountid, {who}.{accountid})"),
    ("region", "awsregion"),
    (
        "principal",
        _PRINCIPAL,
    ),
    ("service", "coalesce(eventsource, '')"),
    ("action", "coalesce(eventname, '')"),
    ("error", "coalesce(errorcode, errormessage)"),
)
INFO = tuple(name for name, _ in _INFO)
NAME_FIELDS = (Place("text", ("eventsource",)), Place("text", ("eventname",)))


class Writer:
    """Writes conditions of rules, and gathers the columns and JSON paths that they stand on."""

    def __init__(self, dialect: Dialect) -> None:
        self.d = dialect
        self._plain: dict[str, str] = {}
        #: JSON columns by their members' names: the paths wanted of each.
        self.paths: dict[tuple[str, ...], list[tuple[str, ...]]] = {}

    # -- values ------------------------------------------------------------------------------

    def _column(self, sql: str) -> str:
        return self._plain.setdefault(sql, f"v{len(self._plain)}")

    def _direct(self, place: Place) -> str:
        d = self.d
        if place.names[-1] == "*":
            inner = fields.members(place.names[:-1])
            return d.array([d.column(*names) for names in inner])
        column = d.column(*place.names)
        if place.kind == "bool":
            return f"cast({column} as {d.string})"
        if place.kind == "time":
            return d.moment(column)
        if place.kind == "resources":
            return d.members(d.column(place.names[0]), place.names[1])
        return column

    def value(self, place: Place, *, cased: bool) -> str:
        """The value (or list of values) of a place, in lower case unless `cased` or a list."""
        if place.path:
            paths = self.paths.setdefault(place.names, [])
            if place.path not in paths:
                paths.append(place.path)
            number = list(self.paths).index(place.names)
            return self.d.item(f"j{number}", paths.index(place.path))
        direct = self._direct(place)
        folded = not cased and not place.several and place.kind not in ("bool", "time")
        return self._column(f"lower({direct})" if folded else direct)

    def first(self, place: Place) -> str:
        """One value of a place as text."""
        found = self.value(place, cased=True)
        return self.d.item(found, 0) if place.several else found

    # -- conditions --------------------------------------------------------------------------

    def condition(self, node: Node) -> str:
        """A condition as SQL; NULL in it means false, and never outside a NOT."""
        match node:
            case Known():
                return "true" if node.value else "false"
            case Every():
                return "(" + " and ".join(map(self.condition, node.parts)) + ")"
            case Some():
                return self._some(node)
            case Never():
                return f"(not coalesce({self.condition(node.part)}, false))"
        return self._leaf(node)

    def _some(self, node: Some) -> str:
        """Alternatives; the many plain texts of one field become one list."""
        lists: dict[Place, list[str]] = {}
        named: dict[Place, list[str]] = {}
        parts: list[str] = []
        for part in node.parts:
            if isinstance(part, Leaf) and isinstance(part.test, Named):
                named.setdefault(part.place, []).extend(part.test.words)
            elif isinstance(part, Leaf) and not part.place.several and (text := _plain(part.test)):
                lists.setdefault(part.place, []).append(self.d.text(text))
            else:
                parts.append(self.condition(part))
        for place, texts in lists.items():
            parts.append(f"({self.value(place, cased=False)} in ({', '.join(texts)}))")
        parts += [self.condition(Leaf(p, Named(tuple(sorted({*w}))))) for p, w in named.items()]
        return "(" + " or ".join(parts) + ")"

    def _leaf(self, leaf: Leaf) -> str:
        place, test = leaf.place, leaf.test
        if isinstance(test, Same):
            return self._same(place, test)
        if isinstance(test, Part):
            return test.sql(self._column(self.d.column(*place.names)), self.d)
        if not place.several:
            cased = test.cased or place.kind in ("bool", "time")
            found = self.value(place, cased=test.cased)
            if isinstance(test, Text) and cased and not test.cased:
                found = f"lower({found})"
            return test.sql(found, self.d)
        values = self.value(place, cased=True)
        if isinstance(test, Exists) and place.path:
            return f"({values} is not null)"
        return self.d.any(values, lambda x: test.sql(x if test.cased else f"lower({x})", self.d))

    def _same(self, place: Place, test: Same) -> str:
        def folded(value: str) -> str:
            return value if test.cased else f"lower({value})"

        def against(value: str) -> str:
            other = self.value(test.place, cased=True)
            if test.place.several:
                return self.d.any(
                    other, lambda y: test.against(folded(value), folded(y), self.d), "y"
                )
            return test.against(folded(value), folded(other), self.d)

        found = self.value(place, cased=True)
        return self.d.any(found, against) if place.several else against(found)

    # -- the query ---------------------------------------------------------------------------

    def base(self, where: str) -> str:
        """Events with what detections say of them and the plain columns that conditions read."""
        d = self.d
        names = {n: d.column(n) for n in ("arn", "accountid", "invokedby", "principalid")}
        names |= {n: d.column(n) for n in ("username", "sessioncontext", "sessionissuer")}
        names["who"] = d.column("useridentity")
        columns = [f"{sql.format(**names)} as {name}" for name, sql in _INFO]
        columns += [f"{sql} as {name}" for sql, name in self._plain.items()]
        columns += [f"{d.column(*c)} as t{n}" for n, c in enumerate(self.paths)]
        return f"select {', '.join(columns)} from cloudtrail{where}"

    def found(self, candidates: str, rules: Mapping[int, Rule]) -> str:
        """Of candidate events, with the number of a rule to try on each: those that it matches."""
        tried = " ".join(
            f"when {number} then {self.condition(rule.condition)}"
            for number, rule in rules.items()
            if rule.condition is not None
        )
        keys = " ".join(
            f"when {number} then {self.keys(rule)}" for number, rule in rules.items() if rule.keys
        )
        kept = f"case rule {keys} end" if keys else "null"
        return (
            f"select rule, {', '.join(INFO)}, {kept} as keys from ({candidates}) as k "
            f"where case rule {tried} else false end"
        )

    def keys(self, rule: Rule) -> str:
        """What correlations group and count the rule's matches by, as one list."""
        places = [place for several in rule.keys.values() for place in several]
        return self.d.array([self._text(p) for p in places]) if places else "null"

    def matched(self, number: int, rule: Rule, matched: str) -> str:
        """The matches of one rule, as `found` gives those of many."""
        return f"select {number} as rule, {', '.join(INFO)}, {self.keys(rule)} as keys {matched}"

    def _text(self, place: Place) -> str:
        return f"cast({self.first(place)} as {self.d.string})"

    def looked_into(self, functions: str, needs: str = "") -> list[str]:
        """The columns of what is found in JSON, by an engine's functions for it."""
        found = []
        for number in range(len(self.paths)):
            call = f"{functions}{number}(t{number})"
            guarded = f"case when {needs}{number} then {call} end" if needs else call
            found.append(f"{guarded} as j{number}")
        return found

    @property
    def columns(self) -> list[str]:
        """The columns of `base` that conditions and detections read as they are."""
        return [*INFO, *self._plain.values()]

    def plain(self) -> str:
        """The plain columns as expressions with their names."""
        return ", ".join(f"{sql} as {name}" for sql, name in self._plain.items())

    def needs(self, rule: Rule) -> list[bool]:
        """Which of the JSON columns a rule looks into."""
        places = [leaf.place for leaf in leaves(rule.condition or Known(value=True))]
        places += [
            leaf.test.place
            for leaf in leaves(rule.condition or Known(value=True))
            if isinstance(leaf.test, Same)
        ]
        places += [p for several in rule.keys.values() for p in several]
        columns = {p.names for p in places if p.path}
        return [names in columns for names in self.paths]


def _plain(test: object) -> str:
    """The text in lower case that a test compares with, where it only does that."""
    if isinstance(test, Text) and not test.cased and len(test.parts) == 1:
        only = test.parts[0]
        if isinstance(only, str):
            from sharedline.trail.sigma.matches import lower

            return lower(only)
    return ""
