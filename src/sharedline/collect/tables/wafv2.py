"""AWS WAF: web ACLs in the Regions and for CloudFront, with what their rules do."""

from __future__ import annotations

from collections.abc import Mapping

from sharedline.collect.table import Call, Col, Table, col, item, opt

# `{}` is false in JMESPath, and AWS says "block" as `Block: {}`: hence `type(...)`.
_STOPS = " || ".join(
    f"type({path}) == 'object'"
    for path in ("Action.Block", "Action.Captcha", "Action.Challenge", "OverrideAction.None")
)
_COUNTS = "type(Action.Count) == 'object' || type(OverrideAction.Count) == 'object'"
_ARRAYS = (
    "WebACL.[Rules, PreProcessFirewallManagerRuleGroups, PostProcessFirewallManagerRuleGroups][][]"
)


_RULES: Mapping[str, str | Col] = {
    "rule_count": col(f"length({_ARRAYS} | [?@])", "int", "How many rules and rule groups it has."),
    "stopping_rule_count": col(
        f"length({_ARRAYS} | [?{_STOPS}])",
        "int",
        "How many of them block, challenge, or act as their rule group says.",
    ),
    "counting_rule_names": col(
        f"{_ARRAYS} | [?{_COUNTS}].Name",
        "strings",
        "The rules that only count what they match.",
    ),
    "default_action_blocks": col(
        "type(WebACL.DefaultAction.Block) == 'object'",
        "bool",
        "Whether a request that no rule matches is blocked.",
    ),
    "managed_by_firewall_manager": opt("WebACL.ManagedByFirewallManager"),
}
_LOGGING: Mapping[str, str | Col] = {
    "logging_enabled": col(
        "type(LoggingConfiguration) == 'object'", "bool", "Whether its traffic is logged."
    ),
}


def _details(scope: str) -> tuple[Call, ...]:
    return (
        Call(
            operation="GetWebACL",
            params={"Name": item("Name"), "Id": item("Id"), "Scope": scope},
            columns=_RULES,
        ),
        Call(
            operation="GetLoggingConfiguration",
            params={"ResourceArn": item("ARN")},
            columns=_LOGGING,
            absent={"WAFNonexistentItemException": False},
        ),
        Call(
            operation="ListTagsForResource",
            params={"ResourceARN": item("ARN")},
            columns={"tags": "TagInfoForResource.TagList"},
        ),
    )


WAFV2_WEB_ACL = Table(
    name="wafv2_web_acl",
    service="wafv2",
    arn="{ARN}",
    list=Call(operation="ListWebACLs", items="WebACLs[]", params={"Scope": "REGIONAL"}),
    columns={"id": "Id", "name": "Name"},
    details=_details("REGIONAL"),
    doc="A web ACL for load balancers, APIs and other endpoints of a Region.",
)

WAFV2_CLOUDFRONT_WEB_ACL = Table(
    name="wafv2_cloudfront_web_acl",
    service="wafv2",
    scope="global",
    arn="{ARN}",
    list=Call(operation="ListWebACLs", items="WebACLs[]", params={"Scope": "CLOUDFRONT"}),
    columns={"id": "Id", "name": "Name"},
    details=_details("CLOUDFRONT"),
    doc="A web ACL for CloudFront distributions.",
)
