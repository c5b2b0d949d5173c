"""A resource as a transaction found it and will leave it, and the bytes that it is stored and sent as."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway import clock, references
from gateway.errors import VersionMismatch
from gateway.storage.hashes import target
from gateway.storage.rows import Change, Stored
from profiles import json
from profiles.json import Resource

Expected = Callable[[int | None], bool]
"""Whether a writer is content with the current version; None where there is none."""
_LONGEST_CLAIM = 200


@dataclass(slots=True)
class Draft:
    """One resource as it was and as it will be; None where it was not, or will not be."""

    type: str
    id: str
    stored: Stored | None
    before: Resource | None
    after: Resource | None

    @property
    def reference(self) -> str:
        return f"{self.type}/{self.id}"


def newly_referred(changes: Sequence[tuple[Draft, Change]]) -> frozenset[int]:
    """Hashes of what is newly referred to and is not written here: a draft that changes nothing guards nothing."""
    found: set[str] = set()
    for draft, change in changes:
        old = references.stored(draft.stored.content) if draft.stored else frozenset()
        found |= references.stored(change.stored.content) - old
    written = {draft.reference for draft, change in changes if not change.stored.deleted}
    return frozenset(map(target, found - written))


def render(resource: Resource, version: int, last_updated: int) -> bytes:
    """The resource as it is stored and sent, with its id and meta first.

    Encoding anew is cheaper than splicing id and meta into the bytes that came, and keeps decimals and order.
    """
    meta = {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": clock.instant(last_updated)}
    head = {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta}
    return json.dumps({**head, **{name: value for name, value in resource.items() if name not in head}})


def claim_name(text: str) -> str:
    """The name of a claim as it is stored: a long one by its digest, for a B-tree row has little room."""
    if len(text) <= _LONGEST_CLAIM:
        return text
    return f"{text[:32]}~{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def require_version(stored: Stored | None, expected: Expected | None) -> None:
    if expected is not None and not expected(stored.version if stored and not stored.deleted else None):
        raise VersionMismatch(
            "FD-VERSION",
            "资源已被他人更新;请重新读取后再提交(If-Match 与当前版本不符)。",
            "The resource has been changed since; read it again before writing (If-Match is not its current version).",
        )
