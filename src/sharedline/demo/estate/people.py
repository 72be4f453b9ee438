"""The people of the example estate, and the age of their credentials."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A user; ages are in days before the last scan, None: never. `keys`: (made, last used)."""

    account: str
    name: str
    created: float
    console: bool = True
    signed_in: float | None = 3
    password_changed: int = 60
    mfa: bool = True
    keys: tuple[tuple[float, float | None], ...] = ()
    attached: tuple[str, ...] = ()
    team: str = ""


PEOPLE = (
    Person(
        "management", "break-glass-1", 700, signed_in=170, password_changed=170, team="platform"
    ),
    Person(
        "management", "break-glass-2", 700, signed_in=None, password_changed=170, team="platform"
    ),
    Person("management", "priya.raman", 640, signed_in=1, team="platform"),
    Person("security", "femi.adeyemi", 500, signed_in=0, team="security"),
    Person("security", "alert-forwarder", 300, False, None, 0, False, ((44, 0),), team="security"),
    Person("production", "nina.okafor", 410, signed_in=2, team="shop"),
    # Console access, no second factor.
    Person("production", "tomas.ruiz", 390, signed_in=1, mfa=False, team="platform"),
    # The key is used every day and was never changed.
    Person("production", "ci-deploy", 820, False, None, 0, False, ((820, 0),), team="platform"),
    # The partner left; the key did not.
    Person("production", "legacy-sftp", 900, False, None, 0, False, ((610, 230),), team="data"),
    Person("production", "reporting", 120, False, None, 0, False, ((28, 1),), team="data"),
    Person("production", "hanna.vogel", 200, signed_in=120, password_changed=150, team="data"),
    Person(
        "plumbob",
        "admin",
        2100,
        signed_in=5,
        password_changed=1500,
        mfa=False,
        keys=((2100, 12), (1300, 4)),
        attached=("AdministratorAccess",),
    ),
    Person("plumbob", "dave", 1900, signed_in=420, mfa=False, attached=("AmazonS3FullAccess",)),
    Person("plumbob", "contractor-ana", 800, signed_in=None, password_changed=800, mfa=False),
    Person("plumbob", "mailer", 1600, False, None, 0, False, ((1600, None),)),
)
