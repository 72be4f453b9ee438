"""The part of Jira's REST interface (version 2) that tickets need, over a listener."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.listener import Listener

Reply = tuple[int, dict[str, str], bytes]
CATEGORY = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}


@dataclass
class Issue:
    key: str
    fields: dict[str, Any]
    status: str = "To Do"
    comments: list[str] = field(default_factory=list)


@dataclass
class FakeJira:
    """Issues by key; `ways` are the statuses that an issue may be moved to."""

    listener: Listener
    issues: dict[str, Issue] = field(default_factory=dict)
    ways: tuple[str, ...] = ("In Progress", "To Do", "Done")
    cloud: bool = False
    #: Searching lags behind what was made, as Jira's index does.
    blind: bool = False

    def __post_init__(self) -> None:
        self.listener.answer = self.answer

    @property
    def url(self) -> str:
        return f"http://{self.listener.place}"

    def answer(self, method: str, path: str, sent: Any) -> Reply:
        parts = urlsplit(path)
        where = unquote(parts.path).removeprefix("/rest/api/2/").removeprefix("/rest/api/3/")
        if where == "serverInfo":
            kind = "Cloud" if self.cloud else "Server"
            return _json({"versionNumbers": [10, 3, 0], "deploymentType": kind})
        if where == "field":
            return _json([])
        if where in ("search", "search/jql"):
            return _json(self._found({k: v[0] for k, v in parse_qs(parts.query).items()}))
        if where == "issue" and method == "POST":
            key = f"SEC-{len(self.issues) + 1}"
            self.issues[key] = Issue(key, sent["fields"])
            return _json({"id": str(len(self.issues)), "key": key, "self": "x"}, 201)
        found = re.fullmatch(r"issue/([^/]+)(?:/(comment|transitions))?", where)
        issue = self.issues.get(found[1]) if found else None
        if found is None or issue is None:
            return _json({"errorMessages": ["Issue does not exist"]}, 404)
        return self._of(issue, found[2], method, sent)

    def _of(self, issue: Issue, what: str | None, method: str, sent: Any) -> Reply:
        if what == "comment":
            issue.comments.append(sent["body"])
            return _json({"id": "1", "body": sent["body"], "self": "x"}, 201)
        if what == "transitions" and method == "POST":
            issue.status = self.ways[int(sent["transition"]["id"])]
            return 204, {}, b""
        if what == "transitions":
            ways = [{"id": str(n), "name": w, "to": _status(w)} for n, w in enumerate(self.ways)]
            return _json({"transitions": ways})
        return _json(self._shown(issue))

    def _found(self, asked: dict[str, str]) -> dict[str, Any]:
        label = re.search(r'labels = "([^"]+)"', asked["jql"])
        assert label is not None
        assert 'project = "SEC"' in asked["jql"]
        hits = [] if self.blind else [
            self._shown(i) for i in self.issues.values() if label[1] in i.fields["labels"]
        ]  # fmt: skip
        return {"issues": hits, "total": len(hits), "startAt": 0, "maxResults": 1, "isLast": True}

    def _shown(self, issue: Issue) -> dict[str, Any]:
        fields = {**issue.fields, "status": _status(issue.status)}
        return {"id": issue.key, "key": issue.key, "self": "x", "fields": fields}


def _status(name: str) -> dict[str, Any]:
    return {"name": name, "id": "1", "statusCategory": {"key": CATEGORY[name], "id": 1}}


def _json(value: Any, status: int = 200) -> Reply:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()
