"""Clauses and their ids, from Markdown, Word and CSV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from sharedline.comply.policies import numbers
from sharedline.comply.policies.clauses import Clause, of_file, pick, read, slug
from sharedline.errors import Error

Written = Callable[..., list[Clause]]

ACCESS = """---
owner: Identity team
---
# Access policy
Preamble.
## 1 Accounts
Everybody signs in with a second factor.
## 2 Privileges
2.1 Each role has only what its work needs.
2.2 Access is reviewed every quarter,
and what nobody uses is taken away.

1. Ask the owner.
2. Write it down.

- 2.3 Nobody shares an account.
## Data centers {#sites}
Buildings are guarded.
"""


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str, name: str = "access.md") -> list[Clause]:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return of_file(path, slug(path.stem))

    return write


def test_markdown_becomes_clauses(written: Written) -> None:
    found = {c.id: c for c in written(ACCESS)}
    assert list(found) == [
        "access/access-policy", "access/1", "access/2.1", "access/2.2", "access/2.3",
        "access/sites",
    ]  # fmt: skip
    review = found["access/2.2"]
    assert review.text == (
        "Access is reviewed every quarter, and what nobody uses is taken away.\n"
        "Ask the owner.\nWrite it down."
    )
    assert review.within == ("Access policy", "Privileges")
    assert (review.number, review.title) == (
        "2.2",
        "Access is reviewed every quarter, and what nobody…",
    )
    assert found["access/1"].title == "Accounts"
    assert found["access/1"].place == 6
    assert {c.owner for c in found.values()} == {"Identity team"}


@pytest.mark.parametrize(
    ("paragraph", "texts"),
    [
        ("2.1 One.\n2.2 Two.\n2.4 Four.", ["One.", "Two.", "Four."]),
        ("2.1 As said in\n4.2 Of the standard.", ["As said in 4.2 Of the standard."]),
        ("2.1 Use TLS\n2.2 or later.", ["Use TLS 2.2 or later."]),
        ("2.1 One.\n2.1.1 Below it.\n2.2 Two.", ["One.", "Below it.", "Two."]),
        ("2.1 One.\\\n2.2 Two.", ["One.", "Two."]),
    ],
)
def test_lines_of_a_paragraph_are_clauses_where_their_numbers_follow(
    written: Written, paragraph: str, texts: list[str]
) -> None:
    assert [c.text for c in written(f"# Top\n{paragraph}\n")] == texts


def test_lines_under_an_introduction(written: Written) -> None:
    found = written("# 2 Privileges\nThe rules are:\n2.1 One.\n2.2 Two.\n")
    assert [(c.id, c.text) for c in found] == [
        ("access/2", "The rules are:"), ("access/2.1", "One."), ("access/2.2", "Two.")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "before", "does"),
    [
        ("2.2", "2.1", True), ("2.5", "2.1", True), ("2.1.1", "2.1", True), ("3", "2.1", True),
        ("3.1", "2.9", True), ("2.2", "2.1.4", True), ("2.1", "2", True), ("1.1", "", True),
        ("4.2", "2.1", False), ("2.1", "2.1", False), ("2.0", "2.1", False), ("2", "2.1", False),
        ("3.2", "2.9", False), ("1.2", "", False), ("A.5.2", "A.5.1", True),
        ("B.5.2", "A.5.1", False), ("3.1", "A.5", False),
    ],
)  # fmt: skip
def test_which_number_follows(number: str, before: str, does: bool) -> None:
    assert numbers.follows(number, before) is does


def test_an_edit_keeps_the_id_and_changes_the_fingerprint(written: Written) -> None:
    before = {c.id: c.fingerprint for c in written(ACCESS)}
    after = {c.id: c.fingerprint for c in written(ACCESS.replace("second", "strong"))}
    assert before.keys() == after.keys()
    assert [i for i in before if before[i] != after[i]] == ["access/1"]


def test_what_is_no_word_keeps_the_fingerprint(written: Written) -> None:
    before = [c.fingerprint for c in written(ACCESS)]
    wrapped = ACCESS.replace("signs in with", "signs   in\nwith").replace("Identity team", "Other")
    assert [c.fingerprint for c in written(wrapped)] == before


def test_sections_may_be_moved(written: Written) -> None:
    one = "# Keys\n## Scope\nAll keys.\n## 1 Use\nRarely.\n"
    two = "# Logs\n## Scope\nAll logs.\n## 1 Use\nDaily.\n"
    before = {c.id: c.text for c in written(one + two)}
    assert before == {c.id: c.text for c in written(two + one)}
    assert before == {
        "access/keys.scope": "All keys.", "access/keys.1": "Rarely.",
        "access/logs.scope": "All logs.", "access/logs.1": "Daily.",
    }  # fmt: skip


def test_a_title_may_change_under_an_anchor(written: Written) -> None:
    assert written("# Sites {#s.1}\nx")[0].id == written("# Buildings {#s.1}\nx")[0].id
    assert written("# Top\n1.1 Words. {#kept}")[0].id == "access/kept"
    assert written("# Sites {#s.1}\nx")[0].title == "Sites"


def test_an_anchor_wins_over_a_heading_of_its_name(written: Written) -> None:
    found = written("# Scope\na\n# Other {#scope}\nb\n# Third\nc\n")
    assert {c.id: c.text for c in found} == {
        "access/scope-2": "a", "access/scope": "b", "access/third": "c"
    }  # fmt: skip


def test_an_anchor_twice_is_an_error(written: Written) -> None:
    with pytest.raises(Error, match=r"anchor \{#a\} is there twice"):
        written("# X {#a}\nx\n# Y {#a}\ny\n")


def test_many_of_one_name_have_ids_of_their_own(written: Written) -> None:
    found = written("# Scope\nx\n\n" * 15_000)
    assert len({c.id for c in found}) == 15_000
    assert [c.id for c in found][:3] == ["access/scope", "access/scope-2", "access/scope-3"]


def test_a_table_in_markdown(written: Written) -> None:
    found = written("# T\n| No | Rule |\n|---|---|\n| 4.1 | Lock doors |\n| 4.2 | Close gates |\n")
    assert {c.id: c.text for c in found} == {
        "access/t": "No | Rule", "access/4.1": "Lock doors", "access/4.2": "Close gates"
    }  # fmt: skip


def test_code_is_no_clause(written: Written) -> None:
    assert written("# Run\n```\n1.1 rm\n```\n<!-- 1.2 Hidden -->\n") == []


@pytest.mark.parametrize(
    ("text", "owner", "clauses"),
    [
        ("---\nowner: 'A: B'\n---\n# X\ny\n", "A: B", 1),
        ("---\ntitle: T\n---\n# X\ny\n", "", 1),
        ("---\n# Rules\nNobody smokes.\n\n---\n# X\ny\n", "", 2),
        ("---\n# Rules\n[Nobody smokes.\n\n---\n# X\ny\n", "", 2),
    ],
)
def test_front_matter_is_taken_for_it_only_where_it_is(
    written: Written, text: str, owner: str, clauses: int
) -> None:
    found = written(text)
    assert {c.owner for c in found} == {owner}
    assert len(found) == clauses


def test_front_matter_that_is_no_yaml(written: Written) -> None:
    with pytest.raises(Error, match="is no YAML"):
        written("---\nowner: A: B\n---\n# X\ny\n")


def test_an_owner_that_is_no_text(written: Written) -> None:
    with pytest.raises(Error, match=r"owner = .* is no text"):
        written("---\nowner: [a, b]\n---\n# X\ny\n")


def test_word_becomes_clauses(tmp_path: Path) -> None:
    path = tmp_path / "site.docx"
    document = docx.Document()
    document.add_heading("Site policy", 0)
    document.add_heading("Doors", 1)
    document.add_paragraph("All doors are locked.")
    document.add_paragraph("2.1 Keys are counted.\n2.2 Losses are told.")
    style = document.styles.add_style("House heading", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Heading 2"]
    document.add_paragraph("Gates", "House heading")
    inserted = OxmlElement("w:ins")
    kept, struck = document.add_paragraph("Gates close "), OxmlElement("w:del")
    run = kept.add_run("at night.")
    inserted.append(run._r)
    kept._p.append(inserted)
    gone = OxmlElement("w:r")
    words = OxmlElement("w:t")
    words.text = "never"
    gone.append(words)
    struck.append(gone)
    kept._p.append(struck)
    table = document.add_table(2, 2)
    for (r, c), text in {(0, 0): "4.1", (0, 1): "Guards", (1, 0): "4.2", (1, 1): "Dogs"}.items():
        table.cell(r, c).text = text
    document.save(str(path))
    found = of_file(path, "site")
    assert {c.id: c.text for c in found} == {
        "site/doors": "All doors are locked.", "site/2.1": "Keys are counted.",
        "site/2.2": "Losses are told.", "site/gates": "Gates close at night.",
        "site/4.1": "Guards", "site/4.2": "Dogs",
    }  # fmt: skip
    assert found[-1].within == ("Site policy", "Doors", "Gates")


def test_text_in_a_content_control_of_word_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    document = docx.Document()
    document.add_heading("Doors", 1)
    paragraph = document.add_paragraph("All doors are locked.")
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    paragraph._p.addprevious(control)
    control.append(content)
    content.append(paragraph._p)
    document.save(str(path))
    assert document.element.body.find(qn("w:sdt")) is not None
    assert [c.text for c in of_file(path, "a")] == ["All doors are locked."]


def test_a_folder_is_read_in_order_and_only_its_policies(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# X\ny\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "c.MD").write_text("# X\ny\n")
    for other in ("notes.txt", ".hidden.md", "~$open.docx"):
        (tmp_path / other).write_text("# X\ny\n")
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "dir.md").mkdir()
    assert [c.id for c in read(tmp_path)] == ["a-c/x", "b/x"]


def test_two_files_of_one_name(tmp_path: Path) -> None:
    (tmp_path / "a b.md").write_text("# X\ny\n")
    (tmp_path / "a-b.csv").write_text("id,text\n1,y\n")
    with pytest.raises(Error, match=r"a b\.md and .*a-b\.csv would both be called a-b"):
        read(tmp_path)


def test_names_with_accents_are_the_same_on_every_disk() -> None:
    assert slug("Politique d'acce\u0300s") == slug("Politique d'acc\u00e8s") == "politique-d-accès"
    assert slug("***") == "untitled"
    assert len(slug("word " * 50)) <= 60


def test_an_exact_id_stands_for_itself_and_a_beginning_for_all(written: Written) -> None:
    every = written("# T\n2.1 A\n\n2.10 B\n\n2.2 C\n")
    assert [c.id for c in pick(every, ["access/2.1"])] == ["access/2.1"]
    assert len(pick(every, ["access/2"])) == 3
    assert [c.id for c in pick(every, ["access/2.1", "access/2.2"])] == ["access/2.1", "access/2.2"]
    for wrong in ("access/9", ""):
        with pytest.raises(Error, match="No clause begins with"):
            pick(every, ["access/2.1", wrong])
