"""Which passwords are refused, by NIST SP 800-63B-4, 3.1.1.2, and that older ones still fit."""

from __future__ import annotations

import pytest

from sharedline.errors import Error
from sharedline.people import accounts, passwords
from sharedline.state.database import Database
from sharedline.state.tables import PERSON


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("xq" * 7, "at least 15"),
        ("", "at least 15"),
        ("\ufdfa", "at least 15"),  # one character that is composed to eighteen
        ("e\u0301" * 8, "at least 15"),  # sixteen that are eight
        ("xy z" * 257, "at most 1024"),
        ("é" * 513, "at most 1024"),
        ("PassWordPassWord", "commonest"),
        ("password12345678", "commonest"),
        ("P@ssw0rd!2026!!!", "commonest"),
        ("password password", "commonest"),
        ("Correct-Horse-Battery-Staple", "commonest"),
        ("Sharedline 2026!", "commonest"),
        ("zzzzzzzzzzzzzzzz", "commonest"),
        ("abcabcabcabcabc", "commonest"),
        ("901234567890123", "commonest"),
        ("fedcbazyxwvutsrq", "commonest"),
        ("poiuytrewqmnbvcxz", "commonest"),
        ("Ann.Antonsdottir", "one's own"),
        ("annantonsdottir1", "one's own"),
        ("ANTON@example.org", "one's own"),
        ("anton anton anton", "one's own"),
    ],
)
def test_passwords_that_are_refused(password: str, said: str) -> None:
    with pytest.raises(Error, match=said):
        passwords.refuse_weak(password, "ann.antonsdottir", "anton@example.org")


@pytest.mark.parametrize(
    "password",
    [
        "b" * 14 + "a",
        "only lower case words",
        " blanks at both ends ",
        "é" * 14 + "x",
        "🐢" * 14 + "z",
        "each night a ship " * 56,
        "739104628153047",  # digits only, if nobody would try them first
        "ann walks to the sea",
        "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    ],
)
def test_passwords_that_are_taken(password: str) -> None:
    passwords.refuse_weak(password, "ann", "")
    assert passwords.fits(passwords.hashed(password), password)


def test_the_list_is_as_it_is_compared() -> None:
    assert all(p == p.casefold() and len(p) >= 12 for p in passwords.commonest())
    assert len(passwords.commonest()) > 150
    for one in passwords.commonest():
        if len(one) >= passwords.SHORTEST:
            with pytest.raises(Error, match="commonest"):
                passwords.refuse_weak(one.upper())


def test_nothing_of_a_password_is_cut_off() -> None:
    long = "x y" * 341
    kept = passwords.hashed(long)
    assert not passwords.fits(kept, long[:-1])
    assert not passwords.fits(kept, long + " ")


def test_a_password_from_before_the_length_grew_still_signs_in(database: Database) -> None:
    with database.begin() as connection:
        ann = accounts.add(connection, "ann", role="owner", password="of a good length")
        old = passwords.hashed("twelve chars")
        connection.execute(PERSON.update().where(PERSON.c.id == ann.id).values(password=old))
    with database.read() as connection:
        found = accounts.check_password(connection, "ann", "twelve chars")
    assert found == ann
    with pytest.raises(Error, match="at least 15"), database.begin() as connection:
        accounts.set_password(connection, ann.id, "twelve chars")
