"""A real OpenID provider (Canaille) as a process: `provider.py KEY CALLBACK FILE` says its port.

Its people, with the password `PASSWORD`: ann (groups cloud-admins and data-team), bo (none).
"""

from __future__ import annotations

import json
import secrets
import sys
from typing import Any

PASSWORD = "nine grey harbours"
CLIENT, SECRET = "sharedline", "only-between-us"


def _fill(models: Any, backend: Any, callbacks: list[str]) -> None:
    people = {}
    for name, family in (("ann", "Antonsdóttir"), ("bo", "Berg")):
        people[name] = models.User(
            user_name=name,
            formatted_name=f"{name.title()} {family}",
            family_name=family,
            emails=[f"{name}@example.org"],
            password=PASSWORD,
        )
        backend.save(people[name])
    for group in ("cloud-admins", "data-team"):
        backend.save(models.Group(display_name=group, members=[people["ann"]]))
    client = models.Client(
        client_id=CLIENT,
        client_secret=SECRET,
        client_name="Sharedline",
        client_uri="http://127.0.0.1",  # which it trusts: it does not ask people to consent
        redirect_uris=callbacks,
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "email", "groups"],
        token_endpoint_auth_method="client_secret_basic",
    )
    backend.save(client)
    client.audience = [client]
    backend.save(client)


def _opaque(**_: object) -> str:
    return secrets.token_urlsafe(36)


def main(key: dict[str, Any], callback: str, file: str) -> None:
    from authlib.oauth2.rfc6750 import BearerTokenGenerator
    from canaille import create_app
    from canaille.app import models
    from canaille.backends import Backend
    from canaille.oidc.provider import authorization
    from werkzeug.serving import make_server

    app = create_app(
        {
            "SECRET_KEY": "for tests",
            "TRUSTED_HOSTS": None,
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "sql", "LOGGING": None, "CAPTCHA_ENABLED": False},
            # Its database in memory gives any code of a client for another (0.3.6).
            "CANAILLE_SQL": {
                "DATABASE_URI": f"sqlite:///{file}",
                "PASSWORD_HASH_PARAMS": {"pbkdf2_sha512__rounds": 1},
            },
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [key], "REQUIRE_NONCE": True},
        }
    )
    # Its own access tokens say nothing but who and in which second (0.3.6): whoever signs in twice
    # within one gets the same token again, which its database refuses (500).
    authorization.register_token_generator("authorization_code", BearerTokenGenerator(_opaque))
    with app.app_context(), Backend.instance.session():
        _fill(models, Backend.instance, [callback])
    server = make_server("127.0.0.1", 0, app)  # one at a time: its session is one
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2], sys.argv[3])
