"""The needed part of Jira, through the library `jira`; whatever goes wrong is one sentence."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sharedline.errors import ConfigError, Error
from sharedline.notices.settings import secret
from sharedline.project import Project

#: How long Jira may take to answer, in seconds.
PATIENCE = 30.0
DONE = "done"


class GoneError(Error):
    """There is no such issue any more, or it may not be seen."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The `[jira]` of a project, its secrets read from the environment."""

    server: str
    project: str
    token: str
    user: str = ""
    issue_type: str = "Task"
    severities: tuple[str, ...] = ("critical", "high")
    limit: int = 20


def settings(project: Project) -> Settings:
    """The `[jira]` of a project; `ConfigError` names what is missing."""
    given = project.jira
    missing = [k for k in ("server", "project", "token") if not given.get(k)]
    if missing:
        raise ConfigError(
            f"[jira] of sharedline.toml lacks {', '.join(missing)}.",
            "Write server, project and token (as env:NAME) there.",
        )
    return Settings(
        server=secret(given["server"], "[jira] server").rstrip("/"),
        project=given["project"],
        token=secret(given["token"], "[jira] token"),
        user=secret(given.get("user", ""), "[jira] user"),
        issue_type=given.get("issue_type", "Task"),
        severities=tuple(given.get("severities", ("critical", "high"))),
        limit=max(1, int(given.get("limit", 20))),
    )


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue: its key, its page, whether its status is in Jira's category of what is done."""

    key: str
    url: str
    done: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What an issue is made of. `labels` have no spaces."""

    summary: str
    description: str
    labels: tuple[str, ...]


class Jira:
    """A connection; close it. Every method raises `Error` for what Jira or the way to it refuse."""

    def __init__(self, given: Settings, patience: float = PATIENCE) -> None:
        if importlib.util.find_spec("jira") is None:
            raise Error(
                "Tickets need the library jira, which is not installed.",
                "Install it: pip install 'sharedline[notify]'.",
            )
        from jira import JIRA

        self.given = given
        way: dict[str, Any] = {"token_auth": given.token}
        if given.user:
            way = {"basic_auth": (given.user, given.token)}
        with self._asked():  # its first question: the server's version, which names the dialect
            # It is not tried again: the library sleeps for minutes. Who runs next goes on.
            self._jira = JIRA(server=given.server, max_retries=0, timeout=patience, **way)

    def close(self) -> None:
        """Ends the connection."""
        self._jira.close()

    def labelled(self, label: str) -> Issue | None:
        """The oldest issue of the project with a label."""
        asked = f'project = "{_quoted(self.given.project)}" and labels = "{_quoted(label)}"'
        with self._asked():
            found = self._jira.search_issues(
                f"{asked} order by created asc", maxResults=1, fields=["status"]
            )
            return self._issue(found[0]) if found else None

    def issue(self, key: str) -> Issue:
        """An issue as it stands; `GoneError` where it is not there."""
        with self._asked(key):
            return self._issue(self._jira.issue(key, fields="status"))

    def create(self, draft: Draft) -> Issue:
        """A new issue."""
        fields = {
            "project": {"key": self.given.project},
            "issuetype": {"name": self.given.issue_type},
            "summary": draft.summary,
            "description": draft.description,
            "labels": list(draft.labels),
        }
        with self._asked():
            key = self._jira.create_issue(fields=fields, prefetch=False).key
            return Issue(key, self._page(key), done=False)

    def comment(self, key: str, text: str) -> None:
        """Adds a comment."""
        with self._asked(key):
            self._jira.add_comment(key, text)

    def reopen(self, key: str) -> bool:
        """Takes an issue out of what is done, where its workflow has a way; whether it did."""
        with self._asked(key):
            ways = self._jira.transitions(key)
            for way in sorted(ways, key=lambda w: _category(w["to"]) != "new"):
                if _category(way["to"]) != DONE:
                    self._jira.transition_issue(key, way["id"])
                    return True
        return False

    def _page(self, key: str) -> str:
        return f"{self.given.server}/browse/{key}"

    def _issue(self, found: Any) -> Issue:
        status = found.raw["fields"]["status"]
        return Issue(found.key, self._page(found.key), done=_category(status) == DONE)

    @contextlib.contextmanager
    def _asked(self, key: str = "") -> Iterator[None]:
        """Says in a sentence what went wrong; never what was sent, which holds the token."""
        from jira.exceptions import JIRAError
        from requests import exceptions

        try:
            yield
        except JIRAError as error:
            raise _explained(error.status_code, error.text or "", error.response, key) from None
        except exceptions.Timeout:
            raise Error("Jira did not answer in time.", "Try again later.") from None
        except exceptions.JSONDecodeError:
            raise _senseless() from None
        except exceptions.RequestException as error:
            raise Error(
                f"Jira at {self.given.server} cannot be reached ({type(error).__name__}).",
                "Check server in [jira] of sharedline.toml, and the network.",
            ) from None
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise _senseless() from None


def _senseless() -> Error:
    return Error(
        "Jira's answer makes no sense: it is not what its interface describes.",
        "Check that server in [jira] of sharedline.toml is Jira itself, not a page before it.",
    )


def _category(status: Any) -> str:
    return str(status["statusCategory"]["key"])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _explained(status: int | None, text: str, response: Any, key: str) -> Error:
    """What a refusal means; of Jira's own words the first 200 characters."""
    said = " ".join(text.split())[:200]
    if status in (401, 403):
        return Error(
            f"Jira does not let this user in ({status})."
            if status == 401
            else f"Jira does not allow this ({status}).",
            "Check user and token in [jira] of sharedline.toml, and their rights in the project.",
        )
    if status == 404 and key:
        return GoneError(f"There is no issue {key}, or this user may not see it.", "")
    if status == 429:
        after = str(getattr(response, "headers", {}).get("Retry-After", ""))
        when = f"in {after} s" if after.isdigit() else "later"
        return Error("Jira asks to be asked less (429).", f"Try again {when}: it goes on then.")
    if status is not None and status >= 500:
        return Error(f"Jira failed ({status}).", "Try again later: it goes on then.")
    return Error(
        f"Jira refuses what was asked ({status or 'no status'}): {said or 'it does not say why'}.",
        "Check project and issue_type in [jira] of sharedline.toml.",
    )


def label(text: str) -> str:
    """A text as a label: without spaces and signs, at most 100 characters."""
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in text)[:100]


def block(lines: Sequence[str]) -> str:
    """Untrusted lines in which Jira acts on nothing: no links, mentions or macros."""
    inside = "\n".join(lines).replace("{", "(").replace("}", ")")
    return "{noformat}\n" + inside + "\n{noformat}"
