"""What a caller may do, decided without I/O: SMART scopes v2 grammar and the grant made from them.

https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import Forbidden, Unauthenticated

_SCOPE = re.compile(r"(?:system|user|patient)/(\*|[A-Z][A-Za-z]+)\.(c?r?u?d?s?)")
_LETTERS = {"create": "c", "read": "r", "update": "u", "delete": "d", "search": "s"}


@dataclass(frozen=True, slots=True)
class Grant:
    """The caller inside every use of the data: who, of which tenant, allowed what on which resource types."""

    actor: str
    tenant: int
    permissions: Mapping[str, str]
    """Resource type or `*` → the letters of `cruds` that are granted."""

    def allows(self, resource_type: str, interaction: str) -> bool:
        letter = _LETTERS[interaction]
        return letter in self.permissions.get(resource_type, "") or letter in self.permissions.get("*", "")

    def require(self, resource_type: str, interaction: str) -> None:
        if not self.allows(resource_type, interaction):
            raise Forbidden(
                "FD-SCOPE",
                f"当前令牌无权对 {resource_type} 执行 {interaction};请申请包含 "
                f"{resource_type}.{_LETTERS[interaction]} 的权限范围。",
                f"The token does not allow {interaction} on {resource_type}; ask for a scope with "
                f"{resource_type}.{_LETTERS[interaction]}.",
            )


def permissions(scope: str) -> dict[str, str]:
    """The permissions of a space-separated scope string; what is not a v2 resource scope grants nothing."""
    granted: dict[str, str] = {}
    for word in scope.split():
        if match := _SCOPE.fullmatch(word):
            resource_type, letters = match.groups()
            granted[resource_type] = granted.get(resource_type, "") + letters
    return granted


class Tokens:
    """Development bearer tokens, held as SHA-256 digests."""

    def __init__(self, tokens: Mapping[str, Mapping[str, str]], tenant: int = 1) -> None:
        self._grants = {
            _digest(entry["token"]): Grant(name, tenant, permissions(entry["scope"])) for name, entry in tokens.items()
        }

    def grant(self, authorization: bytes | None) -> Grant:
        """The grant of an `Authorization` header; `Unauthenticated` where it names none."""
        if authorization is not None and authorization[:7].lower() == b"bearer ":
            found = self._grants.get(hashlib.sha256(authorization[7:].strip()).digest())
            if found is not None:
                return found
        raise Unauthenticated(
            "FD-TOKEN",
            "需要有效的访问令牌;请在请求头中加入 Authorization: Bearer <令牌>。",
            "A valid access token is required; send the header Authorization: Bearer <token>.",
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
