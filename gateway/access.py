"""What a caller may do, decided without I/O: SMART scopes v2 grammar and the grant made from them.

https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from gateway.errors import Forbidden, Unauthenticated

_RESOURCES = re.compile(r"(system|patient)/(\*|[A-Z][A-Za-z]+)\.(c?r?u?d?s?)(?:\?(\S+))?")
_OPERATION = re.compile(r"system/\$([a-z][a-z-]*)")
"""Our own: the specification has scopes for resource types only."""
_LETTERS = {"create": "c", "read": "r", "update": "u", "delete": "d", "search": "s"}


@dataclass(frozen=True, slots=True)
class Permission:
    """One scope: what may be done to which of the resources of a type."""

    type: str
    """A resource type, or `*`."""
    letters: str
    """Of `cruds`."""
    compartment: str | None = None
    """`Patient/…`: only what is in that compartment."""
    query: tuple[tuple[str, str], ...] = ()
    """Only what such a search finds."""

    def covers(self, resource_type: str, interaction: str) -> bool:
        return self.type in {resource_type, "*"} and _LETTERS[interaction] in self.letters

    @property
    def limited(self) -> bool:
        return self.compartment is not None or bool(self.query)


@dataclass(frozen=True, slots=True)
class Grant:
    """The caller inside every use of the data: who, of which tenant, allowed what on which resources.

    A PUT is an update, `u`, also where it creates: SMART v2 counts update-as-create so. Whoever may do
    everything to every type may use every operation; nobody else may without a scope that names it.
    """

    actor: str
    tenant: int
    permissions: tuple[Permission, ...] = ()
    operations: frozenset[str] = frozenset()

    def allows(self, resource_type: str, interaction: str) -> bool:
        """Whether it may be done to at least some resources of the type."""
        return any(one.covers(resource_type, interaction) for one in self.permissions)

    def limits(self, resource_type: str, interaction: str) -> tuple[Permission, ...]:
        """Any of which a resource must satisfy; none where it may be done to every one. Asked where it is allowed."""
        found = [one for one in self.permissions if one.covers(resource_type, interaction)]
        return () if any(not one.limited for one in found) else tuple(found)

    def require(self, resource_type: str, interaction: str) -> None:
        """Raises `Forbidden`. What is limited to some resources allows to find and read them, not to write."""
        if not self.allows(resource_type, interaction):
            raise Forbidden(
                "FD-SCOPE",
                f"当前令牌无权对 {resource_type} 执行 {interaction};请申请包含 "
                f"{resource_type}.{_LETTERS[interaction]} 的权限范围。",
                f"The token does not allow {interaction} on {resource_type}; ask for a scope with "
                f"{resource_type}.{_LETTERS[interaction]}.",
            )
        if interaction not in {"read", "search"} and self.limits(resource_type, interaction):
            raise Forbidden(
                "FD-SCOPE-LIMITED",
                f"限定范围的权限(patient/… 或带检索条件)只能读取,不能对 {resource_type} 执行 {interaction}。",
                f"A limited scope (patient/… or one with a query) lets read, and not {interaction} on {resource_type}.",
            )

    def require_operation(self, name: str) -> None:
        everything = all(
            self.allows("*", interaction) and not self.limits("*", interaction) for interaction in _LETTERS
        )
        if name not in self.operations and not everything:
            raise Forbidden(
                "FD-SCOPE",
                f"当前令牌无权使用 ${name};请申请权限范围 system/${name}。",
                f"The token does not allow ${name}; ask for the scope system/${name}.",
            )


NOBODY = Grant("nobody", tenant=1)
"""Whoever shows no token, where none is needed; reaches no data."""


def granted(actor: str, tenant: int, scope: str, patient: str | None = None) -> Grant:
    """The grant of a space-separated scope string, in the launch context of a patient (`Patient/…`) where there is one.

    Scopes of `user/` grant nothing: they mean a person that we know nothing of yet.
    """
    operations = (_OPERATION.fullmatch(word) for word in scope.split())
    return Grant(
        actor,
        tenant,
        tuple(_permissions(scope, patient)),
        frozenset(match.group(1) for match in operations if match),
    )


def _permissions(scope: str, patient: str | None) -> Iterator[Permission]:
    for word in scope.split():
        if match := _RESOURCES.fullmatch(word):
            context, resource_type, letters, query = match.groups()
            if context == "system" or patient:
                compartment = patient if context == "patient" else None
                pairs = tuple(parse_qsl(query or "", keep_blank_values=True))
                yield Permission(resource_type, letters, compartment, pairs)


class Tokens:
    """Development bearer tokens, held as SHA-256 digests."""

    def __init__(self, tokens: Mapping[str, Mapping[str, str]], tenant: int = 1) -> None:
        self._grants = {
            _digest(entry["token"]): granted(name, tenant, entry["scope"], entry.get("patient"))
            for name, entry in tokens.items()
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
