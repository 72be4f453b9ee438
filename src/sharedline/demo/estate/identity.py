"""IAM of the example estate: users and groups, roles too broad, too tight and right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sharedline.demo.estate.people import PEOPLE, Person
from sharedline.demo.estate.place import (
    FRANKFURT,
    STRANGER,
    VENDOR,
    Estate,
    Place,
    allow,
    deny,
    document,
    service_trust,
    tags,
    trust,
)

_AWS = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True)
class Role:
    """A role: who may assume it, and what it may do by a policy of its own or by AWS's."""

    name: str
    trust: str
    statements: tuple[dict[str, Any], ...] = ()
    attached: tuple[str, ...] = ()
    team: str = ""
    boundary: str = ""
    said: str = ""
    more: dict[str, str] = field(default_factory=dict)


def _outside(account: str, **condition: Any) -> str:
    more = {"Condition": condition} if condition else {}
    return trust({"AWS": f"arn:aws:iam::{account}:root"}, **more)


def production_roles(here: Place) -> tuple[Role, ...]:
    """Some thirty roles were too many to look at; these are those that matter."""
    github = {"Federated": here.iam("oidc-provider/token.actions.githubusercontent.com")}
    hub = "token.actions.githubusercontent.com"
    tasks, functions = service_trust("ecs-tasks"), service_trust("lambda")
    bucket = "arn:aws:s3:::fennelrye-"
    return (
        Role(
            "machine",
            service_trust("ec2"),
            attached=("AmazonSSMManagedInstanceCore",),
            team="platform",
        ),
        Role(
            "shop-web-task",
            tasks,
            (allow("s3:GetObject", f"{bucket}shop-assets/*"),),
            team="shop",
        ),
        # Written in a hurry before the summer campaign: everything in S3, everywhere.
        Role("shop-checkout-task", tasks, (allow("s3:*"), allow("iam:PassRole")), team="shop"),
        Role(
            "orders-function",
            functions,
            (allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], here.arn("sqs", "orders")),),
            ("AWSLambdaVPCAccessExecutionRole",),
            "shop",
        ),
        # It came from the old data centre with all that its feeds might ever need: it reads any
        # bucket, and makes a user for each partner that fetches a feed.
        Role(
            "orders-worker",
            service_trust("ec2"),
            (
                allow(["s3:Get*", "s3:List*", "s3:PutObject"], Sid="Feeds"),
                allow(
                    ["iam:CreateUser", "iam:CreateAccessKey", "iam:PutUserPolicy"],
                    here.iam("user/feed-*"),
                    Sid="Partners",
                ),
            ),
            team="shop",
        ),
        Role("task-start", tasks, attached=("AmazonECSTaskExecutionRolePolicy",), team="platform"),
        Role(
            "deploy",
            trust(
                github,
                Condition={
                    "StringEquals": {f"{hub}:aud": "sts.amazonaws.com"},
                    "StringLike": {f"{hub}:sub": "repo:fennelrye/shop:ref:refs/heads/main"},
                },
            ),
            (allow(["ecs:UpdateService", "ecr:PutImage"], here.arn("ecs", "service/shop/*")),),
            team="platform",
        ),
        # From the week before the launch, when nobody knew what a release needs.
        Role(
            "release",
            trust({"AWS": here.iam("root")}),
            (
                allow(
                    ["ecs:*", "ecr:*", "cloudformation:*", "s3:*", "logs:*"],
                    Sid="Release",
                    Condition={"StringEquals": {"aws:RequestedRegion": FRANKFURT}},
                ),
                allow("iam:PassRole", here.iam("role/shop-*"), Sid="HandOver"),
            ),
            team="platform",
        ),
        # The runbook needs snapshots and isolation; the role can only look.
        Role(
            "incident-responder",
            trust(
                {"AWS": f"arn:aws:iam::{here.estate.accounts['security']}:root"},
                Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            ),
            (
                allow("ec2:DescribeInstances"),
                deny(["ec2:CreateSnapshot", "ec2:ModifyInstanceAttribute", "ssm:*"]),
            ),
            team="security",
            said="For runbook 7: isolate a machine and copy its disk.",
        ),
        # A vendor of ours assumes it; nothing tells the vendor's other customers apart.
        Role("vendor-monitoring", _outside(VENDOR), attached=("ReadOnlyAccess",), team="platform"),
        Role(
            "partner-feed",
            _outside(VENDOR, StringEquals={"sts:ExternalId": "fr-7f31c2"}),
            (allow("s3:GetObject", f"{bucket}recipes/*"),),
            team="shop",
        ),
        Role("eks-cluster", service_trust("eks"), attached=("AmazonEKSClusterPolicy",)),
        Role("eks-node", service_trust("ec2"), attached=("AmazonEKSWorkerNodePolicy",)),
        Role("backup", service_trust("backup"), (allow("backup:StartBackupJob"),), team="platform"),
        Role("database-monitoring", service_trust("monitoring.rds"), team="data"),
        Role("flow-logs", service_trust("vpc-flow-logs"), (allow("logs:PutLogEvents"),)),
    )


