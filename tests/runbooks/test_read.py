"""Reading runbooks in Markdown: front matter, steps, what the text names, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

from sharedline.errors import ConfigError, Error
from sharedline.runbooks import library
from sharedline.runbooks.model import Mention, Step, Trial
from sharedline.runbooks.read import markdown
from sharedline.runbooks.record import record, with_test
from sharedline.runbooks.schema import front_matter

GOOD = """---
title: A bucket is open
duty: data.exposure
owner: security
roles: {lead: Decides.}
guardduty: ["Policy:S3/*"]
detections: [s3/bucket_made_public]
checks: [s3/bucket_*]
tested:
  - {on: 2026-05-01, by: Ann, how: tabletop}
  - on: 2026-03-01
    by: Ben
    how: read-through
---
# A bucket is open

- Not a step: it stands below no phase.

## Detect

1. Look at `Policy:S3/BucketPublicAccessGranted` and
   the trail.
   - A detail of the first step.
2. Ask.

## Respond (contain)

1. Shut it with `s3:PutBucketPublicAccessBlock`:

   ```sh
   aws s3api put-public-access-block --bucket NAME \\
     --public-access-block-configuration BlockPublicAcls=true
   aws s3 ls
   ```

## Background

- No step either. See [the other](other.md) and <https://example.org>.
"""


def written(folder: Path, text: str, name: str = "open-bucket.md") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_everything_is_read(tmp_path: Path) -> None:
    one = markdown(written(tmp_path, GOOD), "open-bucket")
    assert (one.title, one.duty, one.owner) == ("A bucket is open", "data.exposure", "security")
    assert one.roles == {"lead": "Decides."}
    assert one.steps == (
        Step("detect", "Look at `Policy:S3/BucketPublicAccessGranted` and the trail.", 21),
        Step("detect", "Ask.", 24),
        Step("respond", "Shut it with `s3:PutBucketPublicAccessBlock`:", 28),
    )
    assert one.last == Trial(date(2026, 5, 1), "Ann", "tabletop")
    assert one.answers("guardduty", "Policy:S3/BucketPublicAccessGranted")
    assert not one.answers("guardduty", "Stealth:S3/ServerAccessLoggingDisabled")
    assert one.answers("check", "s3/bucket_versioning_on")
    assert not one.starter


def test_what_the_text_names_is_found_with_its_line(tmp_path: Path) -> None:
    one = markdown(written(tmp_path, GOOD), "open-bucket")
    assert set(one.mentions) == {
        Mention("type", "Policy:S3/BucketPublicAccessGranted", 21),
        Mention("action", "s3:PutBucketPublicAccessBlock", 28),
        Mention("command", "s3api put-public-access-block", 31),
        Mention("command", "s3 ls", 33),
        Mention("link", "other.md", 38),
        Mention("link", "https://example.org", 38),
    }
    lines = GOOD.splitlines()
    assert all(each.text.split("-")[0] in lines[each.line - 1] for each in one.mentions)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# No front matter\n", "there is no front matter"),
        ("---\ntitle: [\n---\n", "line 3: the front matter is not YAML"),
        ("---\n- a list\n---\n", "has no keys"),
        ("---\ntitle: A\nduty: data.exposure\nowners: x\n---\n", "unknown key owners"),
        ("---\ntitle: A\n---\n", '"duty" is a required property'),
        ("---\ntitle: ''\nduty: d\n---\n", "title: "),
        ("---\ntitle: A\nduty: d\ntested: [{on: soon, by: A, how: B}]\n---\n", "tested.0.on: "),
        ("---\ntitle: A\nduty: d\ntested: [{on: 2026-01-01, by: A}]\n---\n", '"how" is a required'),
        ("---\ntitle: A\nduty: d\ntested: [{on: 2026-01-01 09:00:00, by: A, how: B}]\n---\n", "0.on"),
        ("---\ntitle: &a A\nduty: *a\n---\n", "line 2: anchors and aliases"),
        ("---\ntitle: A\ntitle: B\nduty: d\n---\n", "line 3: the key title stands there twice"),
        ("---\ntitle: !!python/name:os.system x\nduty: d\n---\n", "line 2: the tag !"),
        ("---\ntitle: A\nroles: " + "[" * 3_000 + "\n---\n", "nested too deeply"),
        ("---\ntitle: \x07\n---\n", "the front matter is not YAML"),
        ("---\ntitle: A\nduty: d\nguardduty: Policy:S3/*\n---\n", "guardduty: "),
    ],
)
def test_what_is_wrong_is_refused_and_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        markdown(written(tmp_path, text), "open-bucket")
    assert said in refused.value.message
    assert "open-bucket.md" in refused.value.message
    assert refused.value.advice


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"---\ntitle: \xff\n---\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        markdown(path, "a")


def test_the_projects_own_wins_and_the_id_is_the_path(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "public-bucket.md")
    written(tmp_path, GOOD, "storage/old.md")
    written(tmp_path, "# Read me\n", "README.md")
    written(tmp_path, GOOD, ".draft/hidden.md")
    found = library.load(tmp_path)
    assert found.problems == ()
    assert found.runbooks["public-bucket"].title == "A bucket is open"
    assert not found.runbooks["public-bucket"].starter
    assert found.runbooks["leaked-access-key"].starter
    assert "storage/old" in found.runbooks
    assert not {"README", ".draft/hidden"} & set(found.runbooks)
    assert library.resolve(tmp_path, "public-bucket") == tmp_path / "public-bucket.md"
    assert library.resolve(tmp_path, "ransomware") == library.starter() / "ransomware.md"
    assert library.resolve(None, "no-such") is None


def test_a_broken_file_of_the_project_hides_the_starter_instead_of_falling_back(
    tmp_path: Path,
) -> None:
    written(tmp_path, "nothing\n", "public-bucket.md")
    found = library.load(tmp_path)
    assert "public-bucket" not in found.runbooks
    assert [problem.id for problem in found.problems] == ["public-bucket"]


def test_an_unknown_id_names_near_ones() -> None:
    with pytest.raises(Error) as refused:
        library.load().get("bucket")
    assert "public-bucket" in refused.value.advice


@pytest.mark.parametrize(
    "given",
    [
        "tested: []",
        "tested:",
        "tested:  # newest first",
        "tested:\n  - {on: 2026-01-01, by: Ben, how: read}",
        "tested:\n- on: 2026-01-01\n  by: Ben\n  how: read",
        "owner: a",
    ],
)
def test_a_test_is_recorded_and_nothing_else_changes(tmp_path: Path, given: str) -> None:
    body = f"---\ntitle: A\nduty: data.exposure\n{given}\n---\n# A\n\n1. `x`\n"
    one = markdown(written(tmp_path, body), "a")
    record(one, Trial(date(2026, 11, 21), 'Ann "A" Ü', "functional: 2 of 2"))
    again = markdown(tmp_path / "open-bucket.md", "a")
    assert again.last == Trial(date(2026, 11, 21), 'Ann "A" Ü', "functional: 2 of 2")
    assert len(again.tested) == len(one.tested) + 1
    text = (tmp_path / "open-bucket.md").read_text("utf-8")
    assert text.endswith("---\n# A\n\n1. `x`\n")
    assert text.startswith("---\ntitle: A\nduty: data.exposure\n")


def test_line_ends_stay_as_they_were() -> None:
    text = GOOD.replace("\n", "\r\n")
    made = with_test(text, Trial(date(2026, 11, 21), "Ann", "x"))
    assert made.replace("\r\n", "").count("\n") == 0


def test_a_starter_is_not_written() -> None:
    one = library.load().get("ransomware")
    before = Path(one.path).read_bytes()
    with pytest.raises(Error, match="not yours"):
        record(one, Trial(date(2026, 11, 21), "Ann", "x"))
    assert Path(one.path).read_bytes() == before


def test_the_schema_for_editors_knows_the_duties() -> None:
    schema = front_matter()
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    good = {"title": "A", "duty": "data.exposure", "tested": [
        {"on": "2026-05-01", "by": "A", "how": "B"}]}  # fmt: skip
    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "duty": "data.no-such"})
    assert not validator.is_valid({**good, "more": 1})
    assert not validator.is_valid({**good, "tested": [{"on": "x", "by": "A", "how": "B"}]})
