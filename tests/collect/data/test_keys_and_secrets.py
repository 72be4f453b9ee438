"""Keys, secrets and certificates from API to verdict in an emulated account."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

REGION = "us-east-1"
ROOT = "arn:aws:iam::123456789012:root"
Verdicts = Callable[..., Any]


def statement(principal: Any, **more: Any) -> str:
    body = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [body]})


def test_keys_are_judged_by_rotation_state_and_policy(verdicts: Verdicts) -> None:
    kms = boto3.client("kms", region_name=REGION)

    def key(**settings: Any) -> str:
        return str(kms.create_key(**settings)["KeyMetadata"]["Arn"])

    closed = statement({"AWS": ROOT})
    rotated, plain = key(Policy=closed), key(Policy=closed)
    kms.enable_key_rotation(KeyId=rotated.rpartition("/")[2])
    world = key(Policy=statement("*"))
    narrowed = key(
        Policy=statement("*", Condition={"StringEquals": {"kms:CallerAccount": "123456789012"}})
    )
    doomed = key(Policy=closed)
    kms.schedule_key_deletion(KeyId=doomed.rpartition("/")[2], PendingWindowInDays=7)
    signing = key(Policy=closed, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    found = verdicts("kms/*")

    assert found["kms/key_rotation_on", rotated] is True
    assert found["kms/key_rotation_on", plain] is False
    assert ("kms/key_rotation_on", doomed) not in found
    assert ("kms/key_rotation_on", signing) not in found
    assert found["kms/key_not_pending_deletion", doomed] is False
    assert found["kms/key_not_pending_deletion", plain] is True
    assert found["kms/key_policy_not_public", world] is False
    assert found["kms/key_policy_not_public", narrowed] is True
    assert found["kms/key_policy_not_public", plain] is True


def test_a_grant_to_another_account_is_found(verdicts: Verdicts) -> None:
    kms = boto3.client("kms", region_name=REGION)
    arns = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
    for arn, account in zip(arns, ("123456789012", "999999999999"), strict=True):
        kms.create_grant(
            KeyId=arn, GranteePrincipal=f"arn:aws:iam::{account}:role/app", Operations=["Decrypt"]
        )
    check = "kms/key_grants_within_account"
    assert verdicts(check) == {(check, arns[0]): True, (check, arns[1]): False}


def test_secrets_are_judged_by_rotation_and_policy(verdicts: Verdicts) -> None:
    secrets = boto3.client("secretsmanager", region_name=REGION)
    kept, shared = (
        secrets.create_secret(Name=name, SecretString="x")["ARN"] for name in ("kept", "shared")
    )
    secrets.put_resource_policy(
        SecretId=shared, ResourcePolicy=statement("*", Action="secretsmanager:GetSecretValue")
    )
    found = verdicts("secretsmanager/*")
    assert found["secretsmanager/secret_rotation_on", kept] is False
    assert found["secretsmanager/secret_policy_not_public", kept] is True
    assert found["secretsmanager/secret_policy_not_public", shared] is False
    assert found["secretsmanager/secret_recently_rotated", kept] is True
    assert found["secretsmanager/secret_in_use", kept] is True
    assert ("secretsmanager/secret_rotates_on_schedule", kept) not in found


def imported(days: int, bits: int = 2048) -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ledger.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    acm = boto3.client("acm", region_name=REGION)
    body = certificate.public_bytes(serialization.Encoding.PEM)
    return str(acm.import_certificate(Certificate=body, PrivateKey=pem)["CertificateArn"])


def test_certificates_are_judged_by_the_days_left(verdicts: Verdicts) -> None:
    fresh, old = imported(200), imported(10)
    found = verdicts("acm/*")
    assert found["acm/certificate_not_expiring", fresh] is True
    assert found["acm/certificate_not_expiring", old] is False
    assert found["acm/certificate_key_long_enough", fresh] is True
