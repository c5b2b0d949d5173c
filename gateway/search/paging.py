"""Page links: sealed, bound to caller and tenant, and good for half an hour.

What is sealed is the whole search, so that a link shows nobody what was searched for.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from gateway.errors import BadRequest
from gateway.search.query import Bookmark
from profiles import json

LIFETIME_SECONDS = 1800
"""How long a page link is good for, and so how long the index remembers."""


@dataclass(frozen=True, slots=True)
class Sought:
    """The search that a link goes on with."""

    path: str
    """Of the address below the FHIR base."""
    pairs: tuple[tuple[str, str], ...]
    bookmark: Bookmark


class Seals:
    """Makes page links and opens them, with one key for all processes of a site."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(key)

    def seal(self, sought: Sought, owner: Sequence[object], now: float) -> str:
        """`owner` is who may follow the link. Its time is that of the first page, for what that saw is forgotten."""
        mark = sought.bookmark
        place = [_told(value) for value in mark.place]
        content = [[str(one) for one in owner], sought.path, sought.pairs, mark.snapshot, place, mark.included]
        begun = int(now) if mark.begun is None else mark.begun
        return self._fernet.encrypt_at_time(json.dumps(content), begun).decode().rstrip("=")

    def open(self, text: str, owner: Sequence[object], now: float) -> Sought:
        """Raises `BadRequest` for a link that is forged, somebody else's, or too old."""
        try:
            sealed = (text + "=" * (-len(text) % 4)).encode()
            content = json.loads(self._fernet.decrypt_at_time(sealed, LIFETIME_SECONDS, int(now)))
        except (InvalidToken, ValueError) as error:
            raise _no_page() from error
        own, path, pairs, snapshot, place, included = content
        if own != [str(one) for one in owner]:
            raise _no_page()
        begun = self._fernet.extract_timestamp(sealed)
        bookmark = Bookmark(snapshot, tuple(map(_meant, place)), included, begun)
        return Sought(path, tuple((name, value) for name, value in pairs), bookmark)


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _told(value: object) -> object:
    return ["decimal", str(value)] if isinstance(value, Decimal) else value


def _meant(value: Any) -> object:  # noqa: ANN401 - what `_told` told
    return Decimal(value[1]) if isinstance(value, list) else value


def _no_page() -> BadRequest:
    return BadRequest(
        "FD-SEARCH-PAGE",
        "分页链接无效或已过期;请从第一页重新检索。",
        "The page link is not valid or has expired; search again from the first page.",
    )
