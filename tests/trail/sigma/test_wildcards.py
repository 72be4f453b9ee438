"""Sigma's wildcards against a plain reading of them in Python, over made-up texts."""

from __future__ import annotations

import re
import warnings
from ipaddress import ip_address, ip_network

from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.types import SigmaString

from sharedline.inventory.engines import Duck
from sharedline.trail.sigma.conditions import _parts
from sharedline.trail.sigma.dialect import Dialect
from sharedline.trail.sigma.matches import Network, Text, required

DUCK = Duck()
ALPHABET = "aB%_!\\*?.'\né"
PATTERNS = st.text(ALPHABET, max_size=6)
VALUES = st.text("aAbB%_!\\*?.'\néÉ", max_size=8)


def expected(pattern: str, value: str) -> bool:
    """Reads the pattern character by character, as Sigma's specification says."""
    made, at = "", 0
    while at < len(pattern):
        char, after = pattern[at], pattern[at + 1 : at + 2]
        if char == "\\" and after and after in "*?\\":
            made += re.escape(after)
            at += 2
            continue
        made += ".*" if char == "*" else "." if char == "?" else re.escape(char)
        at += 1
    return re.fullmatch(made, value, re.DOTALL | re.IGNORECASE) is not None


def answer(sql: str, value: str) -> bool:
    found = DUCK.con.execute(f"select {sql} from (select ? as v)", [value]).fetchall()
    return bool(found[0][0])


@given(pattern=PATTERNS, value=VALUES)
@settings(max_examples=400)
def test_wildcards_mean_what_sigma_says(pattern: str, value: str) -> None:
    sql = Text(_parts(SigmaString(pattern))).sql("lower(v)", Dialect())
    assert answer(sql, value) == expected(pattern, value)


@given(pattern=PATTERNS)
@settings(max_examples=200)
def test_a_text_without_wildcards_matches_itself(pattern: str) -> None:
    literal = pattern.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
    sql = Text(_parts(SigmaString(literal)), cased=True).sql("v", Dialect())
    assert answer(sql, pattern)


@given(
    address=st.ip_addresses(v=4),
    base=st.ip_addresses(v=4),
    bits=st.integers(min_value=0, max_value=32),
    near=st.booleans(),
)
@settings(max_examples=300)
def test_networks_hold_the_addresses_that_python_says(
    address: object, base: object, bits: int, *, near: bool
) -> None:
    network = ip_network(f"{base}/{bits}", strict=False)
    inside = ip_address(str(address))
    if near:  # an address of the network, or right beside it
        inside = ip_address(min(2**32 - 1, int(network[-1]) + int(inside) % 2))
    sql = Network(network).sql("v", Dialect())
    assert answer(sql, str(inside)) == (inside in network)


def test_what_is_no_address_is_in_no_network() -> None:
    sql = Network(ip_network("0.0.0.0/0")).sql("v", Dialect())
    for value in ("AWS Internal", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1.2.3.4\n", "", "::1"):
        assert not answer(sql, value)


@given(
    pattern=st.text("abcde.*+?^$|()[]{}\\0,1", min_size=3, max_size=14),
    value=st.text("abcde", max_size=12),
)
@settings(max_examples=600)
def test_what_a_pattern_requires_is_in_all_that_it_matches(pattern: str, value: str) -> None:
    word = required(pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", FutureWarning
            )  # of `[[`, which RE2 reads as Python does
            re.compile(pattern)
        matched = re.search(pattern, value) is not None
    except (re.error, OverflowError):
        return
    assert not matched or word in value


def test_the_word_that_a_pattern_requires() -> None:
    assert required(".+:assumed-role/aws:.+") == ":assumed-role/aws:"
    assert required(":assumed-role/[^/]+/i-[0-9A-Fa-f]{8,17}$") == ":assumed-role/"
    assert required("^abcdx?ef$") == "abcd"
    assert required("abcdx{0,2}") == "abcd"
    assert required("abcd|efgh") == required("(abcdef)?") == required(r"abcd\d") == ""
