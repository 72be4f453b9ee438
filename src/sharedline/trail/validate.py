"""Whether log files are as CloudTrail delivered them: chain, signatures, hashes, gaps.

Every digest names the one before with its hash and signature, so that a deleted or changed digest
shows in the next; the newest is vouched for by the signature in its object's metadata, which a
local copy lacks: that is said, and the earlier ones are checked all the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sharedline.trail.digests import Digest, Keys, LogFile, parse
from sharedline.trail.sources import Aws

#: Digests cover an hour each; more between two of a chain, or less of one, is a gap.
_SLACK = timedelta(seconds=1)
Kind = Literal[
    "log-modified",
    "log-deleted",
    "log-unlisted",
    "log-unreadable",
    "digest-modified",
    "digest-deleted",
    "digest-moved",
    "digest-unverified",
    "digest-unreadable",
    "gap",
]
#: These say that something could not be decided, not that it is wrong.
UNDECIDED = frozenset({"digest-unverified", "log-unreadable", "digest-unreadable"})


@dataclass(frozen=True)
class Problem:
    """Something that is not as CloudTrail delivered it, or cannot be shown to be."""

    kind: Kind
    path: str
    reason: str


@dataclass
class Verdict:
    """What a validation found."""

    digests: int = 0
    signed: int = 0
    logs: int = 0
    valid: int = 0
    first: str = ""
    last: str = ""
    problems: list[Problem] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        """Whether anything was changed, deleted or is missing."""
        return any(p.kind not in UNDECIDED for p in self.problems)


class Store(Protocol):
    """Where the files lie."""

    def digests(self) -> Iterator[tuple[str, bytes | str, str]]:
        """Place, content (unpacked; a text says why there is none) and signature of each digest."""

    def log(self, file: LogFile) -> bytes | str | None:
        """A log file's unpacked content; None where it is gone, a text where it cannot be read."""

    def logs(self) -> Iterator[str]:
        """The keys of all log files that are there."""


def validate(
    store: Store,
    keys: Callable[[str, datetime, datetime], Keys],
    *,
    since: str = "",
    until: str = "",
    progress: Callable[[Verdict], None] = lambda _: None,
) -> Verdict:
    """Checks all digests of a store whose end lies in the span, and the log files they name.

    `keys` gives the public keys of a Region for a span of time.
    """
    verdict = Verdict()
    chains: dict[Any, list[Digest]] = defaultdict(list)
    for place, content, signature in store.digests():
        digest = None if isinstance(content, str) else parse(content, place, signature)
        if digest is None:
            why = content if isinstance(content, str) else "it is not a digest file"
            verdict.problems.append(Problem("digest-unreadable", place, why))
        elif digest.end >= since and (not until or digest.end <= until):
            chains[digest.chain].append(digest)
    named: set[str] = set()
    for chain in chains.values():
        chain.sort(key=lambda d: d.end)
        _chain(chain, keys, verdict)
        for digest in chain:
            for file in digest.files:
                named.add(file.key)
                _log(store, file, verdict)
            progress(verdict)
    if chains:
        verdict.first = min(c[0].start for c in chains.values())
        verdict.last = max(c[-1].end for c in chains.values())
        _unlisted(store, chains, named, verdict)
    return verdict


def _chain(
    chain: list[Digest], keys: Callable[[str, datetime, datetime], Keys], verdict: Verdict
) -> None:
    """One chain, oldest first: each digest's signature, and what the next says of it."""
    span = (_moment(chain[0].start), _moment(chain[-1].end))
    public = keys(chain[0].region, *span) if all(span) else Keys()  # type: ignore[arg-type]
    following: Mapping[str, Digest] = {d.previous_key: d for d in chain if d.previous_key}
    there = {d.key for d in chain}
    for index, digest in enumerate(chain):
        verdict.digests += 1
        path = digest.place
        if not digest.place.endswith(digest.key.rsplit("/", 1)[-1]):
            why = f"it was delivered as {digest.key}"
            verdict.problems.append(Problem("digest-moved", path, why))
        after = following.get(digest.key)
        if after and after.previous_sha256 != digest.sha256:
            why = "its content is not what the next digest vouches for"
            verdict.problems.append(Problem("digest-modified", path, why))
        else:
            _signature(digest, after, public, verdict)
        if not digest.first and digest.previous_key not in there and index:
            gone = f"s3://{digest.previous_bucket}/{digest.previous_key}"
            why = f"{path.rsplit('/', 1)[-1]} names it as the one before"
            verdict.problems.append(Problem("digest-deleted", gone, why))
        if index:
            _gap(chain[index - 1], digest, verdict)


