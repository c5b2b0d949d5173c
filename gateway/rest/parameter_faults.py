"""What is wrong with the parameters of an operation, and how to mend it. https://hl7.org/fhir/R4/operations.html#request"""

from collections.abc import Mapping, Sized
from difflib import get_close_matches

from gateway.errors import BadRequest
from profiles.operations import Parameter


def known(name: str, allowed: Mapping[str, Parameter], where: str | None) -> Parameter:
    if name in allowed:
        return allowed[name]
    near = get_close_matches(name, allowed, 1)
    names = ", ".join(sorted(allowed))
    raise BadRequest(
        "FD-PARAMETER-UNKNOWN",
        f"此操作没有参数 {name[:64]}{',是否指 ' + near[0] if near else ''};可用:{names or '无'}。",
        f"The operation has no parameter {name[:64]}{'; did you mean ' + near[0] if near else ''}. It takes: "
        f"{names or 'none'}.",
        f"{where}.name" if where else None,
    )


def counted(given: Mapping[str, Sized], allowed: Mapping[str, Parameter], where: str) -> None:
    for wanted in allowed.values():
        times = len(given.get(wanted.name, ()))
        if wanted.required and not times:
            raise BadRequest(
                "FD-PARAMETER-MISSING",
                f"缺少参数 {wanted.name}。",
                f"The parameter {wanted.name} is missing.",
                where,
            )
        if times > 1 and not wanted.many:
            raise BadRequest(
                "FD-PARAMETER-TWICE",
                f"参数 {wanted.name} 只能出现一次。",
                f"The parameter {wanted.name} may come once only.",
                where,
            )


def wrong(name: str, where: str | None, zh: str, en: str) -> BadRequest:
    return BadRequest("FD-PARAMETER-TYPE", f"参数 {name} 应为{zh}。", f"The parameter {name} must be {en}.", where)


def not_in_url(name: str) -> BadRequest:
    return BadRequest(
        "FD-PARAMETER-BODY",
        f"参数 {name} 不是简单类型,不能写在 URL 中;请用 POST 发送 Parameters 资源。",
        f"The parameter {name} is not of a simple type and cannot stand in a URL; POST a Parameters resource.",
    )


def no_parameters() -> BadRequest:
    return BadRequest(
        "FD-PARAMETERS", "请求体应为 Parameters 资源。", "The body must be a Parameters resource.", "resourceType"
    )
