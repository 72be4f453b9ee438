"""Clauses of the policies in a project, whatever they are written in, each with a stable id.

A clause is a heading, a numbered paragraph or a row, with the text that belongs to it. Its id is
`document/number` where it has a number, else `document/words-of-the-heading`; where a document has
several of that name, the heading above comes first. Editing the text keeps the id, and the
fingerprint tells that the text changed since somebody mapped it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sharedline.comply.policies import numbers
from sharedline.errors import Error

_ANCHOR = re.compile(r"\s*\{#([A-Za-z0-9._-]+)\}\s*$")
#: What a policy may hold at most: beyond that it is no policy. Word's pictures count too.
MOST_BYTES, MOST_WORD, MOST_CLAUSES = 10_000_000, 30_000_000, 20_000
_KINDS = {".md": "markdown", ".markdown": "markdown", ".docx": "word", ".csv": "table"}


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a policy asks for."""

    id: str
    document: str
    number: str
    title: str
    text: str
    #: The headings above it, outermost first.
    within: tuple[str, ...] = ()
    #: Line, paragraph or row in the file, from 1.
    place: int = 0
    #: Targets written in the document itself (CSV columns `controls` and `duties`).
    targets: tuple[str, ...] = ()
    owner: str = ""

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that change when the words do; spaces do not count."""
        words = unicodedata.normalize("NFC", " ".join(f"{self.title} {self.text}".split()))
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def words(self) -> str:
        """Title and text as one."""
        return f"{self.title}. {self.text}" if self.text else self.title


@dataclass(slots=True)
class Block:
    """A piece of a document on its way to a clause: a heading (level 1 the highest) or a paragraph."""

    text: str
    level: int = 0
    place: int = 0


@dataclass(slots=True)
class _Open:
    title: str
    number: str
    anchor: str
    place: int
    within: tuple[str, ...]
    paragraphs: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    @property
    def heading(self) -> str:
        return self.title or _beginning(self.text)

    @property
    def local(self) -> str:
        return self.anchor or self.number or slug(self.heading)


def read(folder: Path) -> list[Clause]:
    """Every clause of the policies in a folder, by document and in its order.

    Raises:
        Error: The folder is missing, or a file cannot be read; it says which and what to do.
    """
    if not folder.is_dir():
        raise Error(
            f"There is no folder {folder}.",
            "Put your policies there as Markdown (.md), Word (.docx) or CSV files.",
        )
    found: list[Clause] = []
    files: dict[str, Path] = {}
    for path in _files(folder):
        document = slug(path.relative_to(folder).with_suffix("").as_posix())
        clauses = of_file(path, document)
        if clauses and document in files:
            raise Error(
                f"{files[document]} and {path} would both be called {document}.",
                "Rename one of the files: the ids of clauses begin with the file's name.",
            )
        if clauses:
            files[document] = path
        found += clauses
    return found


def pick(clauses: Sequence[Clause], names: Sequence[str]) -> list[Clause]:
    """The clauses of these ids; an id that none has stands for all that begin with it.

    Raises:
        Error: A name fits none.
    """
    known = {clause.id for clause in clauses}
    exact = known & set(names)
    beginnings = tuple(n for n in names if n not in exact)
    for name in beginnings:
        if not name or not any(i.startswith(name) for i in known):
            raise Error(f"No clause begins with {name!r}.", "See `sharedline comply policies`.")
    return [c for c in clauses if c.id in exact or c.id.startswith(beginnings)]


def of_file(path: Path, document: str) -> list[Clause]:
    """The clauses of one file; none for a kind of file that is no policy."""
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        return []
    from sharedline.comply.policies import markdown, table, word

    try:
        most = MOST_WORD if kind == "word" else MOST_BYTES
        if path.stat().st_size > most:
            raise Error(f"{path} is larger than {most // 1_000_000} MB.", "Split it.")
        if kind == "table":
            found = table.clauses(path, document)
        elif kind == "word":
            found = of_blocks(word.blocks(path), document, where=str(path))
        else:
            blocks, owner = markdown.document(path)
            found = of_blocks(blocks, document, owner, where=str(path))
    except OSError as error:
        raise Error(
            f"{path} cannot be read ({error.strerror}).", "Check its permissions."
        ) from error
    if len(found) > MOST_CLAUSES:
        raise Error(f"{path} has more than {MOST_CLAUSES:,} clauses.", "Split it.")
    return found


def of_blocks(
    blocks: Iterable[Block], document: str, owner: str = "", where: str = ""
) -> list[Clause]:
    """Clauses from headings and paragraphs; a heading with nothing below it is none."""
    opened = [one for one in _opened(blocks) if one.paragraphs]
    return [
        Clause(
            f"{document}/{local}", document, one.number, one.heading, one.text, one.within,
            one.place, owner=owner,
        )
        for one, local in zip(opened, _names(opened, where or document), strict=True)
    ]  # fmt: skip


def slug(text: str) -> str:
    """Letters and digits in small, joined by hyphens; at most 60 of them."""
    # macOS writes file names with accents apart from their letters.
    whole = unicodedata.normalize("NFC", text).casefold()
    made = re.sub(r"[\W_]+", "-", whole).strip("-")
    return made[:60].rstrip("-") or "untitled"


def _files(folder: Path) -> Iterator[Path]:
    """The policies of a folder; what is hidden or open in Word is none.

    Raises:
        Error: A link leads out of the folder: what it names was not put there to be a policy.
    """
    inside = folder.resolve()
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in _KINDS or not path.is_file():
            continue
        if any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts):
            continue
        if not path.resolve().is_relative_to(inside):
            raise Error(
                f"{path} is a link to a file outside of the folder.",
                "Copy the file there instead.",
            )
        yield path


def _opened(blocks: Iterable[Block]) -> Iterator[_Open]:
    """What begins at each heading and at each numbered paragraph or line, with its text."""
    above: list[tuple[int, str]] = []
    current: _Open | None = None
    for block in blocks:
        text = block.text.strip()
        if not text:
            continue
        if block.level:
            if current is not None:
                yield current
            above = [(lv, t) for lv, t in above if lv < block.level]
            current = _heading(" ".join(text.split()), block.place, tuple(t for _, t in above))
            above.append((block.level, current.title))
            continue
        for number, said in numbers.split(text, current.number if current else ""):
            if number:
                if current is not None:
                    yield current
                words, anchor = _unanchored(said)
                within = tuple(t for _, t in above)
                current = _Open("", number, anchor, block.place, within, [words])
            elif current is not None:
                current.paragraphs.append(said)
    if current is not None:
        yield current


def _heading(text: str, place: int, within: tuple[str, ...]) -> _Open:
    title, anchor = _unanchored(text)
    number, title = numbers.first(title)
    return _Open(title, number, anchor, place, within)


def _unanchored(text: str) -> tuple[str, str]:
    """The text without `{#anchor}` at its end, and the anchor."""
    found = _ANCHOR.search(text)
    return (text[: found.start()], found[1]) if found else (text, "")


def _names(opened: list[_Open], where: str) -> Iterator[str]:
    """An id for each within its document, the same wherever its section is moved to.

    Raises:
        Error: An anchor is there twice: it was written to be the only one.
    """
    anchors: set[str] = set()
    for one in opened:
        if one.anchor in anchors:
            raise Error(
                f"{where}: the anchor {{#{one.anchor}}} is there twice, at {one.place} again.",
                "Give each clause an anchor of its own.",
            )
        anchors |= {one.anchor} - {""}
    often = Counter(one.local for one in opened)
    used, last = set(anchors), Counter[str]()
    for one in opened:
        name = one.local
        if not one.anchor:
            if often[name] > 1 and one.within and one.within[-1]:
                name = f"{slug(one.within[-1])}.{name}"
            plain = name
            while name in used or (name != one.local and name in often):
                last[plain] += 1
                name = f"{plain}-{last[plain] + 1}"
            used.add(name)
        yield name


def _beginning(text: str) -> str:
    words = text.split()
    return " ".join(words[:8]) + ("…" if len(words) > 8 else "")
