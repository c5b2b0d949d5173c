"""The codes of the guide, where the server answers questions about codes. https://hl7.org/fhir/R4/terminology-service.html"""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

from conformance.checks import Answer, Check, Session, shall
from profiles import package, terminology
from profiles.canonical import BASE
from profiles.json import Resource

EXPANDED = shall(
    "profiles-value-set-expanded",
    "https://hl7.org/fhir/R4/valueset-operation-expand.html",
    "$expand 列出本规范值集的全部代码",
    "$expand lists the codes of the guide's value sets, and no others",
)
VALIDATED = shall(
    "profiles-code-validated",
    "https://hl7.org/fhir/R4/valueset-operation-validate-code.html",
    "$validate-code 认得值集内外的代码",
    "$validate-code tells the codes of a value set from others",
)
_NOBODYS = "no-such-code"
_MOST = 1000


def checks() -> Iterator[Check]:
    for value_set in package.resources("value-sets"):
        name, listed = value_set["id"], terminology.shipped().codes_in(value_set["url"])
        if not listed or len(listed) > _MOST:
            continue
        expand, validate = partial(_expanded, value_set["url"], listed), partial(_validated, value_set["url"], listed)
        yield Check(
            f"expand-{name}", EXPANDED, f"值集 {name}", f"value set {name}", expand, claims=("ValueSet$expand",)
        )
        yield Check(
            f"validate-code-{name}",
            VALIDATED,
            f"值集 {name}",
            f"value set {name}",
            validate,
            claims=("ValueSet$validate-code",),
        )


async def _expanded(url: str, listed: frozenset[Any], on: Session) -> None:
    answer = await on.get(f"ValueSet/$expand?url={quote(url, safe='')}")
    answer.expect_status(200)
    contained = answer.expect_type("ValueSet").get("expansion", {}).get("contains", ())
    told = {*_codes(contained)}
    wanted = {(system, code) for system, code in listed}
    answer.expect(wanted <= told, "展开缺少代码", "the expansion lacks codes")
    answer.expect(told <= wanted, "展开含有多余的代码", "the expansion has codes that are not in the value set")
    named = all(one.get("display") for one in contained if one.get("system", "").startswith(BASE))
    answer.expect(named, "每个代码应有显示名", "every code should have a display")


def _codes(contained: list[Resource]) -> Iterator[tuple[str, str]]:
    for one in contained:
        if "code" in one:
            yield one.get("system", ""), one["code"]
        yield from _codes(one.get("contains", []))


async def _validated(url: str, listed: frozenset[Any], on: Session) -> None:
    system, code = min(listed)
    _says(await _asked(on, url, system, code), met=True)
    _says(await _asked(on, url, system, _NOBODYS), met=False)


async def _asked(on: Session, url: str, system: str, code: str) -> Answer:
    query = f"url={quote(url, safe='')}&system={quote(system, safe='')}&code={quote(code, safe='')}"
    return await on.get(f"ValueSet/$validate-code?{query}")


def _says(answer: Answer, *, met: bool) -> None:
    answer.expect_status(200)
    told = [
        one.get("valueBoolean")
        for one in answer.expect_type("Parameters").get("parameter", ())
        if one.get("name") == "result"
    ]
    zh, en = ("应为有效代码", "the code should be valid") if met else ("应为无效代码", "the code should not be valid")
    answer.expect(told == [met], zh, en)
