"""The systems that Sharedline writes to, as the settings say, and no secret of theirs."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from sharedline.errors import Error
from sharedline.notices.settings import Audience, Target, audience
from sharedline.project import Project

#: `not known`: the settings are whole, but whether a worker has what they name cannot be seen here.
State = Literal["set up", "incomplete", "not known", "not set up"]


@dataclass(frozen=True, slots=True)
class Integration:
    """One system: how far it is set up, by which settings, what lacks, what it is for, what to do."""

    name: str
    state: State
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    what: str
    how: str


def integrations(project: Project) -> list[Integration]:
    """Notices, Jira, Security Hub."""
    return [_notices(project), _jira(project), _securityhub(project)]


def recipients(project: Project) -> Audience:
    """Who is told; without links where the pages' address is in a variable that is not set here."""
    try:
        return audience(project)
    except Error:
        given = {k: v for k, v in project.notify.items() if k != "address"}
        return audience(Project(project.folder, notify=given))


def _notices(project: Project) -> Integration:
    given, to = project.notify, recipients(project)
    facts = [("Pages", _place(given["address"]))] if given.get("address") else []
    facts += [("Admins", _targets(to.admins))] if to.admins else []
    facts += [(f"Team {team}", _targets(found)) for team, found in to.teams.items()]
    lacks = [] if to.admins else ["No admins are named: what nobody owns is told to nobody."]
    every = [*to.admins, *(t for found in to.teams.values() for t in found)]
    doubts = _doubts("apprise", given.get("address", ""), *(t.given for t in every))
    return _integration(
        "Notices", bool(given), facts, lacks, doubts,
        "Chats and mail for teams and admins, by jobs that run digest, expiring or exercises.",
        "Write admins and teams under [notify]; what would be told stands under Notices.",
    )  # fmt: skip


def _jira(project: Project) -> Integration:
    given = project.jira
    facts = [
        (title, _place(str(given[key])) if key == "server" else _value(given[key]))
        for key, title in (
            ("server", "Server"), ("project", "Project"), ("issue_type", "Issues are"),
            ("user", "User"), ("token", "Token"), ("severities", "Severities"),
            ("limit", "At most at a time"),
        )
        if given.get(key)
    ]  # fmt: skip
    needed = [key for key in ("server", "project", "token") if not given.get(key)]
    lacks = [f"[jira] lacks {', '.join(needed)}."] if needed else []
    doubts = _doubts("jira", *(str(given.get(k, "")) for k in ("server", "user", "token")))
    return _integration(
        "Jira", bool(given), facts, lacks, doubts,
        "Issues for findings, by jobs that run tickets, or sharedline tickets open.",
        "Write server, project and token (as env:NAME) under [jira].",
    )  # fmt: skip


def _securityhub(project: Project) -> Integration:
    given: Mapping[str, Any] = project.securityhub
    titles = {"region": "Region", "role": "Role", "profile": "Profile"}
    facts = [(title, _value(given[key])) for key, title in titles.items() if given.get(key)]
    if given.get("endpoint_url"):
        facts.append(("Endpoint", _place(given["endpoint_url"])))
    if given.get("external_id"):
        facts.append(("External id", "given, not shown"))
    return _integration(
        "AWS Security Hub", bool(given), facts, [], [],
        "Findings as ASFF, only by hand: no job runs it.",
        "Run sharedline push securityhub --dry-run; defaults stand under [securityhub].",
    )  # fmt: skip


def _integration(
    name: str,
    begun: bool,  # noqa: FBT001
    facts: list[tuple[str, str]],
    lacks: list[str],
    doubts: list[str],
    what: str,
    how: str,
) -> Integration:
    if not begun:
        return Integration(name, "not set up", (), (), what, how)
    state: State = "incomplete" if lacks else "not known" if doubts else "set up"
    return Integration(name, state, tuple(facts), (*lacks, *doubts), what, how)


def _doubts(library: str, *given: str) -> list[str]:
    """What is not there for these pages; a worker has its own environment. No value is read on."""
    names = dict.fromkeys(g.removeprefix("env:") for g in given if g.startswith("env:"))
    found = [
        f"The variable {name} is not set for these pages; whether it is for the worker is not known."
        for name in names
        if not os.environ.get(name, "").strip()
    ]
    if importlib.util.find_spec(library) is None:
        found.append(f"{library} is not installed here: pip install 'sharedline[notify]'.")
    return found


def _value(given: object) -> str:
    """A setting that is no address: as it stands, which for a secret is its variable's name."""
    return ", ".join(map(str, given)) if isinstance(given, list | tuple) else str(given)


def _place(given: str) -> str:
    """Of an address the scheme and host; a path may hold what lets somebody in."""
    if given.startswith("env:"):
        return given
    try:
        parts = urlsplit(given)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def _targets(found: tuple[Target, ...]) -> str:
    return ", ".join(target.shown for target in found) or "none"
