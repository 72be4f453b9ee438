"""Which texts hold a secret, and which only look like it."""

from __future__ import annotations

import base64
import gzip

import pytest

from sharedline.collect.secret_patterns import secret_kinds, secret_kinds_in_user_data

KEY = "AKIA" + "Z" * 16


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"aws_access_key_id = {KEY}", ["AWS access key"]),
        ("AWS_SECRET_ACCESS_KEY=" + "wJalrXUt" * 5, ["AWS secret access key"]),
        ("export DB_PASSWORD='correct horse'", ["password"]),
        ('"password": "hunter2222"', ["password"]),
        ("MYSQL_ROOT_PASSWORD=s3cr3tpw", ["password"]),
        ("api_token: 0123456789abcdef", ["token"]),
        ("client_secret=abcd1234", ["secret"]),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", ["private key"]),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", ["private key"]),
        ("git clone https://x:" + "ghp_" + "a" * 36 + "@github.com/o/r", [
            "GitHub token", "password in a URL",
        ]),
        ("psql postgres://app:hunter22@db:5432/app", ["password in a URL"]),
        ("mysql -u root --password=hunter22", ["password", "password option"]),
        ("curl -H 'Authorization: eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF2QT4'", [
            "JSON web token",
        ]),
    ],
)  # fmt: skip
def test_secrets(text: str, kinds: list[str]) -> None:
    assert secret_kinds(text) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#!/bin/bash\nyum update -y\nsystemctl enable --now nginx",
        "DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)",
        "DB_PASSWORD=${DB_PASSWORD}",
        "DB_PASSWORD_SECRET_ARN=arn:aws:secretsmanager:us-east-1:111111111111:secret:db",
        "password_file=/etc/app/password",
        "TOKEN_TTL=21600",
        "X-aws-ec2-metadata-token-ttl-seconds: 21600",
        "PasswordAuthentication no",
        "SECRET_NAME=prod/db",
        "password: CHANGEME",
        "aws_secret_access_key = {{ vault.key }}",
        "minimum_password_length=14",
        "https://example.com:8443/path@v1",
        'TOKEN=`curl -X PUT "http://169.254.169.254/latest/api/token"`',
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert secret_kinds(text) == []


def test_user_data_is_decoded_and_opened() -> None:
    script = b"#!/bin/sh\nexport DB_PASSWORD=hunter2222\n"
    assert secret_kinds_in_user_data(base64.b64encode(script).decode()) == ["password"]
    packed = base64.b64encode(gzip.compress(script)).decode()
    assert secret_kinds_in_user_data(packed) == ["password"]
    assert secret_kinds_in_user_data("") == []


def test_a_bomb_is_opened_only_so_far() -> None:
    bomb = base64.b64encode(gzip.compress(b"\0" * (64 << 20))).decode()
    assert secret_kinds_in_user_data(bomb) == []
