"""Passwords: which are refused, how they are kept (argon2id), how they are checked.

They follow NIST SP 800-63B-4 (July 2025), 3.1.1.2. A password is all that is asked here, so that it
has 15 characters (`SHALL`, where it is the only factor; 8 would do beside a second one). No rule about
kinds of characters, no change by the calendar, no hint; blanks and Unicode are taken, and composed by
NFKC before hashing. Ref: https://pages.nist.gov/800-63-4/sp800-63b.html, as quoted in
https://github.com/OWASP/ASVS/issues/3242, read 2026-11-22. What was kept before the length grew still
signs in.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sharedline.errors import Error

#: Characters: code points, as typed and as composed.
SHORTEST = 15
#: Bytes: hashing more would only be work for whoever sends it.
LONGEST = 1024

#: Digits and signs around a word that make it no other word; more of them are worth something.
_DECORATION, _FEW = "0123456789!?.,;:-_+*#@$%&/()='\" ", 8
_BETWEEN = " -_.,"
#: What people write instead of letters.
_LEET = str.maketrans("@031$57!", "aoeissti")
#: A piece of so many characters is no password, however often it is repeated.
_PIECE = 4

#: RFC 9106's second recommendation: 64 MiB, three passes, four lanes.
HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
#: Each hash takes 64 MiB; many who sign in at once wait for each other instead of using it all.
_AT_ONCE = threading.BoundedSemaphore(4)


@cache
def commonest() -> frozenset[str]:
    """The commonest passwords of 12 characters and more, case-folded; longer ones follow from them."""
    text = (resources.files(__package__) / "commonest.txt").read_text("utf-8")
    return frozenset(line.strip().casefold() for line in text.splitlines() if line.strip())


@cache
def _stems() -> frozenset[str]:
    return frozenset(_stem(word) for word in commonest())


def _stem(folded: str) -> str:
    """The word that a password repeats, or decorates with a few digits and signs; often itself."""
    bare = folded.strip(_DECORATION)
    if not bare or len(folded) - len(bare) > _FEW:
        bare = folded
    bare = "".join(c for c in bare.translate(_LEET) if c not in _BETWEEN) or folded
    for size in range(1, len(bare) // 2 + 1):
        if len(bare) % size == 0 and bare[:size] * (len(bare) // size) == bare:
            return bare[:size]
    return bare


@cache
def _rows() -> tuple[str, ...]:
    """What lies side by side on a keyboard or in the alphabet, both ways, over and over."""
    rows = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
    long = [row * (LONGEST // len(row) + 2) for row in rows]
    return (*long, *(row[::-1] for row in long))


def _expected(folded: str) -> bool:
    """Whether it is what is tried first: listed, made of a listed word, a short piece over and over."""
    stem = _stem(folded)
    return (
        folded in commonest()
        or stem in _stems()
        or (len(stem) <= _PIECE and len(stem) < len(folded))
        or any(folded in row for row in _rows())
    )


def refuse_weak(password: str, *own: str) -> None:
    """`Error` where a password is too short, too long, the commonest, or one of `own` words."""
    whole = _same(password)
    if min(len(password), len(whole)) < SHORTEST:  # one character can stand for a whole phrase
        raise Error(
            f"A password has at least {SHORTEST} characters.", "Use several words, or a manager."
        )
    if len(whole) > LONGEST or len(_bytes(whole)) > LONGEST:
        raise Error(f"A password has at most {LONGEST} bytes.", "Use a shorter one.")
    folded = whole.casefold()
    if _expected(folded):
        raise Error("That password is among the commonest.", "Use several words, or a manager.")
    words = {_same(w).casefold() for one in own if one for w in (one, one.partition("@")[0])}
    if folded in words or _stem(folded) in {_stem(word) for word in words}:
        raise Error("A password is not one's own name or address.", "Use several other words.")


def hashed(password: str) -> str:
    """The argon2id string that is kept."""
    with _AT_ONCE:
        return HASHER.hash(_bytes(_same(password)))


def fits(kept: str, password: str) -> bool:
    """Whether a password is the kept one; as much work where nothing is kept as where it is."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            HASHER.verify(kept or _nobody(), _bytes(_same(password)))
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def outdated(kept: str) -> bool:
    """Whether it was kept with parameters that are no longer used."""
    return bool(kept) and HASHER.check_needs_rehash(kept)


@cache
def _nobody() -> str:
    """What is checked for names that nobody has; no password fits it in practice."""
    return HASHER.hash(b"\0nobody\0" + bytes(32))


def _same(password: str) -> str:
    """The same characters, however the keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
