"""From pySigma's parsed conditions to our tree; what cannot be said in SQL is refused by name."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from sigma import conditions as sc
from sigma import types as st

from sharedline.inventory.engines import quiet
from sharedline.trail.sigma.fields import WHOLE, Place, place, texts
from sharedline.trail.sigma.matches import Exists, Network, Number, Part, Regex, Same, Test, Text
from sharedline.trail.sigma.tree import Known, Leaf, Node, every, never, some

_SIGNS: dict[st.CompareOperators, Literal["<", "<=", ">", ">=", "<>"]] = {
    st.CompareOperators.LT: "<",
    st.CompareOperators.LTE: "<=",
    st.CompareOperators.GT: ">",
    st.CompareOperators.GTE: ">=",
    st.CompareOperators.NEQ: "<>",
}
_FLAGS = {
    st.SigmaRegularExpressionFlag.IGNORECASE: "i",
    st.SigmaRegularExpressionFlag.MULTILINE: "m",
    st.SigmaRegularExpressionFlag.DOTALL: "s",
}


class NotUnderstoodError(ValueError):
    """A rule says something that this engine does not do."""


def tree(node: Any) -> Node:
    """Our tree of a parsed condition."""
    if isinstance(node, sc.ConditionAND):
        return every([tree(a) for a in node.args if a is not None])
    if isinstance(node, sc.ConditionOR):
        return some([tree(a) for a in node.args if a is not None])
    if isinstance(node, sc.ConditionNOT):
        return never(every([tree(a) for a in node.args if a is not None]))
    if isinstance(node, sc.ConditionFieldEqualsValueExpression):
        return _field(node.field, node.value)
    if isinstance(node, sc.ConditionValueExpression):
        return _word(node.value)
    raise NotUnderstoodError("its condition says nothing")


def _field(field: str, value: st.SigmaType) -> Node:
    if not isinstance(field, str) or "\0" in field:
        raise NotUnderstoodError("a field's name is no text")
    if isinstance(value, st.SigmaExpansion):
        return some([_field(field, v) for v in value.values])
    where = place(field)
    if isinstance(value, st.SigmaString) and value.contains_placeholder():
        return Known(value=False)  # a list of the reader's own, which has nothing in it here
    if isinstance(value, st.SigmaNull | st.SigmaExists):
        there = Leaf(Place("text", where.names) if where.path == WHOLE else where, Exists())
        if isinstance(value, st.SigmaNull):
            return never(there)
        return there if value.exists else never(there)
    if isinstance(value, st.SigmaTimestampPart) and where.kind != "time":
        raise NotUnderstoodError(f"a part of a time is only known of eventTime, not of {field}")
    if isinstance(value, st.SigmaCIDRExpression) and value.network.version == 6:
        if where.kind not in ("text", "json") or where.names[-1] == "*":
            raise NotUnderstoodError(f"{field} is no address")
        where = Place("json", where.names, (*where.path, "|ipv6"))
    return Leaf(where, _test(value))


def _word(value: st.SigmaType) -> Node:
    """A word without a field: in any value of the event."""
    if isinstance(value, st.SigmaExpansion):
        return some([_word(v) for v in value.values])
    test = _test(value)
    if isinstance(test, Text):
        parts = test.parts
        parts = parts if parts[:1] == (0,) else (0, *parts)
        test = Text(parts if parts[-1:] == (0,) else (*parts, 0), test.cased)
    return some([Leaf(where, test) for where in texts()])


def _test(value: st.SigmaType) -> Test:
    match value:
        case st.SigmaString():
            return Text(_parts(value), isinstance(value, st.SigmaCasedString))
        case st.SigmaTimestampPart():
            return Part(value.timestamp_part.name.lower(), int(value.number))
        case st.SigmaNumber():
            return Number("=", value.number)
        case st.SigmaBool():
            return Text(("true" if value.boolean else "false",))
        case st.SigmaRegularExpression():
            return Regex(_pattern(value))
        case st.SigmaCIDRExpression():
            return Network(value.network)
        case st.SigmaCompareExpression():
            if not isinstance(value.number, st.SigmaNumber):
                raise NotUnderstoodError("a comparison with something other than a number")
            if isinstance(value.number, st.SigmaTimestampPart):
                raise NotUnderstoodError("a comparison of a part of a time")
            return Number(_SIGNS[value.op], value.number.number)
        case st.SigmaFieldReference():
            return Same(place(value.field), value.starts_with, value.ends_with)
    raise NotUnderstoodError(f"a value of the kind {type(value).__name__.removeprefix('Sigma')}")


def _parts(value: st.SigmaString) -> tuple[str | Literal[0, 1], ...]:
    found: list[str | Literal[0, 1]] = []
    for part in value.s:
        if isinstance(part, str):
            if "\0" in part:
                raise NotUnderstoodError("a value has a character that no text can hold")
            found.append(part)
        elif part == st.SpecialChars.WILDCARD_SINGLE:
            found.append(1)
        elif found[-1:] != [0]:
            found.append(0)
    return tuple(found)


def _pattern(value: st.SigmaRegularExpression) -> str:
    if value.contains_placeholder():
        raise NotUnderstoodError("a pattern has a placeholder, which stands for nothing here")
    pattern = str(value.regexp)
    if "\0" in pattern:
        raise NotUnderstoodError("a value has a character that no text can hold")
    flags = "".join(sorted(_FLAGS[f] for f in value.flags))
    pattern = f"(?{flags}){pattern}" if flags else pattern
    _checked(pattern)
    return pattern


@cache
def _scratch() -> Any:
    return quiet(threads=1)


def _checked(pattern: str) -> None:
    """Refuses a pattern that RE2, which knows no look-around and no back-reference, cannot do."""
    import duckdb

    try:
        _scratch().execute("select regexp_matches('', ?)", [pattern])
    except duckdb.Error as error:
        told = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
        raise NotUnderstoodError(f"the pattern {pattern!r} cannot be run ({told})") from error
