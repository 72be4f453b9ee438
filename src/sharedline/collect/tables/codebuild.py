"""AWS CodeBuild: projects, the credentials among their settings, and their logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.settings import kinds_in_pairs
from sharedline.collect.table import Call, Table, col, opt

#: `https://user:token@host` and `https://token@host`: somebody's credentials in a URL.
_CREDENTIALS = re.compile(r"^[a-z]+://[^/@\s]+@", re.IGNORECASE)


def _project(found: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Keeps names and kinds in place of variables, and whether a source URL has credentials."""
    environment = found.get("environment") or {}
    variables = [
        one
        for one in environment.get("environmentVariables") or []
        if one.get("type", "PLAINTEXT") == "PLAINTEXT"
    ]
    sources = [found.get("source") or {}, *(found.get("secondarySources") or [])]
    kept = {
        k: v for k, v in found.items() if k not in ("environment", "source", "secondarySources")
    }
    yield {
        **kept,
        "PrivilegedMode": environment.get("privilegedMode"),
        "PlaintextNames": [str(one.get("name", "")) for one in variables],
        "PlaintextSecrets": kinds_in_pairs(variables),
        "SourceTypes": [one.get("type", "") for one in sources if one],
        "SourcesWithCredentials": sum(
            bool(_CREDENTIALS.match(one.get("location") or "")) for one in sources
        ),
    }


CODEBUILD_PROJECT = Table(
    name="codebuild_project",
    service="codebuild",
    arn="{arn}",
    list=Call(operation="ListProjects", items="projects[]"),
    describe=Call(operation="BatchGetProjects", items="projects[]", batch="names", size=100),
    transform=_project,
    tags="tags",
    columns={
        "name": "name",
        "service_role": opt("serviceRole"),
        "encryption_key": opt("encryptionKey"),
        "project_visibility": opt("projectVisibility"),
        "privileged_mode": col("PrivilegedMode", "bool", "Whether builds run privileged."),
        "plaintext_names": col(
            "PlaintextNames", "strings", "Names of the variables written in plain text."
        ),
        "plaintext_secrets": col(
            "PlaintextSecrets",
            "json",
            "Plain variables that hold a credential, name to kind; `{}` for none. Never a value.",
        ),
        "source_types": col("SourceTypes", "strings", "Where the source code comes from."),
        "sources_with_credentials": col(
            "SourcesWithCredentials", "int", "Source URLs that have a user or token in them."
        ),
        # Absent where nobody chose: then AWS does not say, and it is not guessed.
        "cloud_watch_logs_status": "logsConfig.cloudWatchLogs.status",
        "s3_logs_status": "logsConfig.s3Logs.status",
    },
)
