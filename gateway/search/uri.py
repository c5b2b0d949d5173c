"""Search parameters of type uri: compared whole, case-sensitive. https://hl7.org/fhir/R4/search.html#uri"""

from collections.abc import Iterable

from gateway.errors import NotSupported
from gateway.search.expressions import Value
from gateway.search.terms import Condition, Name, any_key, key, unescape


def rows(name: Name, values: Iterable[Value]) -> set[int]:
    return {key(name, value) for _, value in values if isinstance(value, str)}


def clause(name: Name, modifier: str, values: list[str]) -> Condition:
    if modifier:
        raise NotSupported(
            "FD-SEARCH-MODIFIER",
            f"检索参数 {name.code} 不支持修饰符 :{modifier}。",
            f"Search parameter {name.code} does not support the modifier :{modifier}.",
        )
    return any_key([key(name, unescape(value)) for value in values], selective=True)
