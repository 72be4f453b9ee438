"""The errors a user may see: one sentence of what happened, one of what to do."""

from __future__ import annotations

import errno

#: Numbers of an `OSError` that is the disk's: full, over quota, read-only, not permitted.
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


class Error(Exception):
    """A failure that is explained at the edge, once, without a traceback.

    `message` says what happened, `advice` what to do; both are plain text of one sentence each.
    """

    exit_code = 2

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class Unavailable(Exception):  # noqa: N818 nothing that whoever asks did wrong
    """Something below does not answer, such as the database; asking again later may do.

    No `Error`, so that nothing takes it for a fault of what was asked. `message` and `advice` may be
    told to anybody; `detail` names addresses and is for whoever runs it, without passwords.
    """

    exit_code = 2

    def __init__(self, message: str, advice: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class ConfigError(Error):
    """A file the user wrote is not what it must be; names the file, the place, what is allowed."""


class IncompleteError(Error):
    """Something could not be read, so the answer would be a guess."""

    exit_code = 3
