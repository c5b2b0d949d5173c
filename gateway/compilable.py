"""What a SearchParameter must be for this server to search by it, said when it is written."""

import re
from collections.abc import Iterable, Sequence

from gateway.drafts import Draft
from gateway.errors import Issue, Unprocessable
from gateway.search.expressions import Unsupported
from gateway.search.jsonpath import paths
from gateway.search.parameters import Catalogue, compiled, defined
from gateway.work import Work
from profiles import definitions
from profiles.json import Resource

_KINDS = ("token", "date", "string", "reference", "uri", "number", "quantity", "composite")
_SECOND = ("token", "date", "string", "quantity")
"""What the second part of a composite may be."""
_MEMBERS = ("code", "url", "type", "expression", "target", "component", "base")
"""Of the resource, what the index depends on."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}", re.ASCII)
_WITHOUT_NARRATIVE = frozenset({"Binary", "Bundle", "Parameters"})
_PLACE = "SearchParameter"
_PARTS = 2


async def require(_: Work, drafts: Sequence[Draft]) -> None:
    """Raises `Unprocessable` for an active one that cannot be indexed; what R4 has under its code is only kept."""
    issues = [issue for draft in drafts if draft.after for issue in _issues(draft.after)]
    if issues:
        raise Unprocessable.of(issues)


def claims(resource: Resource) -> Iterable[str]:
    """A type has a code once, and a URL is defined once."""
    if _is_ours(resource):
        yield f"search-parameter:{resource['url']}"
        yield from (f"search-parameter:{kind}:{resource['code']}" for kind in types(resource))


def reduced(resource: Resource) -> Resource | None:
    """What matters of an active one that can be indexed; None of any other."""
    if not _is_ours(resource) or _issues(resource):
        return None
    return {name: resource[name] for name in _MEMBERS if name in resource}


def types(resource: Resource) -> tuple[str, ...]:
    """The resource types that get the parameter: those of its bases that do not have its code already."""
    every = definitions.resource_types()
    found: set[str] = set()
    for base in resource.get("base", ()):
        match base:
            case "Resource":
                found |= every
            case "DomainResource":
                found |= every - _WITHOUT_NARRATIVE
            case _:
                found |= every & {base}
    shipped = Catalogue()
    return tuple(sorted(one for one in found if resource["code"] not in shipped.of(one)))


def _is_ours(resource: Resource) -> bool:
    active: bool = resource.get("status") == "active"
    return active and not str(resource["code"]).startswith("_") and bool(types(resource))


def _issues(resource: Resource) -> list[Issue]:
    if resource.get("status") != "active":
        return []
    known = {"Resource", "DomainResource", *definitions.resource_types()}
    unknown = [at for at, base in enumerate(resource["base"]) if base not in known]
    if unknown:
        return [_issue(f"base[{at}]", "应为 R4 的资源类型", "must be a resource type of R4") for at in unknown]
    if not _is_ours(resource):
        return []
    return _plain(resource) or (_components(resource) if resource["type"] == "composite" else _compiled(resource))


def _plain(resource: Resource) -> list[Issue]:
    """What can be said without looking at the expression."""
    if not _CODE.fullmatch(resource["code"]):
        return [
            _issue("code", "应为字母、数字与连字符,字母开头", "must be letters, digits and hyphens, a letter first")
        ]
    if resource["type"] not in _KINDS:
        return [_issue("type", "不支持 special", "cannot be special")]
    if not resource.get("expression"):
        return [_issue("expression", "不可缺少", "is needed by a parameter that is active")]
    return []


def _components(resource: Resource) -> list[Issue]:
    parts = resource.get("component", ())
    if len(parts) != _PARTS:
        return [_issue("component", "组合参数应有两个部分", "must be two")]
    for at, allowed in enumerate((("token",), _SECOND)):
        try:
            fits = definitions.search_parameter_type(parts[at]["definition"]) in allowed
        except KeyError:
            fits = False
        if not fits:
            kinds = ", ".join(allowed)
            place = f"component[{at}].definition"
            return [_issue(place, f"应指向 R4 的 {kinds} 类参数", f"must be a parameter of R4 of type {kinds}")]
    try:
        plain = all(paths(resource["expression"], one) for one in types(resource))
    except Unsupported:
        plain = False
    if not plain:
        return [_issue("expression", "组合参数的表达式应为简单路径", "of a composite must be a plain path")]
    return _compiled(resource)


def _compiled(resource: Resource) -> list[Issue]:
    definition = defined(resource)
    for one in types(resource):
        try:
            compiled(definition, one)
        except Unsupported as error:
            said = str(error)[:300]
            return [_issue("expression", f"无法编译:{said}", f"cannot be compiled: {said}")]
    return []


def _issue(place: str, zh: str, en: str) -> Issue:
    return Issue(
        Unprocessable.code,
        "FD-SEARCH-PARAMETER",
        f"检索参数不可用:{place} {zh};改正后再启用,或以 status=draft 保存。",
        f"The search parameter cannot be used: {place} {en}. Mend it, or store it with status draft.",
        f"{_PLACE}.{place}",
    )
