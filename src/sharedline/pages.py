"""What our pages have in common: a template engine that escapes, and a policy that allows nothing else.

A page is one file: its own style sheet, no script, no address loaded. Text from AWS, files and
people is escaped by the templates, and characters that a page would act on are made visible.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import partial
from importlib import resources
from typing import Any

import jinja2

from sharedline.text import visible


def asset(package: str, name: str) -> str:
    """A file of a package's `templates`.

    The policy names a style sheet by its digest, and of it the digest that a browser reckons: it
    turns CRLF into LF before it looks.
    """
    text = resources.files(package).joinpath("templates", name).read_text("utf-8")
    return text.replace("\r\n", "\n")


def policy(style: str, *, images: bool = False) -> str:
    """The content security policy: the page's own style sheet, by its digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    more = " img-src data:;" if images else ""
    return (
        f"default-src 'none'; style-src 'sha256-{digest}';{more} base-uri 'none'; "
        "form-action 'none'"
    )


def shown(value: Any) -> Any:
    """A value as a template prints it: nothing for None, untrusted text made safe to look at."""
    if type(value) is str:  # nearly all: a page of the site asks this a thousand times
        return value if value.isascii() and value.isprintable() else visible(value)
    if value is None:
        return ""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def environment(package: str, finalize: Callable[[Any], Any] = shown) -> jinja2.Environment:
    """The engine over a package's templates; a name that is not there is an error, never empty."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(partial(asset, package)),
        autoescape=True,
        finalize=finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
