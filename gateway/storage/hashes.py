"""The hash that a resource is known by in the tables: eight bytes where its type and id would take fifty."""

import hashlib
from functools import lru_cache


@lru_cache(maxsize=65536)
def target(reference: str) -> int:
    """The 64-bit signed hash of what a reference leads to: `Patient/1`, or an absolute URL."""
    return int.from_bytes(hashlib.blake2b(reference.encode(), digest_size=8).digest(), "big", signed=True)
