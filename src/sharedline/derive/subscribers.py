"""Who hears of it: which accounts were scanned, and which topics have a confirmed subscriber."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sharedline.derive.base import Rows
from sharedline.derive.log_pattern import any_of

Place = tuple[str, str]
#: An answer, NULL for unknown, and why.
Answer = tuple[bool | None, str]


def best(answers: Sequence[Answer]) -> Answer:
    """The most favourable of one or more answers, with its text."""
    for wanted in (True, None):
        for answer in answers:
            if answer[0] is wanted:
                return answer
    return answers[0]


@dataclass(frozen=True)
class Estate:
    """What was read: accounts with their ARN, their Regions, and listings that failed."""

    accounts: dict[str, str]
    places: frozenset[Place]
    failed: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, rows: Rows) -> Estate:
        """From `account_region` and `listing`."""
        accounts: dict[str, str] = {}
        places = set()
        for row in rows.get("account_region", ()):
            partition = str(row["arn"]).split(":")[1]
            accounts[row["account_id"]] = f"arn:{partition}:iam::{row['account_id']}:root"
            places.add((row["account_id"], row["region"]))
        failed = {
            (r["account_id"], r["region"], r["table_name"])
            for r in rows.get("listing", ())
            if r["status"] not in ("ok", "not_offered")
        }
        return cls(accounts, frozenset(places), frozenset(failed))

    def empty(self, place: Place, table: str, text: str) -> Answer:
        """Nothing was found in a table: False if the place was read, else None."""
        account, region = place
        if place not in self.places:
            return None, f"account {account} was not scanned in {region}"
        if (account, region, table) in self.failed:
            return None, f"{table} could not be read in {region} of {account}"
        return False, text

    def nowhere(self, account: str, tables: tuple[str, ...], text: str) -> Answer:
        """Nothing was found in any Region of an account."""
        if any(a == account and t in tables for a, _, t in self.failed):
            return None, f"{tables[0]} could not be read in every Region of {account}"
        return False, text


@dataclass(frozen=True)
class Topics:
    """SNS topics: whether a subscriber of theirs confirmed."""

    estate: Estate
    subscribed: dict[str, list[bool | None]]

    @classmethod
    def of(cls, rows: Rows, estate: Estate) -> Topics:
        """From `sns_subscription`."""
        found: dict[str, list[bool | None]] = defaultdict(list)
        for row in rows.get("sns_subscription", ()):
            found[row["topic_arn"]].append(row["confirmed"])
        return cls(estate, dict(found))

    def reached(self, topic: str) -> Answer:
        """Whether a message to the topic reaches a subscriber that confirmed."""
        parts = topic.split(":")
        if len(parts) < 6:
            return None, f"{topic} is not understood"
        if topic in self.subscribed:
            answer = any_of(self.subscribed[topic])
            word = "a subscriber" if answer else "no subscriber"
            return answer, f"{word} of topic {parts[5]} has confirmed"
        place = (parts[4], parts[3])
        return self.estate.empty(place, "sns_subscription", f"topic {parts[5]} has no subscriber")

    def any_reached(self, targets: Iterable[str] | None, who: str) -> Answer:
        """Whether one of the SNS topics among the targets reaches a subscriber."""
        if targets is None:
            return None, f"the targets of {who} could not be read"
        topics = [t for t in targets if ":sns:" in t]
        if not topics:
            return False, f"{who} tells no SNS topic"
        answers = [self.reached(t) for t in topics]
        overall = any_of([a for a, _ in answers])
        return overall, next(why for a, why in answers if a is overall)
