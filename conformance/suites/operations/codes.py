"""$expand, $lookup, $validate-code, $translate and $subsumes. https://hl7.org/fhir/R4/terminology-service.html"""

from typing import Any
from urllib.parse import urlencode

from conformance.checks import Answer, Check, Session, check, shall
from conformance.checks.samples import TAG
from profiles.json import Resource

_GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender"
_GENDERS = "http://hl7.org/fhir/administrative-gender"
_NOWHERE = "http://example.org/fhir/no-such-thing"
_EXPAND, _LOOKUP = ("ValueSet$expand",), ("CodeSystem$lookup",)
_CODES = {"male", "female", "other", "unknown"}

EXPAND = shall(
    "expand", "valueset-operation-expand.html", "$expand 列出值集的代码", "$expand lists the codes of a value set"
)
LOOKUP = shall(
    "lookup", "codesystem-operation-lookup.html", "$lookup 给出代码的含义", "$lookup tells what a code means"
)
VALIDATE = shall(
    "validate-code",
    "valueset-operation-validate-code.html",
    "$validate-code 区分有效与无效的代码",
    "$validate-code tells valid codes from others",
)
TRANSLATE = shall(
    "translate", "conceptmap-operation-translate.html", "$translate 按映射转换代码", "$translate follows a concept map"
)
SUBSUMES = shall(
    "subsumes",
    "codesystem-operation-subsumes.html",
    "$subsumes 判断上下位关系",
    "$subsumes tells how two codes are related",
)


async def _asked(on: Session, path: str, **parameters: str) -> Answer:
    return await on.get(f"{path}?{urlencode(parameters)}")


def _refused(answer: Answer) -> None:
    met = 400 <= answer.status < 500
    answer.expect(met, f"应以 4xx 应答，实为 {answer.status}", f"the answer should be 4xx, and is {answer.status}")
    answer.expect_outcome()


def _contained(answer: Answer) -> list[Resource]:
    expansion: Resource = answer.expect_status(200).expect_type("ValueSet").get("expansion", {})
    answer.expect("timestamp" in expansion, "expansion 应有 timestamp", "the expansion should have a timestamp")
    return list(expansion.get("contains", []))


def _told(answer: Answer, name: str) -> list[Any]:
    """The values of an out parameter."""
    parameters = answer.expect_status(200).expect_type("Parameters").get("parameter", ())
    values = [
        next((one[key] for key in one if key.startswith("value")), None)
        for one in parameters
        if one.get("name") == name
    ]
    return [value for value in values if value is not None]


@check(EXPAND, id="expand-url", zh="按 URL", en="by its URL", claims=_EXPAND)
async def by_url(on: Session) -> None:
    contained = _contained(await _asked(on, "ValueSet/$expand", url=_GENDER))
    on.expect({one.get("code") for one in contained} == _CODES, "应恰为四个代码", "there should be its four codes")
    on.expect(all(one.get("display") for one in contained), "应有显示名", "codes should have a display")


@check(EXPAND, id="expand-value-set", zh="随请求给出的值集", en="a value set in the request", claims=_EXPAND)
async def given(on: Session) -> None:
    include = {"system": _GENDERS, "concept": [{"code": "male"}, {"code": "female"}]}
    value_set = {"resourceType": "ValueSet", "status": "active", "compose": {"include": [include]}}
    parameters = [{"name": "valueSet", "resource": value_set}]
    answer = await on.post("ValueSet/$expand", {"resourceType": "Parameters", "parameter": parameters})
    codes = {one.get("code") for one in _contained(answer)}
    answer.expect(codes == {"male", "female"}, "应为所列代码", "there should be the codes listed")


@check(EXPAND, id="expand-filter", zh="按 filter 过滤", en="filtered", claims=_EXPAND)
async def filtered(on: Session) -> None:
    codes = {one.get("code") for one in _contained(await _asked(on, "ValueSet/$expand", url=_GENDER, filter="female"))}
    on.expect("female" in codes, "应含 female", "female should be in it")
    on.expect("unknown" not in codes, "不应含 unknown", "unknown should not be in it")


@check(EXPAND, id="expand-paged", zh="分页", en="page by page", claims=_EXPAND)
async def paged(on: Session) -> None:
    found: list[Any] = []
    for offset in range(0, 4, 2):
        answer = await _asked(on, "ValueSet/$expand", url=_GENDER, count="2", offset=str(offset))
        page = _contained(answer)
        answer.expect(len(page) <= 2, "一页不应超过 count", "a page should not be larger than count")
        total = answer.resource["expansion"].get("total")
        answer.expect(total == 4, "total 应为全部代码数", "total should be the number of all codes")
        found += [one.get("code") for one in page]
    on.expect({*found} == _CODES and len(found) == 4, "各页合起来应为全集", "the pages should make the whole")


@check(EXPAND, id="expand-unknown", zh="没有的值集", en="a value set that is not there", claims=_EXPAND)
async def no_value_set(on: Session) -> None:
    _refused(await _asked(on, "ValueSet/$expand", url=_NOWHERE))


