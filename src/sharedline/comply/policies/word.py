"""Headings, paragraphs and table rows of a Word policy (.docx)."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharedline.comply.policies.clauses import Block
from sharedline.comply.policies.markdown import joined
from sharedline.errors import Error

if TYPE_CHECKING:
    from docx.document import Document

#: A document of that much XML is no policy, or means harm to who opens it. The tree in memory is
#: about ten times as large; pictures are not parsed.
_MOST_XML, _MOST_UNPACKED = 60_000_000, 300_000_000
_HEADING = re.compile(r"^(?:heading|überschrift|titre|título|titolo|kop)\s*(\d)$", re.IGNORECASE)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: What was struck out but not yet accepted, and what is shown a second time for old programs.
_SKIPPED = {f"{_W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "txbxContent")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
#: Wrapped around paragraphs: content controls, insertions and moves not yet accepted.
_AROUND = {
    f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")
}


def blocks(path: Path) -> list[Block]:
    """What the document says, in order; numbers that Word counts by itself are not in it.

    Raises:
        Error: The file is no Word document, or unpacks to far more than it is.
    """
    import docx
    from docx.exceptions import PythonDocxError
    from docx.opc.exceptions import OpcError

    try:
        _refuse_bombs(path)
        return list(_blocks(docx.Document(str(path))))
    except (
        OpcError,
        PythonDocxError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        LookupError,
        ValueError,
        SyntaxError,
        RuntimeError,
        NotImplementedError,
        AttributeError,
        TypeError,
        OSError,
    ) as error:  # a broken package fails anywhere in the readers below
        if isinstance(error, PermissionError):
            raise
        raise Error(
            f"{path} cannot be read as a Word document ({type(error).__name__}).",
            "Open and save it again as .docx.",
        ) from error  # fmt: skip


def _refuse_bombs(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        entries = packed.infolist()
        sizes = {e.filename: e.file_size for e in entries}
        xml = sum(n for name, n in sizes.items() if name.lower().endswith((".xml", ".rels")))
        if xml > _MOST_XML or sum(e.file_size for e in entries) > _MOST_UNPACKED:
            total = sum(e.file_size for e in entries)
            raise Error(f"{path} unpacks to {total // 1_000_000:,} MB.", "Look at it first.")
        for entry in entries:
            if entry.filename.lower().endswith((".xml", ".rels")):
                with packed.open(entry) as stream:
                    if b"<!DOCTYPE" in stream.read(4096):
                        raise Error(
                            f"{path} declares entities, as Word never does.", "Look at it first."
                        )


def _blocks(document: Document) -> Iterator[Block]:
    levels: dict[str | None, int] = {}
    body = _content(document.element.body, f"{_W}p", f"{_W}tbl")
    for place, item in enumerate(body, 1):
        if item.tag == f"{_W}tbl":
            for row in _content(item, f"{_W}tr"):
                cells = _content(row, f"{_W}tc")
                yield Block(joined([" ".join(_text(c).split()) for c in cells]), 0, place)
            continue
        style = item.style
        if style not in levels:
            levels[style] = _level(document, style)
        if levels[style] >= 0:
            yield Block(_text(item), levels[style], place)


def _content(parent: Any, *tags: str) -> Iterator[Any]:
    """The children of an element, in order, and those within what Word puts around them."""
    for child in parent.iterchildren():
        if child.tag in tags:
            yield child
        elif child.tag in _AROUND:
            yield from _content(child, *tags)


def _text(element: Any) -> str:
    """The words of an element; python-docx's own leaves out what was inserted under review."""
    out: list[str] = []
    for child in element.iterchildren():
        if child.tag in _SKIPPED:
            continue
        if child.tag == f"{_W}t":
            out.append(child.text or "")
        elif child.tag in _SIGNS:
            out.append(_SIGNS[child.tag])
        else:
            out.append(_text(child))
            if child.tag == f"{_W}p":
                out.append("\n")
    return "".join(out)


def _level(document: Document, style_id: str | None) -> int:
    """The level of headings of a style or of those that it is based on; 0 for text, -1 for none."""
    from docx.enum.style import WD_STYLE_TYPE

    style: Any = document.styles.get_by_id(style_id, WD_STYLE_TYPE.PARAGRAPH)
    for _ in range(20):  # a style may be based on itself in a broken file
        if style is None:
            return 0
        name = (style.name or "").lower()
        found = _HEADING.match(name)
        if found:
            return int(found[1]) + 1  # the title of the document is above them
        if name == "title":
            return 1
        if name.startswith(("toc ", "table of contents")):
            return -1
        style = style.base_style
    return 0
