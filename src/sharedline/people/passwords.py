"""Passwords: which are refused, how they are kept (argon2id), how they are checked."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sharedline.errors import Error

#: Characters. Length and a list of the commonest is all that is asked: rules about kinds of
#: characters make people choose worse (NIST SP 800-63B-4, 3.1.1.2).
SHORTEST = 12
#: Bytes: hashing more would only be work for whoever sends it.
LONGEST = 1024

#: RFC 9106's second recommendation: 64 MiB, three passes, four lanes.
HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
#: Each hash takes 64 MiB; many who sign in at once wait for each other instead of using it all.
_AT_ONCE = threading.BoundedSemaphore(4)


@cache
def commonest() -> frozenset[str]:
    """The commonest passwords that are long enough to be tried, case-folded."""
    text = (resources.files(__package__) / "commonest.txt").read_text("utf-8")
    return frozenset(line.strip().casefold() for line in text.splitlines() if line.strip())


def refuse_weak(password: str, *own: str) -> None:
    """`Error` where a password is too short, too long, the commonest, or one of `own` words."""
    whole = _same(password)
    if len(whole) < SHORTEST:
        raise Error(
            f"A password has at least {SHORTEST} characters.", "Use several words, or a manager."
        )
    if len(whole) > LONGEST or len(_bytes(whole)) > LONGEST:
        raise Error(f"A password has at most {LONGEST} bytes.", "Use a shorter one.")
    folded = whole.casefold()
    if folded in commonest() or len(set(folded)) == 1:
        raise Error("That password is among the commonest.", "Use several words, or a manager.")
    if folded in {_same(word).casefold() for word in own if word}:
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
