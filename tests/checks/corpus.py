"""The checks that ship, each read and parsed once."""

from __future__ import annotations

from functools import cache

from sharedline.checks.load import folder
from sharedline.checks.load import parse as read_check
from sharedline.checks.schemas import schemas
from sharedline.checks.sql import Parsed, parse
from sharedline.model import Check

IDS = sorted(p.relative_to(folder()).with_suffix("").as_posix() for p in folder().rglob("*.sql"))


@cache
def check(check_id: str) -> Check:
    text = (folder() / f"{check_id}.sql").read_text("utf-8")
    return read_check(text, check_id, f"checks/{check_id}.sql")


@cache
def parsed(check_id: str) -> Parsed:
    return parse(check(check_id), schemas())
