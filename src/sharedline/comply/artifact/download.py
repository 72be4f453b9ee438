"""Documents from pre-signed URLs: from AWS over TLS only, of a bounded size, whole or not at all."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from urllib.parse import urlsplit

from sharedline.errors import Error, IncompleteError

#: The largest reports have some ten MB; anything of this size is none.
LIMIT = 256 << 20
_CHUNK = 1 << 16
#: Where AWS's partitions serve S3.
_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: A PDF may begin and end with some bytes of other things (ISO 32000, annex H).
_SLACK = 2048

Download = Callable[[str], bytes]


class NotADocumentError(Error):
    """Bytes that are no whole document."""


def download(url: str, limit: int = LIMIT, endpoint: str = "") -> bytes:
    """The bytes behind a pre-signed URL; `endpoint` is the emulator's, whose host is allowed too.

    Raises:
        IncompleteError: It is not there, too large, or was cut.
        Error: The URL is not one of AWS.
    """
    import urllib3.exceptions
    from botocore.awsrequest import AWSPreparedRequest, HeadersDict
    from botocore.exceptions import BotoCoreError
    from botocore.httpsession import URLLib3Session

    _refuse_elsewhere(url, endpoint)
    again = "Run the command again; if it stays so, download it in the console and import it."
    request = AWSPreparedRequest("GET", url, HeadersDict(), None, stream_output=True)
    http = URLLib3Session(timeout=60)
    try:
        answer = http.send(request)  # follows no redirect
        if answer.status_code != 200:
            raise IncompleteError(
                f"The document was not served (HTTP status {answer.status_code}).", again
            )
        data = bytearray()
        for chunk in answer.raw.stream(_CHUNK, decode_content=False):
            data += chunk
            if len(data) > limit:
                raise IncompleteError(f"The document is larger than {limit >> 20} MiB.", again)
    except (BotoCoreError, urllib3.exceptions.HTTPError, OSError) as error:
        raise IncompleteError(f"The document was cut ({type(error).__name__}).", again) from error
    finally:
        http.close()
    told = answer.headers.get("content-length", "")
    if not data or (told.isdigit() and int(told) != len(data)):
        raise IncompleteError(f"The document was cut ({len(data):,} bytes came).", again)
    return bytes(data)


def ending(data: bytes, name: str) -> str:
    """What the bytes are, `pdf` or `zip`, and that all of them are there.

    Raises:
        NotADocumentError: They are neither, or half of one.
    """
    advice = "Download it again."
    if not data:
        raise NotADocumentError(f"{name} is empty.", advice)
    if b"%PDF-" in data[:_SLACK]:
        if b"%%EOF" not in data[-_SLACK:]:
            raise NotADocumentError(f"{name} is half a PDF: its end is missing.", advice)
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        if not zipfile.is_zipfile(io.BytesIO(data)):
            raise NotADocumentError(f"{name} is half a zip file: its end is missing.", advice)
        return "zip"
    raise NotADocumentError(f"{name} is neither a PDF nor a zip file.", advice)


def _refuse_elsewhere(url: str, endpoint: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if endpoint:
        given = urlsplit(endpoint)
        local = host in _LOOPBACK or parts.scheme == "https"
        if local and (host, port) == ((given.hostname or "").lower(), given.port):
            return
    good = bool(re.fullmatch(r"[a-z0-9.-]+", host)) and host.endswith(_HOSTS)
    if parts.scheme != "https" or not good or parts.username or port not in (None, 443):
        raise Error(
            f"The document is said to lie at {host[:100] or 'no host'}, which is not AWS's.",
            "Nothing was downloaded; report this to whoever runs the endpoint.",
        )