@check(LOOKUP, id="lookup-code", zh="有的代码", en="a code that exists", claims=_LOOKUP)
async def lookup(on: Session) -> None:
    answer = await _asked(on, "CodeSystem/$lookup", system=_GENDERS, code="male")
    answer.expect(bool(_told(answer, "name")), "应有 name", "there should be a name")
    answer.expect(_told(answer, "display") == ["Male"], "display 应为 Male", "display should be Male")


@check(LOOKUP, id="lookup-coding", zh="以 Coding 询问 (POST)", en="asked by a Coding, by POST", claims=_LOOKUP)
async def lookup_coding(on: Session) -> None:
    coding = {"name": "coding", "valueCoding": {"system": _GENDERS, "code": "female"}}
    answer = await on.post("CodeSystem/$lookup", {"resourceType": "Parameters", "parameter": [coding]})
    answer.expect(_told(answer, "display") == ["Female"], "display 应为 Female", "display should be Female")


@check(LOOKUP, id="lookup-unknown", zh="没有的代码", en="a code that does not exist", claims=_LOOKUP)
async def no_code(on: Session) -> None:
    _refused(await _asked(on, "CodeSystem/$lookup", system=_GENDERS, code="no-such-code"))


@check(VALIDATE, id="validate-code-value-set", zh="值集", en="in a value set", claims=("ValueSet$validate-code",))
async def in_value_set(on: Session) -> None:
    for code, wanted in (("male", True), ("no-such-code", False)):
        answer = await _asked(on, "ValueSet/$validate-code", url=_GENDER, system=_GENDERS, code=code)
        answer.expect(_told(answer, "result") == [wanted], f"{code} 的结果不对", f"the result for {code} is wrong")
        if not wanted:
            answer.expect(bool(_told(answer, "message")), "应说明原因", "there should be a message")


@check(
    VALIDATE, id="validate-code-code-system", zh="代码系统", en="in a code system", claims=("CodeSystem$validate-code",)
)
async def in_code_system(on: Session) -> None:
    for code, wanted in (("male", True), ("no-such-code", False)):
        answer = await _asked(on, "CodeSystem/$validate-code", url=_GENDERS, code=code)
        answer.expect(_told(answer, "result") == [wanted], f"{code} 的结果不对", f"the result for {code} is wrong")


def _system(on: Session) -> Resource:
    """Two codes, one below the other, and one beside them."""
    child = {"code": "child", "display": "Child"}
    concepts = [
        {"code": "parent", "display": "Parent", "concept": [child]},
        {"code": "stranger", "display": "Stranger"},
    ]
    return {
        "resourceType": "CodeSystem",
        "meta": {"tag": [TAG]},
        "url": f"http://example.org/fhir/CodeSystem/{on.unique}",
        "status": "active",
        "content": "complete",
        "hierarchyMeaning": "is-a",
        "concept": concepts,
    }


@check(SUBSUMES, claims=("CodeSystem$subsumes", "CodeSystem.create"))
async def subsumes(on: Session) -> None:
    system = (await on.create(_system(on)))["url"]
    for a, b, wanted in (
        ("parent", "child", "subsumes"),
        ("child", "parent", "subsumed-by"),
        ("child", "child", "equivalent"),
        ("child", "stranger", "not-subsumed"),
    ):
        answer = await _asked(on, "CodeSystem/$subsumes", system=system, codeA=a, codeB=b)
        answer.expect(_told(answer, "outcome") == [wanted], f"应为 {wanted}", f"the outcome should be {wanted}")
    _refused(await _asked(on, "CodeSystem/$subsumes", system=system, codeA="child", codeB="no-such-code"))


@check(TRANSLATE, claims=("ConceptMap$translate", "ConceptMap.create"))
async def translate(on: Session) -> None:
    target = {"code": "M", "equivalence": "equivalent"}
    element = {"code": "male", "target": [target]}
    v2 = "http://terminology.hl7.org/CodeSystem/v2-0001"
    url = f"http://example.org/fhir/ConceptMap/{on.unique}"
    group = {"source": _GENDERS, "target": v2, "element": [element]}
    about = {"resourceType": "ConceptMap", "meta": {"tag": [TAG]}, "url": url, "status": "active"}
    await on.create({**about, "sourceUri": _GENDER, "group": [group]})
    answer = await _asked(on, "ConceptMap/$translate", url=url, system=_GENDERS, code="male")
    answer.expect(_told(answer, "result") == [True], "应有结果", "the result should be true")
    matches = [one for one in answer.resource["parameter"] if one["name"] == "match"]
    concepts = [part["valueCoding"] for one in matches for part in one["part"] if part["name"] == "concept"]
    found = [(one.get("system"), one.get("code")) for one in concepts]
    answer.expect(found == [(v2, "M")], "应译为 M", "it should be translated to M")
    answer = await _asked(on, "ConceptMap/$translate", url=url, system=_GENDERS, code="female")
    answer.expect(_told(answer, "result") == [False], "没有映射的代码应为 false", "what is not mapped should be false")


CHECKS: tuple[Check, ...] = (
    by_url,
    given,
    filtered,
    paged,
    no_value_set,
    lookup,
    lookup_coding,
    no_code,
    in_value_set,
    in_code_system,
    subsumes,
    translate,
)