def other_roles(here: Place) -> tuple[Role, ...]:
    """The roles of the other accounts."""
    if here.account == "plumbob":
        return (
            Role("machine", service_trust("ec2")),
            Role("kits-everything", service_trust("ec2"), attached=("AdministratorAccess",)),
            # Anybody's function, and anybody else, may become it.
            Role("lambda-anything", trust({"AWS": "*"}), (allow("dynamodb:*"),)),
            Role("old-agency", _outside(STRANGER), attached=("PowerUserAccess",)),
        )
    if here.account == "security":
        return (
            Role("machine", service_trust("ec2"), attached=("AmazonSSMManagedInstanceCore",)),
            Role("config", service_trust("config"), attached=("AWS_ConfigRole",), team="security"),
            Role(
                "log-reader",
                service_trust("lambda"),
                (allow("s3:GetObject", "arn:aws:s3:::fennelrye-org-trail/*"),),
                team="security",
            ),
        )
    return (
        Role(
            "trail-to-logs",
            service_trust("cloudtrail"),
            (allow("logs:PutLogEvents", here.arn("logs", "log-group:org-trail:*")),),
            team="security",
        ),
        Role("support", service_trust("support"), attached=("AWSSupportAccess",), team="platform"),
    )


def build(estate: Estate) -> None:
    """Rules first, then roles, groups and people, account by account."""
    for account in estate.accounts:
        here = estate.at(account)
        if account != "plumbob":
            _password_policy(here)
        _alias(here)
        _providers(here)
        roles = production_roles(here) if account == "production" else other_roles(here)
        for role in roles:
            _role(here, role)
        _groups(here)
    for person in PEOPLE:
        _person(estate.at(person.account), person)


def _password_policy(here: Place) -> None:
    here("iam").update_account_password_policy(
        MinimumPasswordLength=16,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
        AllowUsersToChangePassword=True,
        MaxPasswordAge=90,
        PasswordReusePrevention=24,
    )


def _alias(here: Place) -> None:
    name = "plumbob-kits" if here.account == "plumbob" else f"fennelrye-{here.account}"
    here("iam").create_account_alias(AccountAlias=name)


def _providers(here: Place) -> None:
    if here.account == "production":
        here("iam").create_open_id_connect_provider(
            Url="https://token.actions.githubusercontent.com",
            ClientIDList=["sts.amazonaws.com"],
            ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"],
        )
    if here.account == "management":
        # moto asks for a document of this length; the content is nobody's.
        here("iam").create_saml_provider(
            Name="company-sign-in", SAMLMetadataDocument=f"<md>{'a' * 1024}</md>"
        )


def _role(here: Place, role: Role) -> None:
    iam = here("iam")
    made = iam.create_role(
        RoleName=role.name,
        AssumeRolePolicyDocument=role.trust,
        Description=role.said,
        Tags=tags(**({"team": role.team} if role.team else {})),
    )["Role"]["RoleId"]
    here.keep(f"role/{role.name}", made)
    if role.statements:
        iam.put_role_policy(
            RoleName=role.name, PolicyName="own", PolicyDocument=document(*role.statements)
        )
    for name in role.attached:
        iam.attach_role_policy(RoleName=role.name, PolicyArn=_managed(name))


def _managed(name: str) -> str:
    """The ARN of a policy that AWS manages; some lie in a folder."""
    if name == "ViewOnlyAccess":
        return f"{_AWS}job-function/{name}"
    if name.startswith(("AWSLambda", "AmazonECSTask", "AWS_")):
        return f"{_AWS}service-role/{name}"
    return f"{_AWS}{name}"


def _groups(here: Place) -> None:
    iam = here("iam")
    if here.account == "plumbob":
        return
    iam.create_group(GroupName="people")
    iam.attach_group_policy(GroupName="people", PolicyArn=_managed("ViewOnlyAccess"))
    iam.create_group(GroupName="machines")
    if here.account == "production":
        # Grants everything to whoever is in the group: nobody is, today.
        policy = iam.create_policy(PolicyName="data-engineer", PolicyDocument=document(allow("*")))[
            "Policy"
        ]["Arn"]
        iam.create_group(GroupName="data-engineers")
        iam.attach_group_policy(GroupName="data-engineers", PolicyArn=policy)
        iam.create_policy(
            PolicyName="shop-release",
            PolicyDocument=document(allow("ecs:UpdateService", here.arn("ecs", "service/shop/*"))),
        )


def _person(here: Place, person: Person) -> None:
    iam, name = here("iam"), person.name
    made = iam.create_user(
        UserName=name, Tags=tags(**({"team": person.team} if person.team else {}))
    )["User"]["UserId"]
    here.keep(f"user/{name}", made)
    for number, _ in enumerate(person.keys, 1):
        key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        here.keep(f"key-of/{name}/{number}", key)
    if person.console:
        iam.create_login_profile(UserName=name, Password=f"Example-{name}-1")
    if person.mfa:
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
        iam.enable_mfa_device(
            UserName=name,
            SerialNumber=serial["SerialNumber"],
            AuthenticationCode1="123456",
            AuthenticationCode2="654321",
        )
    for policy in person.attached:
        iam.attach_user_policy(UserName=name, PolicyArn=_managed(policy))
    if here.account != "plumbob":
        group = "people" if person.console else "machines"
        iam.add_user_to_group(GroupName=group, UserName=name)
