"""The edge of the example estate: load balancers, web firewall, CloudFront, certificates, DNS."""

from __future__ import annotations

from typing import Any

from sharedline.demo.estate.place import FRANKFURT, HOME, Estate, Place, tags


def build(estate: Estate) -> None:
    """Certificates first, then what shows them."""
    here, kits = estate.at("production", FRANKFURT), estate.at("plumbob")
    for place, name in (
        (here, "shop.fennelrye.example"),
        (estate.at("production", HOME), "www.fennelrye.example"),
        # This one has expired: a fixture says when.
        (here, "old-shop.fennelrye.example"),
    ):
        _certificate(place, name)
    _balancers(here)
    _kits_balancers(kits)
    _firewalls(here, estate.at("production", HOME))
    _distributions(estate.at("production", HOME), kits)
    for place, zone in ((estate.at("production"), "fennelrye.example"), (kits, "plumbob.example")):
        place("route53").create_hosted_zone(Name=zone, CallerReference=zone)


def _certificate(here: Place, name: str) -> None:
    made = here("acm").request_certificate(
        DomainName=name, ValidationMethod="DNS", Tags=tags(team="shop")
    )
    here.keep(f"certificate/{name}", made["CertificateArn"])


def _balancer(here: Place, name: str, vpc: str, **more: Any) -> str:
    kind = "public" if name != "internal" else "private"
    made = here("elbv2").create_load_balancer(
        Name=name,
        Subnets=[here.get(f"subnet/{vpc}-{kind}-{zone}") for zone in ("a", "b")],
        **more,
    )["LoadBalancers"][0]["LoadBalancerArn"]
    return here.keep(f"balancer/{name}", made)


def _target(here: Place, name: str, vpc: str) -> str:
    made = here("elbv2").create_target_group(
        Name=name,
        Protocol="HTTPS" if name == "checkout" else "HTTP",
        Port=8443 if name == "checkout" else 8080,
        VpcId=here.get(f"vpc/{vpc}"),
        TargetType="instance",
    )
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def _listen(here: Place, balancer: str, port: int, action: dict[str, Any], **more: Any) -> None:
    here("elbv2").create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP" if port == 80 else "HTTPS",
        Port=port,
        DefaultActions=[action],
        **more,
    )


