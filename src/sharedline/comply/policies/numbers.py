"""Numbers that begin a clause, and the lines of a paragraph that are clauses of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: A number before a clause: `4.2`, `4.2.1.`, `§ 7`, `A.5.1`.
_NUMBER = re.compile(r"^(?:§\s*)?((?:[A-Z]\.)?\d{1,3}(?:\.\d{1,3})*)[.)]?\s+(?=\S)")


def first(text: str) -> tuple[str, str]:
    """The number that a heading begins with, or none, and the rest."""
    found = _NUMBER.match(text)
    return (found[1], text[found.end() :].strip()) if found else ("", text.strip())


def split(paragraph: str, before: str) -> Iterator[tuple[str, str]]:
    """A paragraph as (number, text); the number is empty where no clause begins.

    A paragraph that begins with a dotted number is a clause. A later line of it is one only where
    its number follows and a sentence begins: "see section / 4.2 of the standard" is no clause.
    """
    pieces: list[tuple[str, list[str]]] = []
    for line, text in enumerate(paragraph.split("\n")):
        number, rest = first(text.strip())
        begins = "." in number and (
            line == 0 or (not rest[0].islower() and follows(number, before))
        )
        if begins:
            pieces.append((number, [rest]))
            before = number
        elif pieces:
            pieces[-1][1].append(text)
        else:
            pieces.append(("", [text]))
    for number, lines in pieces:
        yield number, " ".join(" ".join(lines).split())


def follows(number: str, before: str) -> bool:
    """Whether a number comes after another as they do in a document; gaps may be there.

    2.2, 2.5 and 2.1.1 follow 2.1, and so do 3 and 3.1; 4.2 does not.
    """
    new, old = number.split("."), before.split(".") if before else []
    same = 0
    while same < min(len(new), len(old)) and new[same] == old[same]:
        same += 1
    if same == len(new):
        return False
    if same == len(old):  # a part of it, or the first number of all
        return bool(old) or new[-1] == "1"
    if not (new[same].isdigit() and old[same].isdigit()):
        return False
    step = int(new[same]) - int(old[same])
    if len(new) == same + 1:
        return step > 0
    return step == 1 and set(new[same + 1 :]) == {"1"}
