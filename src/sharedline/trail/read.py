"""The events in a file's bytes, whatever their frame, and all that a damaged file still holds.

Frames: one array (bare, or wrapped as CloudTrail's `Records`), an object a line, or objects one
after another. A big file is cut between records, so that memory does not grow with it. What the
strict decoder refuses is looked at record by record; what is not even JSON is searched for the
records around the damage.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec

from sharedline.trail.decode import WRAPPERS, Shape, clean, is_digest, is_event, loads
from sharedline.trail.frames import BETWEEN, END, OBJECTS, START, between, is_utf8
from sharedline.trail.frames import frame as frame_of

#: A file is decoded in pieces that a processor's cache holds (512 kB: 3.0 s for a million events,
#: 8 MB: 5.9 s, measured 2026-11-22), which grow to the second size before their objects are
#: searched one by one; an object may be as big as the third.
PIECE, SEARCH, OBJECT = 512 << 10, 16 << 20, 128 << 20
#: A file so broken that looking for its records costs more than this times its size is given up.
_PATIENCE = 40


class Reading:
    """One file being read: its events come in lists, the rest is counted."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self.problems: list[str] = []
        self.digests = self.foreign = self.events = self.damaged = 0
        #: Whether any record stands over several lines, so that its parts are to be compacted.
        self.pretty = False
        self._cut = b""  # what separates records, as it was found last
        self._before = 0  # so many characters of the file came before what is being read
        #: Whether the end of a list of records was seen.
        self._closed = False

    def parts(self, blocks: Iterable[bytes]) -> Iterator[list[Any]]:
        """The events, in lists; all of a list have the same type."""
        blocks = iter(blocks)
        first, second = next(blocks, b""), next(blocks, None)
        if second is None:
            found = self._usual(first)
            if found is not None:
                yield from self._counted(found)
                return
        buffer = bytearray()
        frame, enough = "", PIECE
        for block in chain((first,), () if second is None else (second,), blocks):
            buffer += block
            if len(buffer) < enough:
                continue
            if not frame:
                frame = self._frame(buffer)
            used, found = self._piece(buffer, frame)
            self._forget(buffer, used)
            yield from self._counted(found)
            del found  # what comes next takes the same memory, still in the cache
            # What was looked through in vain is not looked through again for every block.
            enough = PIECE if used else min(2 * len(buffer), OBJECT + 1)
            if frame == "objects" and not used:
                frame = ""  # the first line may only be long
            if len(buffer) > OBJECT:
                text = self._utf8(bytes(buffer)).decode()
                yield from self._counted(self._search(text, final=True, base=self._before)[0])
                self._forget(buffer, len(buffer))
                enough = PIECE
        if not frame:
            frame = self._frame(buffer)
        yield from self._counted(self._last(bytes(buffer), frame))
        if self.damaged > 1:
            self.problems.append(f"{self.damaged} places are damaged")

    def _frame(self, buffer: bytearray) -> str:
        frame, start = frame_of(buffer)
        self._forget(buffer, start)
        return frame

    def _forget(self, buffer: bytearray, size: int) -> None:
        """Removes what was read, and counts its characters."""
        plain = buffer.isascii()
        self._before += size if plain else len(buffer[:size].decode("utf-8", "replace"))
        del buffer[:size]

    def _usual(self, data: bytes) -> list[Any] | None:
        """The events of a file as CloudTrail itself writes it; None where it is not so."""
        if not data.startswith(b'{"Records":[') or not is_utf8(data):
            return None
        try:
            return self._shape.whole(data)
        except (msgspec.DecodeError, RecursionError):
            return None

    def _counted(self, found: list[Any]) -> Iterator[list[Any]]:
        self.events += len(found)
        if found:
            yield found

    def _damage(self, reason: str) -> None:
        self.damaged += 1
        if self.damaged == 1:
            self.problems.append(reason)

    # -- frames ------------------------------------------------------------------------------

    def _piece(self, buffer: bytearray, frame: str) -> tuple[int, list[Any]]:
        """The events up to a boundary in a file that goes on, and how many bytes they took."""
        if frame == "lines":
            cut = buffer.rfind(b"\n") + 1
            return (cut, self._lines(bytes(buffer[:cut]))) if cut else (0, [])
        cut = self._boundary(buffer) if frame == "array" else 0
        if cut:
            found = self._array(memoryview(buffer)[:cut])
            if found is not None:
                return buffer.index(b",", cut) + 1, found
        elif len(buffer) < SEARCH:
            return 0, []
        text, size = self._whole_characters(buffer)
        found, left = self._search(text, final=False, base=self._before)
        return size - len(text[left:].encode()), found

    def _boundary(self, buffer: bytearray) -> int:
        """The end of the last record that another follows; 0 where none is found."""
        cut = buffer.rfind(self._cut) if self._cut else -1
        if cut < 0:  # other records may begin with another name
            self._cut = between(buffer)
            cut = buffer.rfind(self._cut) if self._cut else -1
        return cut + 1

    def _last(self, data: bytes, frame: str) -> list[Any]:
        """The events of what is left when the file has ended."""
        if not data.strip():
            if frame == "array" and not self._closed:
                self._damage("the list of records is cut off")
            return []
        data = self._utf8(data)
        if frame == "lines":
            return self._lines(data)
        if frame == "array":
            end = END.search(data, max(0, len(data) - 64))
            found = self._array(data[: end.start()]) if end else None
            if found is not None:
                return found
        text = data.decode()
        return self._search(text, final=True, ended=frame != "array", base=self._before)[0]

    def _utf8(self, data: bytes) -> bytes:
        if data.isascii():
            return data
        try:
            data.decode()
        except UnicodeDecodeError as error:
            self._damage(f"byte {error.start} is not UTF-8 (such bytes are replaced)")
            return data.decode("utf-8", "replace").encode()
        return data

    def _whole_characters(self, buffer: bytearray) -> tuple[str, int]:
        """The text without a character that the end cuts, and its size in bytes."""
        for cut in range(4):
            size = len(buffer) - cut
            try:
                return buffer[:size].decode(), size
            except UnicodeDecodeError as error:
                if error.start < size - 4:
                    break
        buffer[:] = self._utf8(bytes(buffer))
        return buffer.decode(), len(buffer)

    # -- decoding ----------------------------------------------------------------------------

    def _array(self, body: bytes | memoryview) -> list[Any] | None:
        """The events of an array's inside; None where it is not JSON."""
        text = self._utf8(b"".join((b"[", body, b"]")))
        if b"\n" in text[:4096]:
            self.pretty = True
        try:
            return self._shape.many(text)
        except msgspec.ValidationError:
            pass
        except (msgspec.DecodeError, RecursionError):
            return None
        try:
            records = msgspec.json.decode(text, type=list[msgspec.Raw])
        except (msgspec.DecodeError, RecursionError):
            return None
        found: list[Any] = []
        for record in records:
            self._record(bytes(record), found)
        return found

    def _lines(self, data: bytes) -> list[Any]:
        data = self._utf8(data)
        try:
            return self._shape.lines(data)
        except (msgspec.DecodeError, RecursionError):
            pass
        found: list[Any] = []
        for line in data.splitlines():
            if line.strip():
                self._record(line, found)
        return found

    def _record(self, text: bytes, found: list[Any]) -> None:
        """One record, strictly, leniently, or what can be found of it."""
        with contextlib.suppress(msgspec.DecodeError, RecursionError):
            found.append(self._shape.one(text))
            return
        try:
            value = loads(text)
        except ValueError:
            found += self._search(text.decode(), final=True)[0]
            return
        self._take(value, found)

    def _take(self, value: Any, found: list[Any], text: str | None = None, depth: int = 0) -> None:
        """The events of a value that may be one, or hold some."""
        if isinstance(value, list):
            if value and all(isinstance(v, dict) and len(v) == 1 for v in value):
                merged = {k: w for v in value for k, w in v.items()}
                if len(merged) == len(value) and is_event(merged):  # a row of a Lake query
                    value = merged
            if isinstance(value, list):
                for item in value:
                    self._take(item, found, None, depth + 1)
                return
        if not isinstance(value, dict):
            self.foreign += 1
            return
        if is_event(value):
            found.append(self._event(value, text))
        elif is_digest(value):
            self.digests += 1
        else:
            self._unwrap(value, found, depth)

    def _event(self, value: dict[str, Any], text: str | None) -> Any:
        if text is not None:
            try:
                return self._shape.one(text)
            except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
                pass
        return self._shape.lenient(clean(value))

    def _unwrap(self, value: dict[str, Any], found: list[Any], depth: int) -> None:
        if depth < 6:
            for name in WRAPPERS:
                inner = value.get(name)
                if isinstance(inner, str):
                    try:
                        inner = loads(inner)
                    except ValueError:
                        continue
                if isinstance(inner, dict | list):
                    self._take(inner, found, None, depth + 1)
                    return
        self.foreign += 1

    def _search(
        self, text: str, *, final: bool, ended: bool = True, base: int = 0
    ) -> tuple[list[Any], int]:
        """The events among objects one after another, and where an unfinished one begins."""
        found: list[Any] = []
        at, spent = 0, 0
        self.pretty = self.pretty or "\n" in text
        while True:
            start = text.find("{", at)
            gap = BETWEEN.match(text, at)
            if gap and gap.end() != (start if start >= 0 else len(text)):
                self._damage(f"at character {base + gap.end()} there is no JSON object")
            self._closed = self._closed or (gap is not None and "]" in gap.group())
            if start < 0:
                if final and not (ended or self._closed):
                    self._damage("the list of records is cut off")
                return found, len(text)
            try:
                value, at = OBJECTS.raw_decode(text, start)
            except (ValueError, RecursionError) as error:
                where = getattr(error, "pos", start)
                told = getattr(error, "msg", "nested too deeply or not JSON")
                at_end = len(text) - where < 2 or told.startswith("Unterminated")
                if not final and (at_end or len(text) - where < 256):
                    return found, start
                if at_end:
                    self._damage("the last record is cut off")
                else:
                    self._damage(f"a record is damaged at character {base + where} ({told})")
                spent += max(where - start, 1)
                again = START.search(text, start + 1)
                if again is None or spent > _PATIENCE * len(text) + SEARCH:
                    return found, len(text)
                at = again.start()
                continue
            self._take(value, found, text[start:at])
