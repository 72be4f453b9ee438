"""`userIdentity` as columns: each different identity is read once, its rows refer to it.

An identity repeats from event to event of a session, so that reading each once is what makes the
typed columns affordable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa
from msgspec.structs import astuple

from sharedline.trail.decode import clean, dumps, loads
from sharedline.trail.schema import ATTRIBUTES, BEHALF, FEDERATION, IDENTITY, ISSUER, SESSION


class _Strict(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Members are named as their columns, and renamed from AWS's names."""


class _Attributes(
    _Strict, rename={"mfaauthenticated": "mfaAuthenticated", "creationdate": "creationDate"}
):
    mfaauthenticated: str | None = None
    creationdate: str | None = None


_WHO = {"principalid": "principalId", "accountid": "accountId", "username": "userName"}


class _Issuer(_Strict, rename=_WHO):
    type: str | None = None
    principalid: str | None = None
    arn: str | None = None
    accountid: str | None = None
    username: str | None = None


class _Federation(_Strict, rename={"federatedprovider": "federatedProvider"}):
    federatedprovider: str | None = None
    attributes: Any = None


class _Behalf(_Strict, rename={"userid": "userId", "identitystorearn": "identityStoreArn"}):
    userid: str | None = None
    identitystorearn: str | None = None


class _Session(
    _Strict,
    rename={
        "sessionissuer": "sessionIssuer",
        "ec2roledelivery": "ec2RoleDelivery",
        "webidfederationdata": "webIdFederationData",
    },
):
    attributes: _Attributes | None = None
    sessionissuer: _Issuer | None = None
    ec2roledelivery: str | None = None
    webidfederationdata: _Federation | None = None


class _Identity(
    _Strict,
    rename={
        **_WHO,
        "invokedby": "invokedBy",
        "accesskeyid": "accessKeyId",
        "identityprovider": "identityProvider",
        "onbehalfof": "onBehalfOf",
        "sessioncontext": "sessionContext",
    },
):
    type: str | None = None
    principalid: str | None = None
    arn: str | None = None
    accountid: str | None = None
    invokedby: str | None = None
    accesskeyid: str | None = None
    username: str | None = None
    identityprovider: str | None = None
    onbehalfof: _Behalf | None = None
    sessioncontext: _Session | None = None


_INNER: Mapping[type, Mapping[str, type]] = {
    _Identity: {"onBehalfOf": _Behalf, "sessionContext": _Session},
    _Session: {
        "attributes": _Attributes,
        "sessionIssuer": _Issuer,
        "webIdFederationData": _Federation,
    },
}
#: What stands for a struct that is not there, so that its members can be read all the same.
_EMPTY: Mapping[pa.StructType, _Strict] = {
    IDENTITY: _Identity(),
    SESSION: _Session(),
    ATTRIBUTES: _Attributes(),
    ISSUER: _Issuer(),
    FEDERATION: _Federation(),
    BEHALF: _Behalf(),
}
_DECODER = msgspec.json.Decoder(_Identity | None)


def column(gathered: pa.Array) -> tuple[pa.Array, list[Any] | None]:
    """The column of a batch, and for each row the members without a column, if any has some.

    `gathered` are the identities' texts as one binary array, where NULL is no identity. The leaves
    are dictionaries: rows refer to values, as in a Parquet file, without a text for each.
    """
    encoded = gathered.dictionary_encode("encode")
    read = [_read(text or b"null") for text in encoded.dictionary.to_pylist()]
    taken = _structs([found for found, _ in read], IDENTITY, encoded.indices)
    if not any(other for _, other in read):
        return taken, None
    return taken, [read[row][1] for row in encoded.indices.to_pylist()]


def told(text: str | None, more: dict[str, Any] | None) -> str | None:
    """The object of members without a column, with those of the identity; None where none is."""
    if not more:
        return text
    value = dumps(more.get("", more) if len(more) == 1 else more).decode()
    return f'{text[:-1]},"userIdentity":{value}}}' if text else f'{{"userIdentity":{value}}}'


def _structs(values: Sequence[Any], kind: pa.StructType, rows: pa.Array) -> pa.Array:
    """For each row the value it refers to, as an array of one struct type; None is NULL."""
    nulls = [v is None for v in values]
    if all(nulls):
        return pa.nulls(len(rows), kind)
    empty = _EMPTY[kind]
    given = (empty if v is None else v for v in values)
    columns = dict(
        zip(empty.__struct_fields__, zip(*map(astuple, given), strict=True), strict=True)
    )
    children = []
    for field in kind:
        inner = columns[field.name]
        if pa.types.is_struct(field.type):
            children.append(_structs(inner, field.type, rows))
        elif kind == FEDERATION and field.name == "attributes":
            texts = [None if v is None else dumps(v).decode() for v in inner]
            children.append(_leaf(texts, rows))
        else:
            children.append(_leaf(inner, rows))
    mask = pa.array(nulls, pa.bool_()).take(rows) if any(nulls) else None
    return pa.StructArray.from_arrays(children, names=[field.name for field in kind], mask=mask)


def _leaf(values: Sequence[str | None], rows: pa.Array) -> pa.Array:
    if values.count(None) == len(values):
        return pa.nulls(len(rows), pa.string())
    encoded = pa.array(values, pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices.take(rows), encoded.dictionary)


def _read(text: bytes) -> tuple[_Identity | None, dict[str, Any] | None]:
    """An identity, and its members without a column."""
    try:
        return _DECODER.decode(text), None
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        value = clean(loads(text))
    except ValueError:
        return None, {"": text.decode("utf-8", "replace")}
    if not isinstance(value, dict):
        return None, {"": value}
    found, other = _fit(value, _Identity)
    return msgspec.convert(found, _Identity), other


def _fit(value: Mapping[str, Any], kind: type) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The members that have a column, under AWS's names, and those that have none."""
    names = {f.encode_name.lower(): f.encode_name for f in msgspec.structs.fields(kind)}
    inner = _INNER.get(kind, {})
    found: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for name, given in value.items():
        known = names.get(name.lower())
        if known is None or known in found:
            other[name] = given
        elif known in inner:
            if isinstance(given, dict):
                found[known], left = _fit(given, inner[known])
                if left:
                    other[name] = left
            elif given is not None:
                other[name] = given
        elif kind is _Federation and known == "attributes":
            found[known] = given
        elif isinstance(given, dict | list):
            other[name] = given
        elif given is not None:
            found[known] = given if isinstance(given, str) else dumps(given).decode()
    return found, other or None
