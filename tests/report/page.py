"""Reads a page as a browser would: elements with their attributes and texts, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "col", "img", "hr", "input"}


@dataclass
class Element:
    """One element; its text is a stretch of the pieces of text of the page."""

    tag: str
    attrs: dict[str, str]
    parents: tuple[str, ...]
    pieces: list[str]
    begin: int
    end: int = -1
    children: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All the text inside."""
        return "".join(self.pieces[self.begin : self.end])


class Page(HTMLParser):
    """The elements of a page; a tag that is not closed where it must be is an error."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.pieces: list[str] = []
        self._open: list[Element] = []
        self.errors: list[str] = []
        self.feed(html)
        self.close()
        self.errors += [f"<{e.tag}> is never closed" for e in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parents = tuple(e.tag for e in self._open)
        found = {k: v or "" for k, v in attrs}
        here = len(self.pieces)
        element = Element(tag, found, parents, self.pieces, here, here)
        self.elements.append(element)
        if self._open:
            self._open[-1].children.append(tag)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.errors.append(f"</{tag}> at {self.getpos()}, open: {[e.tag for e in self._open]}")
            return
        self._open.pop().end = len(self.pieces)

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def all(self, tag: str) -> list[Element]:
        """Every element of a tag."""
        return [e for e in self.elements if e.tag == tag]

    def by_id(self, name: str) -> Element:
        """The element with an id."""
        return next(e for e in self.elements if e.attrs.get("id") == name)

    def classed(self, name: str) -> list[Element]:
        """Every element with a class."""
        return [e for e in self.elements if name in e.attrs.get("class", "").split()]