def _balancers(here: Place) -> None:
    group = [here.get("sg/shop/alb")]
    shop = _balancer(here, "shop", "shop", SecurityGroups=group, Tags=tags("shop", team="shop"))
    to_https = {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
    }
    certificate = [{"CertificateArn": here.get("certificate/shop.fennelrye.example")}]
    modern = {
        "Certificates": certificate,
        "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    }
    _listen(here, shop, 80, to_https)
    _listen(here, shop, 443, _to(_target(here, "shop-web", "shop")), **modern)
    _attributes(here, shop, deletion="true", logs="true", drop="true")
    # The old checkout still answers without encryption.
    checkout = _balancer(
        here, "checkout-old", "shop", SecurityGroups=group, Tags=tags("checkout-old", team="shop")
    )
    _listen(here, checkout, 80, _to(_target(here, "checkout", "shop")))
    _attributes(here, checkout, deletion="false", logs="false", drop="false")
    internal = _balancer(
        here,
        "internal",
        "shop",
        Scheme="internal",
        SecurityGroups=[here.get("sg/shop/endpoints")],
        Tags=tags("internal", team="platform"),
    )
    _listen(here, internal, 443, _to(_target(here, "internal", "shop")), **modern)
    _attributes(here, internal, deletion="true", logs="true", drop="true")


def _to(target: str) -> dict[str, Any]:
    return {"Type": "forward", "TargetGroupArn": target}


def _attributes(here: Place, balancer: str, *, deletion: str, logs: str, drop: str) -> None:
    values = {
        "deletion_protection.enabled": deletion,
        "access_logs.s3.enabled": logs,
        "access_logs.s3.bucket": "fennelrye-lb-logs" if logs == "true" else "",
        "routing.http.drop_invalid_header_fields.enabled": drop,
    }
    here("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=balancer,
        Attributes=[{"Key": key, "Value": value} for key, value in values.items()],
    )


def _kits_balancers(kits: Place) -> None:
    group = [kits.get("sg/plumbob-main/everything")]
    shop = _balancer(kits, "kits", "plumbob-main", SecurityGroups=group)
    _listen(kits, shop, 80, _to(_target(kits, "kits-web", "plumbob-main")))
    kits("elb").create_load_balancer(
        LoadBalancerName="kits-classic",
        Listeners=[
            {
                "Protocol": "HTTP",
                "LoadBalancerPort": 80,
                "InstanceProtocol": "HTTP",
                "InstancePort": 80,
            }
        ],
        Subnets=[kits.get("subnet/plumbob-main-public-a")],
        SecurityGroups=group,
    )


def _managed_rules(name: str, number: int, *, counting: bool) -> dict[str, Any]:
    return {
        "Name": name,
        "Priority": number,
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
        # In count mode a firewall watches attacks go by.
        "OverrideAction": {"Count": {}} if counting else {"None": {}},
        "VisibilityConfig": _seen(name),
    }


def _seen(name: str) -> dict[str, Any]:
    return {
        "SampledRequestsEnabled": True,
        "CloudWatchMetricsEnabled": True,
        "MetricName": name,
    }


def _acl(here: Place, name: str, scope: str, *, counting: bool) -> str:
    groups = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet")
    made = here("wafv2").create_web_acl(
        Name=name,
        Scope=scope,
        DefaultAction={"Allow": {}},
        Rules=[
            _managed_rules(group, number, counting=counting) for number, group in enumerate(groups)
        ],
        VisibilityConfig=_seen(name),
        Tags=tags(team="shop"),
    )["Summary"]["ARN"]
    return here.keep(f"acl/{name}", made)


def _firewalls(here: Place, home: Place) -> None:
    shop = _acl(here, "shop", "REGIONAL", counting=False)
    here("wafv2").associate_web_acl(WebACLArn=shop, ResourceArn=here.get("balancer/shop"))
    here("wafv2").put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": shop,
            "LogDestinationConfigs": [here.arn("logs", "log-group:aws-waf-logs-shop")],
        }
    )
    # "For two weeks, to tune it", in March.
    old = _acl(here, "checkout-old", "REGIONAL", counting=True)
    here("wafv2").associate_web_acl(WebACLArn=old, ResourceArn=here.get("balancer/checkout-old"))
    _acl(home, "cdn", "CLOUDFRONT", counting=False)


def _distribution(here: Place, bucket: str, **more: Any) -> None:
    cache = {
        "TargetOriginId": bucket,
        "ViewerProtocolPolicy": more.pop("viewers"),
        "AllowedMethods": {
            "Quantity": 2,
            "Items": ["GET", "HEAD"],
            "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
        },
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        "MinTTL": 0,
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
    }
    origin = {
        "Id": bucket,
        "DomainName": f"{bucket}.s3.amazonaws.com",
        "OriginAccessControlId": more.pop("control"),
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    config = {
        "CallerReference": bucket,
        "Comment": bucket,
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": cache,
        **more,
    }
    labels = tags(team="shop") if here.account == "production" else []
    here("cloudfront").create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": labels}}
    )


def _distributions(home: Place, kits: Place) -> None:
    _distribution(
        home,
        "fennelrye-shop-assets",
        viewers="redirect-to-https",
        control="E1FRSHOPASSETS",
        WebACLId=home.get("acl/cdn"),
        Logging={
            "Enabled": True,
            "IncludeCookies": False,
            "Bucket": "fennelrye-cdn-logs.s3.amazonaws.com",
            "Prefix": "assets/",
        },
        ViewerCertificate={
            "ACMCertificateArn": home.get("certificate/www.fennelrye.example"),
            "SSLSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2021",
            "Certificate": home.get("certificate/www.fennelrye.example"),
            "CertificateSource": "acm",
            "CloudFrontDefaultCertificate": False,
        },
        Aliases={"Quantity": 1, "Items": ["www.fennelrye.example"]},
    )
    _distribution(kits, "plumbob-website", viewers="allow-all", control="")
