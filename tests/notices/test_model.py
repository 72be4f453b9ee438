"""What others wrote cannot act in a notice: no markup, no headers, no calls to everybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sharedline.notices.model import SUBJECT, Item, Notice, Section, marked, plain

NASTY = (
    "x\r\nBcc: all@example.org\n\n# Big [click](https://evil) <script> `code` @everyone <!channel>"
)


def _notice(name: str, text: str) -> Notice:
    lists = (Section("Open", 7, (Item(name, text),)),)
    return Notice("digest", "k", f"About {name}", lists, note=text, link="https://pages/gaps")


def test_a_subject_is_one_line_that_ends() -> None:
    title = _notice(NASTY * 9, "").title
    assert "\n" not in title
    assert "\r" not in title
    assert len(title) <= SUBJECT


def test_what_is_nasty_is_only_text() -> None:
    notice = _notice(NASTY, NASTY)
    html = MarkdownIt("commonmark").render(notice.markdown())
    assert html.count("<a ") == 1  # the link of our own
    assert "<script" not in html
    assert "<h1" not in html
    for body in (notice.plain(), notice.markdown()):
        assert "@everyone" not in body
        assert "<!channel" not in body
        assert "Bcc" in body
        assert "\nBcc" not in body


@given(st.text(max_size=60))
def test_any_text_stays_in_its_place(text: str) -> None:
    html = MarkdownIt("commonmark").render(_notice(text, text).markdown())
    for tag in ("<a ", "<img", "<h1", "<h2", "<em>", "<pre>", "<blockquote>"):
        assert html.count(tag) == (tag == "<a "), tag
    assert html.count("<li>") == 2  # the item, and how many more
    assert html.count("<strong>") == 1


@pytest.mark.parametrize("value", ["a\u202eb", "a\x1b[31mb", "a\x00b", "a\u2028b"])
def test_what_a_terminal_acts_on_is_visible(value: str) -> None:
    assert plain(value).isprintable()


def test_plain_reads_well() -> None:
    assert _notice("arn:aws:s3:::ledger", "No versions (high)").plain() == (
        "No versions (high)\n\nOpen: 7\n  - arn:aws:s3:::ledger: No versions (high)\n"
        "  and 6 more\n\nhttps://pages/gaps\n"
    )
    assert marked("a_b (c)") == r"a\_b \(c\)"
