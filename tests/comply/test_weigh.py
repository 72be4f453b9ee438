"""What findings say of a control part; the gravest decides, and a duty alone never shows it met."""

from __future__ import annotations

import pytest

from sharedline.comply.weigh import named, of_duty
from sharedline.model import Status


@pytest.mark.parametrize(
    ("counts", "status", "says"),
    [
        ({"met": 3}, Status.MET, "All 3 findings are met."),
        ({"met": 1}, Status.MET, "Its one finding is met."),
        ({"met": 3, "waived": 1}, Status.WAIVED, "1 of 4 findings is waived, the rest is met."),
        ({"waived": 2}, Status.WAIVED, "2 of 2 findings are waived."),
        ({"unknown": 2, "waived": 1}, Status.UNKNOWN, "2 of 3 findings could not be read."),
        ({"unmet": 1, "unknown": 9}, Status.UNMET, "1 of 10 findings is unmet."),
    ],
)
def test_the_gravest_status_decides(counts: dict[str, int], status: Status, says: str) -> None:
    assert named(counts) == (status, says)


def test_without_findings_nothing_is_said() -> None:
    assert named({}) is None
    assert named({"met": 0}) is None
    assert of_duty({}) == (False, "")


def test_findings_of_a_duty_count_against_a_part_and_never_for_it() -> None:
    bad, said = of_duty({"met": 8, "unknown": 1, "unmet": 1})
    assert bad
    assert said == "2 of 10 findings of its duty are not met, of checks that do not name it."
    good, said = of_duty({"met": 2, "waived": 1})
    assert not good
    assert said == "The 3 findings of its duty are met, of checks that do not name it."
