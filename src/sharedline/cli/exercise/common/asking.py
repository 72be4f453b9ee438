"""Asks at a terminal or of piped lines; at every prompt one can pause, skip, note or leave."""

from __future__ import annotations

import select
import sys
import time
import uuid
from collections.abc import Sequence
from typing import Any

from sharedline.cli import out
from sharedline.errors import Error
from sharedline.exercise.session.model import Participant
from sharedline.exercise.session.room import Room

HELP = "At every prompt: p pause, s skip, n note, q leave (nothing is lost), ? this help."


class Leave(Exception):  # noqa: N818 nothing went wrong
    """Whoever leads leaves; the run goes on when it is resumed."""


class Asker:
    """One person who leads and writes down what the table says."""

    def __init__(self, room: Room, lead: Participant, table: Participant) -> None:
        self.room, self.lead, self.table = room, lead, table

    def do(self, who: Participant, kind: str, **data: Any) -> bool:
        """Does something in the room; where it is refused, says why."""
        try:
            self.room.do(who.id, kind, data, uuid.uuid4().hex)
        except Error as error:
            out.note(str(error))
            return False
        return True

    def ask(self, prompt: str) -> str | None:
        """What was typed, without blanks around it; None where it was skipped."""
        while True:
            line = self._read(prompt)
            if line == "q":
                raise Leave
            if line == "s":
                return None
            if line == "?":
                out.wrapped(HELP)
            elif line == "n":
                self._note()
            elif line == "p":
                self.pause()
                self.wait_for_more()
            else:
                return line

    def pause(self) -> None:
        """Stops the clock where it runs; nobody's time is counted while nobody plays."""
        if self.room.state().clock.status == "running":
            self.do(self.lead, "paused")

    def wait_for_more(self) -> None:
        """Until whoever leads goes on."""
        while (clock := self.room.state().clock).status == "paused":
            line = self._read(f"Paused at minute {clock.elapsed:.0f}. Enter goes on: ")
            if line == "q":
                raise Leave
            if line == "n":
                self._note()
            elif line != "p":
                self.do(self.lead, "resumed")

    def choose(self, options: Sequence[tuple[str, str]], prompt: str) -> str | None:
        """One of the options (value, text), by number or value; None where it was skipped."""
        for n, (_, text) in enumerate(options, 1):
            out.wrapped(f"{n}  {text}", 8)
        while True:
            line = self.ask(prompt)
            if line is None:
                return None
            if line.isascii() and line.isdigit() and 1 <= int(line[:4]) <= len(options):
                return options[int(line[:4]) - 1][0]
            found = [v for v, text in options if line.casefold() in (v.casefold(), text.casefold())]
            if found:
                return found[0]
            out.note(f"Give a number from 1 to {len(options)}.")

    def text(self, prompt: str) -> str | None:
        """Words, not none; None where it was skipped."""
        while (line := self.ask(prompt)) == "":
            out.note("Write something, or s to skip it.")
        return line

    def sure(self) -> int | None:
        """A confidence from 0 to 100; None where what it belongs to was skipped."""
        while True:
            line = self.ask("      How sure, 0 to 100 (enter = 50)? ")
            if line is None:
                return None
            number = line.removesuffix("%").strip() or "50"
            if number.isascii() and number.isdigit() and int(number[:4]) <= 100:
                return int(number)
            out.note("Give a whole number from 0 to 100.")

    def _note(self) -> None:
        text = self._read("Note: ")
        if text:
            self.do(self.lead, "noted", text=text, visible="everyone")

    def _read(self, prompt: str) -> str:
        try:
            line = input(prompt).strip()
        except (EOFError, KeyboardInterrupt):
            sys.stdout.write("\n")
            raise Leave from None
        except UnicodeDecodeError as error:
            raise Error("What was typed is not UTF-8.", "Resume, and type it again.") from error
        if not sys.stdin.isatty():
            out.line(line)  # so that what was piped in can be read in its place
        return line


def wait(seconds: float) -> bool:
    """Waits, at a terminal until something is typed; whether something was."""
    if sys.stdin.isatty():
        return bool(select.select([sys.stdin], [], [], seconds)[0])
    time.sleep(seconds)
    return False
