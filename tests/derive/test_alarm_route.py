"""An alarm reaches somebody only through a subscriber that confirmed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sharedline.derive.alarm_route import run

PLACE = {"account_id": "111122223333", "region": "us-east-1"}
TOPIC = "arn:aws:sns:us-east-1:111122223333:people"
LAMBDA = "arn:aws:lambda:us-east-1:111122223333:function:page"
SCALE = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:x"
CHAT = "https://global.sns-api.chatbot.amazonaws.com"


def alarm(actions: list[str] | None, *, enabled: bool | None = True) -> dict[str, Any]:
    arn = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a"
    names = {"alarm_name": "a", "kind": "metric"}
    return {"arn": arn, **PLACE, **names, "actions_enabled": enabled, "alarm_actions": actions}


def subscription(protocol: str, endpoint: str, *, confirmed: bool | None = True) -> dict[str, Any]:
    more = {"protocol": protocol, "endpoint": endpoint, "confirmed": confirmed}
    return {"arn": TOPIC, **PLACE, "topic_arn": TOPIC, **more}


def routed(
    one: dict[str, Any],
    *subscriptions: dict[str, Any],
    rules: tuple[dict[str, Any], ...] = (),
    failed: tuple[str, ...] = (),
) -> list[tuple[bool | None, str]]:
    place = {"arn": "arn:aws:account:us-east-1:111122223333:region/us-east-1", **PLACE}
    tables = {
        "account_region": [place],
        "listing": [{**place, "table_name": t, "status": "failed"} for t in failed],
        "cloudwatch_alarm": [one],
        "sns_subscription": subscriptions,
        "events_rule": rules,
    }
    return [(row["reached"], row["missing"]) for row in run(tables)]


@pytest.mark.parametrize(
    ("subscriptions", "reached", "said"),
    [
        ((subscription("email", "kim@example.com"),), True, "reaches email kim@example.com"),
        ((subscription("email", "kim@x", confirmed=False),), False, "kim@x has not confirmed"),
        ((subscription("email", "kim@x", confirmed=None),), None, "may not have confirmed"),
        ((subscription("https", CHAT),), None, "chat channel"),
        ((subscription("firehose", "arn:f"),), False, "only keeps a copy"),
        ((), False, "topic people has no subscriber"),
        (
            (subscription("email", "kim@x", confirmed=False), subscription("sms", "+1")),
            True,
            "reaches sms +1",
        ),
    ],
)
def test_who_hears_a_topic(
    subscriptions: tuple[dict[str, Any], ...], reached: bool | None, said: str
) -> None:
    [(answer, why)] = routed(alarm([TOPIC]), *subscriptions)
    assert (answer, said in why) == (reached, True)


def test_switched_off_unread_or_elsewhere() -> None:
    mail = subscription("email", "kim@x")
    assert routed(alarm([TOPIC], enabled=False), mail) == [(False, "its actions are switched off")]
    assert routed(alarm([TOPIC], enabled=None), mail)[0][0] is None
    assert routed(alarm(None), mail) == [(None, "its actions could not be read")]
    assert routed(alarm([TOPIC]), failed=("sns_subscription",))[0][0] is None
    far = TOPIC.replace("111122223333", "999988887777")
    assert routed(alarm([far]), mail)[0][0] is None


def test_what_starts_something_is_named_and_unknown() -> None:
    [(answer, why)] = routed(alarm([LAMBDA]))
    assert (answer, "function:page" in why) == (None, True)
    pattern = json.dumps({"source": ["aws.cloudwatch"]})
    rule = {"arn": "r", **PLACE, "name": "page", "event_pattern": pattern, "state": "ENABLED"}
    [(answer, why)] = routed(alarm([]), rules=(rule,))
    assert (answer, "rule page" in why) == (None, True)
    [(answer, _)] = routed(alarm([TOPIC]), subscription("email", "kim@x"), rules=(rule,))
    assert answer is True


def test_alarms_that_tell_nobody_by_intent_are_not_judged() -> None:
    other = {"arn": "r", **PLACE, "name": "ec2", "event_pattern": '{"source": ["aws.ec2"]}'}
    assert routed(alarm([SCALE]), rules=({**other, "state": "ENABLED"},)) == []
    assert routed(alarm([])) == []
    assert routed(alarm([SCALE, TOPIC]), subscription("email", "kim@x"))[0][0] is True
