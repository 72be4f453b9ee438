"""GuardDuty's kinds of findings that AWS rates low or medium whatever the circumstances.

Ref: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html,
2026-11-21. Kinds with a varying severity are left out, as is every kind that is not known.
"""

from __future__ import annotations

#: Resource -> purposes and names.
_KINDS: dict[str, str] = {
    "IAMUser": """
        CredentialAccess:/AnomalousBehavior DefenseEvasion:/AnomalousBehavior
        DefenseEvasion:/BedrockLoggingDisabled Discovery:/AnomalousBehavior
        InitialAccess:/AnomalousBehavior PenTest:/KaliLinux PenTest:/ParrotLinux
        PenTest:/PentooLinux Persistence:/AnomalousBehavior PrivilegeEscalation:/AnomalousBehavior
        Recon:/MaliciousIPCaller Recon:/MaliciousIPCaller.Custom Recon:/TorIPCaller
        Stealth:/CloudTrailLoggingDisabled UnauthorizedAccess:/ConsoleLoginSuccess.B
        UnauthorizedAccess:/MaliciousIPCaller UnauthorizedAccess:/MaliciousIPCaller.Custom
        UnauthorizedAccess:/TorIPCaller Policy:/RootCredentialUsage
        Policy:/ShortTermRootCredentialUsage Impact:/AnomalousModelInvocation
        Impact:/CostHarvesting Impact:/PromptInjection.Direct""",
    "S3": """
        Policy:/AccountBlockPublicAccessDisabled Policy:/BucketBlockPublicAccessDisabled
        Stealth:/ServerAccessLoggingDisabled Discovery:/AnomalousBehavior Discovery:/TorIPCaller
        Impact:/AnomalousBehavior.Write PenTest:/KaliLinux PenTest:/ParrotLinux
        PenTest:/PentooLinux""",
    "EC2": """
        Impact:/MaliciousDomainRequest.Custom Impact:/AbusedDomainRequest.Reputation
        Impact:/SuspiciousDomainRequest.Reputation Trojan:/BlackholeTraffic!DNS
        Trojan:/DropPoint!DNS Backdoor:/Spambot Behavior:/NetworkPortUnusual
        Behavior:/TrafficVolumeUnusual DefenseEvasion:/UnusualDNSResolver
        DefenseEvasion:/UnusualDoHActivity DefenseEvasion:/UnusualDoTActivity Recon:/Portscan
        Trojan:/BlackholeTraffic Trojan:/DropPoint UnauthorizedAccess:/MaliciousIPCaller.Custom""",
    "Kubernetes": """
        CredentialAccess:/AnomalousBehavior.SecretsAccessed
        Discovery:/AnomalousBehavior.PermissionChecked Discovery:/MaliciousIPCaller
        Discovery:/MaliciousIPCaller.Custom Discovery:/SuccessfulAnonymousAccess
        Discovery:/TorIPCaller Execution:/ExecInKubeSystemPod
        Execution:/AnomalousBehavior.ExecInPod Execution:/AnomalousBehavior.WorkloadDeployed
        Persistence:/MaliciousIPCaller Persistence:/MaliciousIPCaller.Custom
        Persistence:/TorIPCaller Policy:/KubeflowDashboardExposed Policy:/ExposedDashboard
        PrivilegeEscalation:/AnomalousBehavior.RoleCreated""",
    "Lambda": """
        Trojan:/BlackholeTraffic Trojan:/DropPoint UnauthorizedAccess:/MaliciousIPCaller.Custom""",
    "RDS": """
        CredentialAccess:/AnomalousBehavior.FailedLogin
        CredentialAccess:/MaliciousIPCaller.FailedLogin CredentialAccess:/TorIPCaller.FailedLogin
        Discovery:/MaliciousIPCaller Discovery:/TorIPCaller""",
    "Runtime": """
        DefenseEvasion:/FilelessExecution DefenseEvasion:/SensitiveFileModified
        DefenseEvasion:/ProcessInjection.Ptrace DefenseEvasion:/PtraceAntiDebugging
        Discovery:/SuspiciousCommand Execution:/NewBinaryExecuted Execution:/NewLibraryLoaded
        Execution:/SuspiciousShellCreated Impact:/AbusedDomainRequest.Reputation
        Impact:/MaliciousDomainRequest.Reputation Impact:/SuspiciousDomainRequest.Reputation
        Persistence:/SuspiciousCommand Persistence:/SensitiveFileModified
        PrivilegeEscalation:/ContainerMountsHostDirectory PrivilegeEscalation:/DockerSocketAccessed
        PrivilegeEscalation:/ElevationToRoot PrivilegeEscalation:/SuspiciousCommand
        PrivilegeEscalation:/SensitiveFileModified PrivilegeEscalation:/UserfaultfdUsage
        Trojan:/BlackholeTraffic Trojan:/BlackholeTraffic!DNS Trojan:/DropPoint
        Trojan:/DropPoint!DNS""",
}

NEVER_HIGH: frozenset[str] = frozenset(
    kind.replace(":/", f":{resource}/")
    for resource, kinds in _KINDS.items()
    for kind in kinds.split()
)
