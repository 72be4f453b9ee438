"""Accepted exceptions: read from, and added to, `waivers.toml`, which people review under git."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from sharedline.duties.catalogue import entries, read_toml, refuse_unknown
from sharedline.duties.owners import like
from sharedline.errors import ConfigError
from sharedline.model import Waiver
from sharedline.text import toml

_KEYS = {"check", "duty", "resource", "account", "reason", "approver", "expires"}


def load(path: Path) -> list[Waiver]:
    """The waivers of a folder, expired ones too; none where there is no file."""
    if not path.is_file():
        return []
    data = read_toml(path)
    refuse_unknown(data, {"waiver"}, str(path))
    found = []
    for number, entry in enumerate(entries(data, "waiver", str(path)), 1):
        where = f"{path}, waiver {number}"
        refuse_unknown(entry, _KEYS, where)
        for key in sorted(_KEYS - {"expires"}):
            if not isinstance(entry.get(key, ""), str):
                raise ConfigError(f"{where}: {key} is not a text.", f'Write {key} = "…".')
        for key in ("reason", "approver"):
            if not entry.get(key, "").strip():
                raise ConfigError(f"{where}: there is no {key}.", f'Write {key} = "…".')
        expires = entry.get("expires")
        if not isinstance(expires, date) or isinstance(expires, datetime):
            raise ConfigError(
                f"{where}: expires is not a date.", "Write expires = 2027-01-31, unquoted."
            )
        if not (set(entry) & {"check", "duty", "resource"}):
            raise ConfigError(
                f"{where}: it would waive everything.", "Name a check, duty, resource."
            )
        found.append(
            Waiver(
                reason=entry["reason"],
                approver=entry["approver"],
                expires=entry["expires"],
                **{
                    k: str(entry[k]) for k in ("check", "duty", "resource", "account") if k in entry
                },
            )
        )
    return found


def append(path: Path, waiver: Waiver) -> None:
    """Adds a waiver at the end of the file; what people wrote there stays as it is."""
    lines = ["", "[[waiver]]"]
    for key in ("check", "duty", "resource", "account"):
        value = getattr(waiver, key)
        if value != "*":
            lines.append(f"{key} = {toml(value)}")
    lines += [
        f"reason = {toml(waiver.reason)}",
        f"approver = {toml(waiver.approver)}",
        f"expires = {waiver.expires.isoformat()}",
        "",
    ]
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\n".join(lines))


def waived_sql(waivers: Iterable[Waiver], check: str, duty: str, today: date) -> str:
    """SQL over (resource, account_id): the reason of the waiver in force, else NULL."""
    branches = []
    for waiver in waivers:
        if waiver.expires < today:
            continue
        if not (fnmatchcase(check, waiver.check) and fnmatchcase(duty, waiver.duty)):
            continue
        matches = (
            f"{like('resource', [waiver.resource])} and {like('account_id', [waiver.account])}"
        )
        words = f"{waiver.reason} (approved by {waiver.approver} until {waiver.expires})"
        literal = "'" + words.replace("'", "''") + "'"
        branches.append(f"when {matches} then {literal}")
    return f"case {' '.join(branches)} end" if branches else "null::varchar"
