"""AWS Certificate Manager: certificates."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, item, opt

ACM_CERTIFICATE = Table(
    name="acm_certificate",
    service="acm",
    arn="{CertificateArn}",
    # Without key types the listing leaves out all but RSA keys of 1024 and 2048 bits.
    list=Call(
        operation="ListCertificates",
        items="CertificateSummaryList[]",
        params={
            "Includes": {
                "keyTypes": [
                    "RSA_1024",
                    "RSA_2048",
                    "RSA_3072",
                    "RSA_4096",
                    "EC_prime256v1",
                    "EC_secp384r1",
                    "EC_secp521r1",
                ]
            }
        },
    ),
    columns={
        "domain_name": "DomainName",
        "status": "Status",
        "type": "Type",
        "key_algorithm": "KeyAlgorithm",
        "in_use": "InUse",
        "renewal_eligibility": opt("RenewalEligibility"),
        "not_before": opt("NotBefore"),
        "not_after": opt("NotAfter"),
        "managed_by": opt("ManagedBy"),
    },
    details=(
        Call(
            operation="ListTagsForCertificate",
            params={"CertificateArn": item("CertificateArn")},
            columns={"tags": opt("Tags")},
        ),
    ),
)
