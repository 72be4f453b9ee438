"""The project and the server that the tests of notices have."""

from __future__ import annotations

from tests.notices.conftest import folder, listener, scanned

__all__ = ["folder", "listener", "scanned"]
