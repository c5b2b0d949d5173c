"""What a caller may do, decided without I/O: SMART scopes v2 grammar and the grant made from them.

https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import Forbidden, Unauthenticated

_RESOURCES = re.compile(r"system/(\*|[A-Z][A-Za-z]+)\.(c?r?u?d?s?)")
_OPERATION = re.compile(r"system/\$([a-z][a-z-]*)")
"""Our own: the specification has scopes for resource types only."""
_LETTERS = {"create": "c", "read": "r", "update": "u", "delete": "d", "search": "s"}


@dataclass(frozen=True, slots=True)
class Grant:
    """The caller inside every use of the data: who, of which tenant, allowed what on which resource types.

    A PUT is an update, `u`, also where it creates: SMART v2 counts update-as-create so. Whoever may do
    everything to every type may use every operation; nobody else may without a scope that names it.
    """

    actor: str
    tenant: int
    permissions: Mapping[str, str]
    """Resource type or `*` → the letters of `cruds` that are granted."""

    operations: frozenset[str] = frozenset()

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

    def require_operation(self, name: str) -> None:
        everything = all(self.allows("*", interaction) for interaction in _LETTERS)
        if name not in self.operations and not everything:
            raise Forbidden(
                "FD-SCOPE",
                f"当前令牌无权使用 ${name};请申请权限范围 system/${name}。",
                f"The token does not allow ${name}; ask for the scope system/${name}.",
            )


NOBODY = Grant("nobody", tenant=1, permissions={})
"""Whoever shows no token, where none is needed; reaches no data."""


def granted(actor: str, tenant: int, scope: str) -> Grant:
    """The grant of a space-separated scope string.

    Only `system/` scopes grant anything: those of `user/` and `patient/` mean a person that we know nothing of yet.
    """
    operations = (_OPERATION.fullmatch(word) for word in scope.split())
    return Grant(actor, tenant, _permissions(scope), frozenset(match.group(1) for match in operations if match))


def _permissions(scope: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in scope.split():
        if match := _RESOURCES.fullmatch(word):
            resource_type, letters = match.groups()
            found[resource_type] = found.get(resource_type, "") + letters
    return found


class Tokens:
    """Development bearer tokens, held as SHA-256 digests."""

    def __init__(self, tokens: Mapping[str, Mapping[str, str]], tenant: int = 1) -> None:
        self._grants = {
            _digest(entry["token"]): granted(name, tenant, entry["scope"]) for name, entry in tokens.items()
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
