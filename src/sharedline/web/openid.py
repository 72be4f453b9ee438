"""Talks to an OpenID provider: authorization code with PKCE, and an ID token that is verified.

Authlib makes the requests and judges the claims; which algorithms, addresses and sizes are taken
is decided here.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from sharedline.errors import Error
from sharedline.people.provider import Provider
from sharedline.web import site as sites

#: Signed with a key that only the provider has: neither `none` nor a shared secret.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519",
    "EdDSA",
)  # fmt: skip
#: How far the clocks of two machines may differ, in seconds.
LEEWAY = 60
#: How long an answer of the provider is waited for, in seconds; how large it may be, in bytes.
PATIENCE, LARGEST = 10.0, 1_000_000
#: How long what the provider says of itself is believed.
_FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun: what its browser keeps until it comes back."""

    state: str
    nonce: str
    verifier: str


class ProviderError(Error):
    """The provider cannot be asked (502), or lets nobody in that we would believe (403)."""

    http_status = 502

    def __init__(self, message: str, advice: str = "", *, status: int = 502) -> None:
        super().__init__(message, advice)
        self.http_status = status


class OpenId:
    """One provider, as seen by this process, in a site's `kept`."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._metadata: Mapping[str, Any] = {}
        self._keys: Mapping[str, Any] = {}
        self._read = sites.now() - 2 * _FRESH

    def begin(self, back: str) -> tuple[str, Begun]:
        """Where the browser goes to sign in, and what it keeps. `back` is our own address."""
        begun = Begun(*(secrets.token_urlsafe(32) for _ in range(3)))
        with self._client(back) as client:
            url, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=begun.state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
            )
        return str(url), begun

    def finish(self, begun: Begun, code: str, back: str) -> Mapping[str, Any]:
        """The verified claims of who signed in; `ProviderError` where anything is wrong."""
        with _told(), self._client(back) as client:
            token = client.fetch_token(
                self._endpoint("token_endpoint"),
                grant_type="authorization_code",
                code=code,
                code_verifier=begun.verifier,
            )
            claims = self._verified(token, begun.nonce)
            return self._more(client, claims)

    def _verified(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        signed = token.get("id_token")
        if not isinstance(signed, str):
            raise ProviderError("The provider gave no ID token.", "Ask an admin.", status=403)
        try:
            found = self._decoded(signed)
        except InvalidKeyIdError:  # the provider may have changed its keys
            self._keys = {}
            found = self._decoded(signed)
        issuer = {"essential": True, "value": self.provider.issuer}
        audience = {"essential": True, "value": self.provider.client_id}
        claims = CodeIDToken(
            found.claims,
            found.header,
            {"iss": issuer, "aud": audience, "sub": {"essential": True}},
            {
                "nonce": nonce,
                "client_id": self.provider.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(sites.now().timestamp()), leeway=LEEWAY)
        subject = claims["sub"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise ProviderError("The provider does not say who.", "Ask an admin.", status=403)
        return dict(claims)

    def _decoded(self, signed: str) -> jwt.Token:
        if not self._keys:
            self._keys = self._json(self._endpoint("jwks_uri"))
        return jwt.decode(
            signed,
            KeySet.import_key_set(self._keys),  # type: ignore[arg-type]  # it judges them itself
            registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False),
        )

    def _more(self, client: OAuth2Client, claims: dict[str, Any]) -> Mapping[str, Any]:
        """The claims with those that the provider tells only when asked (userinfo)."""
        wanted = {"name", "email", "preferred_username"}
        if self.provider.groups is not None:
            wanted.add(self.provider.claim)
        address = self._described().get("userinfo_endpoint")
        if not isinstance(address, str) or wanted <= set(claims):
            return claims
        answer = client.get(self._endpoint("userinfo_endpoint"))
        answer.raise_for_status()
        told = answer.json()
        # Another subject's claims are a substitution (OpenID Connect Core 1.0, 5.3.2).
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
            raise ProviderError("The provider speaks of somebody else.", "Try again.", status=403)
        return {**{k: v for k, v in told.items() if k in wanted}, **claims}

    def _client(self, back: str) -> OAuth2Client:
        known = self._described().get("token_endpoint_auth_methods_supported")
        secret = self.provider.secret()
        method = "none"
        if secret:
            posts = isinstance(known, list) and "client_secret_basic" not in known
            method = "client_secret_post" if posts else "client_secret_basic"
        return OAuth2Client(
            self.provider.client_id,
            secret or None,
            token_endpoint_auth_method=method,
            scope=" ".join(self.provider.scopes),
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=PATIENCE,
            follow_redirects=False,
        )

    def _described(self) -> Mapping[str, Any]:
        """What the provider says of itself; it must say that it is the one we asked."""
        if self._metadata and sites.now() - self._read < _FRESH:
            return self._metadata
        issuer = self.provider.issuer
        found = self._json(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise ProviderError(
                f"The provider calls itself {str(found.get('issuer'))[:200]!r}, not {issuer!r}.",
                "Write its own name as `issuer` in sharedline.toml.",
            )
        self._metadata, self._keys, self._read = found, {}, sites.now()
        return found

    def _endpoint(self, name: str) -> str:
        """One of its addresses; with TLS where the issuer has it."""
        found = self._described().get(name)
        if not isinstance(found, str) or (
            urlsplit(found).scheme != "https" and self.provider.issuer.startswith("https:")
        ):
            raise ProviderError(f"The provider has no {name} that is safe.", "Ask an admin.")
        return found

    def _json(self, address: str) -> dict[str, Any]:
        with _told(), httpx2.Client(timeout=PATIENCE, follow_redirects=False) as client:
            with client.stream("GET", address) as answer:
                answer.raise_for_status()
                read = b""
                for piece in answer.iter_bytes():
                    read += piece
                    if len(read) > LARGEST:
                        raise ProviderError("The provider says too much.", "Ask an admin.")
            found = json.loads(read)
        if not isinstance(found, dict):
            raise ProviderError("The provider does not say what it should.", "Ask an admin.")
        return found


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OAuthError as error:
        raise ProviderError(
            f"The provider refused ({str(error.error)[:80]}).", "Sign in again.", status=403
        ) from error
    except JoseError as error:
        which = f"{error.error} {getattr(error, 'claim', '')}".strip()
        raise ProviderError(
            f"What the provider signed is not to be trusted ({which}).",
            "Sign in again; if it stays so, tell an admin.",
            status=403,
        ) from error
    except httpx2.HTTPStatusError as error:
        answer = error.response
        raise ProviderError(
            f"The provider answered {answer.status_code} to {answer.url.path[:200]}.",
            "Try again in a minute.",
        ) from error
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ProviderError(
            f"The provider cannot be asked ({type(error).__name__}).", "Try again in a minute."
        ) from error
