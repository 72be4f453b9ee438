"""A small scenario that fills every field of the model."""

from __future__ import annotations

import copy
from typing import Any

_FULL: dict[str, Any] = {
    "id": "full", "title": "Full", "summary": "Every field.\nTwo lines.", "minutes": 30,
    "objectives": [{"id": "o", "text": "t", "measure": "m", "achievable": "a", "relevant": "r",
                    "by": 20, "duties": ["data.exposure", "response.practice"]}],
    "phases": [{"id": "p", "title": "P", "start": 0, "function": "detect"},
               {"id": "q", "title": "Q", "start": 10, "function": "recover"}],
    "injects": [
        {"id": "i", "minute": 0, "phase": "p", "from": "=A", "to": "B", "channel": "email",
         "title": "T", "text": "Line one of {bucket}\n\n  line two", "duty": "data.exposure",
         "service": "s3", "resource": "{bucket}", "finding_types": ["Policy:S3/X", "b"],
         "artefact": {"name": "n", "kind": "log", "text": "-log\n"},
         "provenance": [{"source": "finding", "ref": "f", "scan": "s", "check": "c",
                         "resource": "r", "duty": "data.exposure", "line": "l", "note": "n"}],
         "questions": [{"id": "side", "kind": "side", "text": "?",
                        "choices": ["aws", "customer"],
                        "truth": {"answers": ["aws", "customer"], "why": "w", "source": "s"}},
                       {"id": "free", "kind": "free", "text": "?"}],
         "notes": "'=quoted"},
        {"id": "j", "minute": 12, "phase": "q", "from": "A", "to": "B", "channel": "chat",
         "title": "T", "text": "x", "duty": "data.backup-recovery", "service": "s3",
         "questions": [{"id": "side", "kind": "side", "text": "?",
                        "truth": {"answers": ["shared"], "why": "w"}}]},
    ],
    "decisions": [{"id": "d", "inject": "i", "text": "t", "minutes": 4, "options": [
        {"id": "a", "text": "t", "quality": "best", "consequence": "c"},
        {"id": "b", "text": "t", "quality": "harmful", "consequence": "c"}]}],
    "expected": [{"id": "e", "inject": "i", "by": 9, "who": "w", "text": "t",
                  "duty": "response.procedures"}],
    "cast": [{"id": "bucket", "table": "s3_bucket", "example": "acme", "checks": ["s3/x"],
              "resource": "arn:aws:s3:::acme"}],
    "roles": ["one", "two"],
    "references": ["https://docs.aws.amazon.com/x"],
    "made": {"source": "gaps", "scan": "s", "as_of": "2026-11-22T00:00:00Z", "seed": 3,
             "team": "t", "masked": True, "version": "1"},
}  # fmt: skip


def full() -> dict[str, Any]:
    """A copy to change."""
    return copy.deepcopy(_FULL)
