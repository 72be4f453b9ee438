"""A notice: for whom it is, what it says, and how it reads as plain text and as Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sharedline.text import visible

#: What wakes everybody in a chat, and what Markdown, HTML and chats' own markup act on.
_CALLS = re.compile(r"@(?=everyone|here|channel|all\b)", re.IGNORECASE)
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~&]|^[-=:]|(?<=^\d)[.)]|(?<=^\d\d)[.)])")
#: As long as a subject may be.
SUBJECT = 150


def plain(value: object, most: int = 300) -> str:
    """Untrusted text on one line, cut, with nothing in it that a chat or a mail acts on."""
    text = " ".join(visible(" ".join(str(value).split()), lines=False).split())
    text = _CALLS.sub("＠", text).translate(_BRACKETS)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def marked(text: str) -> str:
    """Plain text in Markdown that shows as it is."""
    return _MARKS.sub(r"\\\1", text)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list: a name as AWS or a file gives it, and what is said of it."""

    name: str
    text: str = ""

    def plain(self) -> str:
        """As plain text."""
        said = plain(self.text)
        return f"{plain(self.name)}: {said}" if said else plain(self.name)

    def markdown(self) -> str:
        """As Markdown; a name is code, in which nothing is acted on."""
        name = plain(self.name).replace("`", "'")
        said = marked(plain(self.text))
        return f"`{name}` {said}" if said else f"`{name}`"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, its first items, and how many there are in all."""

    title: str
    count: int
    items: tuple[Item, ...] = ()

    @property
    def heading(self) -> str:
        """The title with the count."""
        return f"{self.title}: {self.count}"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told to one team (to the admins where `team` is empty), once by its `key`.

    `link` is a page of `sharedline serve`, empty where its address is not known.
    """

    kind: str
    key: str
    subject: str
    sections: tuple[Section, ...]
    team: str = ""
    link: str = ""
    note: str = ""

    @property
    def title(self) -> str:
        """The subject, on one line."""
        return plain(self.subject, SUBJECT)

    def plain(self) -> str:
        """The body as plain text, lines of it."""
        lines = [plain(self.note)] if self.note else []
        for section in self.sections:
            lines += ["", section.heading, *(f"  - {item.plain()}" for item in section.items)]
            lines += _more(section, "  ")
        lines += ["", self.link] if self.link else []
        return "\n".join(lines).strip() + "\n"

    def markdown(self) -> str:
        """The body as Markdown."""
        lines = [marked(plain(self.note))] if self.note else []
        for section in self.sections:
            lines += ["", f"**{marked(section.heading)}**", ""]
            lines += [f"- {item.markdown()}" for item in section.items]
            lines += _more(section, "- ")
        lines += ["", f"<{self.link}>"] if self.link else []
        return "\n".join(lines).strip() + "\n"


def _more(section: Section, lead: str) -> list[str]:
    left = section.count - len(section.items)
    return [f"{lead}and {left} more"] if section.items and left > 0 else []
