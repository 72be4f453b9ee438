"""Tests of one value, as SQL: equality, wildcards, patterns, numbers, networks, presence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from sharedline.trail.sigma.dialect import Dialect
from sharedline.trail.sigma.fields import Place

_CLASS = re.compile(r"\[\^?\]?[^\[\]\\]*\]")
_TIMES = re.compile(r"\{\d+(?:,\d*)?\}")
_RUN = re.compile(r"[^\0.^$*+?]+[*?]?")
_NUMBER = r"^[+-]?[0-9]{1,300}(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?\z"
_OCTET = "25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9]"


def lower(text: str) -> str:
    """Lower case, character by character, as engines do it."""
    if text.isascii():
        return text.lower()
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@dataclass(frozen=True)
class Text:
    """Equal to a text with wildcards (`many` is `*`, `one` is `?`), ignoring case unless `cased`."""

    parts: tuple[str | Literal[0, 1], ...]
    cased: bool = False

    def sql(self, value: str, d: Dialect) -> str:
        """The test over a value, which is in lower case unless `cased`."""
        parts = self.parts if self.cased else tuple(_lowered(p) for p in self.parts)
        match parts:
            case ():
                return f"({value} = '')"
            case (str(only),):
                return f"({value} = {d.text(only)})"
            case (0,):
                return f"({value} is not null)"
            case (str(first), 0):
                return d.starts(value, d.text(first))
            case (0, str(last)):
                return d.ends(value, d.text(last))
            case (0, str(inner), 0):
                return d.contains(value, d.text(inner))
        return d.like(value, "".join(_like(p) for p in parts))


def _lowered(part: str | Literal[0, 1]) -> str | Literal[0, 1]:
    return lower(part) if isinstance(part, str) else part


def _like(part: str | Literal[0, 1]) -> str:
    if isinstance(part, str):
        return part.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return "_" if part else "%"


@dataclass(frozen=True)
class Regex:
    """A pattern (RE2) is found in it."""

    pattern: str
    cased: bool = True

    def sql(self, value: str, d: Dialect) -> str:
        """The test over a value: looking for a word first is ten times as fast as the pattern."""
        found = d.regex(value, self.pattern)
        word = required(self.pattern)
        return f"({d.contains(value, d.text(word))} and {found})" if word else found


def required(pattern: str) -> str:
    """A text that all that a plain pattern matches must hold; empty where that is not plain."""
    plain = _CLASS.sub("\0", pattern)
    plain = _TIMES.sub("*", plain)
    if any(char in plain for char in "|()\\{}[]"):
        return ""
    runs = _RUN.findall(plain)
    words = [run[:-2] if run[-1] in "*?" else run for run in runs]
    longest = max(words, key=len, default="")
    return longest if len(longest) > 3 else ""


@dataclass(frozen=True)
class Number:
    """Compared with a number; what is no number is not."""

    sign: Literal["=", "<", "<=", ">", ">=", "<>"]
    number: float
    cased: bool = True

    def sql(self, value: str, d: Dialect) -> str:
        """The test over a value."""
        if self.sign == "=" and isinstance(self.number, int):
            exact = f"({value} = {d.text(str(self.number))})"
            return f"({exact} or {self._compared(value, d)})"
        return self._compared(value, d)

    def _compared(self, value: str, d: Dialect) -> str:
        guarded = f"case when {d.regex(value, _NUMBER)} then {value} end"
        return f"(try_cast({guarded} as double) {self.sign} {float(self.number)!r})"


@dataclass(frozen=True)
class Network:
    """An address in a network."""

    network: IPv4Network | IPv6Network
    cased: bool = True

    def sql(self, value: str, d: Dialect) -> str:
        """The test over a value."""
        net = self.network
        if isinstance(net, IPv6Network):
            # The place of such a test gives addresses as digits.
            low, high = (f"{int(a):032x}" for a in (net[0], net[-1]))
            return f"({value} between '{low}' and '{high}')"
        return d.regex(value, _pattern(net))


def _pattern(network: IPv4Network) -> str:
    """The addresses of a network as a pattern: four times as fast as taking them apart."""
    low, high = network[0].packed, network[-1].packed
    parts = []
    for first, last in zip(low, high, strict=True):
        whole = (first, last) == (0, 255)
        parts.append(_OCTET if whole else "|".join(map(str, range(first, last + 1))))
    return "^" + r"\.".join(f"(?:{part})" for part in parts) + r"\z"


@dataclass(frozen=True)
class Named:
    """JSON text names a member, whatever its case; without it nothing is at the member's path."""

    words: tuple[str, ...]
    cased: bool = True

    def sql(self, value: str, d: Dialect) -> str:
        """The test over a text: one pattern for all words, so that it is read once."""
        return d.regex(value, f"(?i)(?:{'|'.join(self.words)})")


@dataclass(frozen=True)
class Exists:
    """The field is there."""

    cased: bool = True

    def sql(self, value: str, d: Dialect) -> str:  # noqa: ARG002 all tests are called alike
        """The test over a value."""
        return f"({value} is not null)"


@dataclass(frozen=True)
class Same:
    """Equal to another field's value, or beginning or ending with it, or both: holding it."""

    place: Place
    starts: bool = False
    ends: bool = False
    cased: bool = False

    def against(self, value: str, other: str, d: Dialect) -> str:
        """The test of a value against another."""
        if self.starts and self.ends:
            return d.contains(value, other)
        if self.starts:
            return d.starts(value, other)
        return d.ends(value, other) if self.ends else f"({value} = {other})"


@dataclass(frozen=True)
class Part:
    """A part of a time (`hour`, `day`, …) is a number."""

    unit: str
    number: int
    cased: bool = True

    def sql(self, value: str, d: Dialect) -> str:  # noqa: ARG002
        """The test over a time."""
        return f"(extract({self.unit} from {value}) = {self.number})"


Test = Text | Regex | Number | Network | Named | Exists | Same | Part
