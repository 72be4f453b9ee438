"""What every answer carries: the content security policy and its like; what no request may do."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Nothing but our own files; no script or style within a page, no frame around it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-frame-options": "DENY",
}
#: The largest form or document that is read.
LARGEST = 2_000_000
_UTF_8 = re.compile(rb'charset="?utf-?8"?(?=[;\s]|$)')


def _foreign(scope: Scope) -> bool:
    """Whether a form names an encoding of its own, by which it could smuggle what is no text."""
    kinds = [v.lower() for k, v in scope["headers"] if k == b"content-type"]
    forms = (k for k in kinds if k.startswith(b"multipart/"))
    return any(b"charset" in _UTF_8.sub(b"", form) for form in forms)


class Shield:
    """The outermost layer: headers on the way out, sizes on the way in."""

    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        if secure:
            self.headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        read, foreign = 0, _foreign(scope)

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            if foreign:
                raise HTTPException(415, "Forms are read as UTF-8 only.")
            read += len(message.get("body", b""))
            if read > LARGEST:
                raise HTTPException(413, "That is too large: at most 2 MB are read.")
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, bounded, guarded)
