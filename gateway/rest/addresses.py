"""Type and id as they stand in a URL or an entry. https://hl7.org/fhir/R4/datatypes.html#id"""

import re
from difflib import get_close_matches

from gateway.errors import BadRequest, NotFound
from profiles import definitions

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def known_type(name: str) -> str:
    """A resource type of FHIR 4.0.1; raises `NotFound` with the nearest name."""
    types = definitions.resource_types()
    if name in types:
        return name
    near = get_close_matches(name, types, 1)
    raise NotFound(
        "FD-TYPE",
        f"FHIR 4.0.1 没有资源类型 {name[:64]}{';是否指 ' + near[0] + '?' if near else '。'}",
        f"FHIR 4.0.1 has no resource type {name[:64]}{'; did you mean ' + near[0] + '?' if near else '.'}",
    )


def read_id(text: str) -> str:
    """An id to read under; raises `NotFound` for what nothing can be stored under."""
    if not _ID.fullmatch(text):
        raise NotFound(
            "FD-NOT-FOUND", "没有这个资源;请检查类型与 id。", "There is no such resource; check its type and id."
        )
    return text


def written_id(text: str, expression: str | None = None) -> str:
    """An id to write under; raises `BadRequest` for what is not an id of FHIR."""
    if not _ID.fullmatch(text):
        raise BadRequest(
            "FD-ID",
            "id 应由 1 至 64 个字母、数字、“-”或“.”组成。",
            "An id is 1 to 64 letters, digits, '-' and '.'.",
            expression,
        )
    return text
