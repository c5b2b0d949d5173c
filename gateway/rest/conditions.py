"""The conditions of a request, in its headers: If-Match, If-None-Match, If-Modified-Since.

https://hl7.org/fhir/R4/http.html#cread and https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from gateway.errors import BadRequest
from gateway.rest import fields

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_VERSION = re.compile(r"[0-9]{1,9}")


class Tags(NamedTuple):
    """The entity tags of a header: every one there can be (`*`), or those of some versions."""

    every: bool
    versions: frozenset[int]

    def have(self, version: int | None) -> bool:
        """Whether the current version is among them; None, for a resource that is not there, never is."""
        return version is not None and (self.every or version in self.versions)


def tags(value: bytes) -> Tags | None:
    """The tags, weak and strong alike; None for what is no list of tags.

    A tag that no version of ours can have is a good tag, and met by none of them.
    """
    members = fields.split(value.decode("latin-1"), ",")
    if members == ["*"]:
        return Tags(every=True, versions=frozenset())
    found = [_TAG.fullmatch(member) for member in members]
    if not found or None in found:
        return None
    opaque = [match.group(1) for match in found if match]
    return Tags(every=False, versions=frozenset(int(one) for one in opaque if _VERSION.fullmatch(one)))


def expected(headers: Mapping[bytes, bytes]) -> Tags | None:
    """If-Match: the versions that the client is willing to replace; None where it says nothing of them."""
    value = headers.get(b"if-match")
    if value is None:
        return None
    found = tags(value)
    if found is None:
        raise BadRequest(
            "FD-IF-MATCH",
            'If-Match 应写作 W/"版本号"、以逗号分隔的多个,或 *。',
            'If-Match is written W/"version", several of them with commas between, or *.',
        )
    return found


def known(headers: Mapping[bytes, bytes], version: int, last_updated: int) -> bool:
    """Whether the client of a read already has this version, last updated at these milliseconds.

    If-Modified-Since counts only where there is no If-None-Match; what cannot be understood is ignored.
    """
    value = headers.get(b"if-none-match")
    if value is not None:
        found = tags(value)
        return found is not None and found.have(version)
    since = _seconds(headers.get(b"if-modified-since", b""))
    return since is not None and last_updated // 1000 <= since


def _seconds(http_date: bytes) -> float | None:
    if not http_date:
        return None
    try:
        date = parsedate_to_datetime(http_date.decode("latin-1"))
    except (ValueError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