def _signature(digest: Digest, after: Digest | None, public: Keys, verdict: Verdict) -> None:
    signature = digest.signature or (after.previous_signature if after else "")
    unknown = ""
    if not signature:
        unknown = "its signature is only in the bucket's metadata, and no later digest repeats it"
    elif digest.fingerprint not in public:
        unknown = f"there is no public key with its fingerprint {digest.fingerprint}"
    if unknown:
        verdict.problems.append(Problem("digest-unverified", digest.place, unknown))
    elif public.verifies(digest.fingerprint, signature, digest.signed()):
        verdict.signed += 1
    else:
        why = "its signature is not AWS's over its content and place"
        verdict.problems.append(Problem("digest-modified", digest.place, why))


def _gap(before: Digest, digest: Digest, verdict: Verdict) -> None:
    ended, began = _moment(before.end), _moment(digest.start)
    if ended and began and began - ended > _SLACK:
        why = "validation or logging was off" if digest.first else "digests are missing"
        told = f"no digest covers {before.end} to {digest.start} ({why})"
        verdict.problems.append(Problem("gap", digest.place, told))


def _log(store: Store, file: LogFile, verdict: Verdict) -> None:
    verdict.logs += 1
    path = f"s3://{file.bucket}/{file.key}"
    content = store.log(file)
    if content is None:
        verdict.problems.append(Problem("log-deleted", path, "a digest names it; it is not there"))
    elif isinstance(content, str):
        broken = "gzip" in content
        kind: Kind = "log-modified" if broken else "log-unreadable"
        verdict.problems.append(Problem(kind, path, content))
    elif hashlib.sha256(content).hexdigest() != file.sha256.lower():
        why = "its content is not what the digest vouches for"
        verdict.problems.append(Problem("log-modified", path, why))
    else:
        verdict.valid += 1


def _unlisted(
    store: Store, chains: Mapping[Any, list[Digest]], named: set[str], verdict: Verdict
) -> None:
    """Log files of the validated span that no digest names: put there by somebody else."""
    names = {key.rsplit("/", 1)[-1] for key in named}
    spans = {
        (chain[0].account, chain[0].region): (chain[0].start, chain[-1].start)
        for chain in chains.values()
    }
    for key in store.logs():
        name = key.rsplit("/", 1)[-1]
        parts = name.split("_")
        if name in names or len(parts) < 5 or parts[1] != "CloudTrail":
            continue
        start, end = spans.get((parts[0], parts[2]), ("", ""))
        stamp = _moment(parts[3])
        first, last = _moment(start), _moment(end)
        # A file is named for the newest time in it, and a digest for its delivery: up to an hour on.
        if stamp and first and last and first <= stamp <= last - timedelta(hours=1):
            verdict.problems.append(Problem("log-unlisted", key, "no digest names it"))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def aws_keys(aws: Aws) -> Callable[[str, datetime, datetime], Keys]:
    """The public keys from ListPublicKeys, asked in the digests' own Region."""

    def ask(region: str, start: datetime, end: datetime) -> Keys:
        client = aws.client("cloudtrail", region or None)
        keys = Keys()
        asked: dict[str, Any] = {"StartTime": start, "EndTime": end}
        while True:
            answer = client.list_public_keys(**asked)
            keys.add(answer.get("PublicKeyList", ()))
            if not answer.get("NextToken"):
                return keys
            asked["NextToken"] = answer["NextToken"]

    return ask


def fixed_keys(keys: Keys) -> Callable[[str, datetime, datetime], Keys]:
    """The keys of a file, whatever is asked."""
    return lambda _region, _start, _end: keys


def problems(verdict: Verdict) -> Iterable[dict[str, str]]:
    """The problems as rows."""
    return [vars(p) for p in verdict.problems]
