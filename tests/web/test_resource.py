"""One resource: what is said of it, within the scope; its past loads after the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.web.conftest import ACCOUNT, Visitor

ARN = "arn:aws:s3:::other"


@pytest.mark.parametrize("who", ["auditor", "owner"])
def test_the_page_of_a_bucket(visit: Visitor, who: str) -> None:
    client = visit(who)
    page = client.get("/resource", params={"arn": ARN}).text
    assert "S3 buckets keep versions of their objects" in page
    assert "The line through it" in page
    assert "side-customer" in page
    assert ACCOUNT in page
    assert 'hx-get="/resource/past?arn=' in page
    past = client.get("/resource/past", params={"arn": ARN}).text
    assert past.count("2026-11-2") == 2
    assert "unmet" in past
    assert "<html" not in past
    whole = client.get("/resource", params={"arn": ARN, "past": "1"}).text
    assert '<th scope="row"><code>s3/bucket_versioning_on</code></th>' in whole


def test_what_changed_between_the_scans_shows_in_the_past(visit: Visitor) -> None:
    past = visit("auditor").get("/resource/past", params={"arn": "arn:aws:s3:::ledger"}).text
    assert past.index("unmet") < past.index("</i> met")


def test_one_that_is_not_there_or_not_theirs_is_answered_the_same(
    visit: Visitor, folder: Path
) -> None:
    absent = visit("owner").get("/resource", params={"arn": "arn:aws:s3:::none"})
    assert absent.status_code == 404
    assert visit("owner").get("/resource").status_code == 404
    assert visit("owner").get("/resource/past", params={"arn": "x'\0"}).status_code == 404
    (folder / "owners.toml").write_text("")  # the register of now does not open a scan of then
    region = f"arn:aws:account:us-east-1:{ACCOUNT}:region/us-east-1"
    assert visit("owner").get("/resource", params={"arn": region}).status_code == 404
