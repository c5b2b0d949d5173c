"""What matches a value: every type of parameter, with its modifiers. https://hl7.org/fhir/R4/search.html#ptypes"""

from functools import partial

from conformance.checks import Check, Requirement, Session, shall, should
from conformance.suites.search.scene import expect_found

_AFTER = ("search-basic",)
Case = tuple[str, str]
"""(query, the names that it finds with spaces between)."""


def finding(requirement: Requirement, kind: str, claims: tuple[str, ...], *cases: Case, feature: str = "") -> Check:
    """A check that each query finds what it should; `feature` names what a server need not know."""
    needed = (f"{kind}.create", f"{kind}.search-type", f"{kind}?_id", "Patient.create", *claims)
    body = partial(_finds, kind=kind, cases=cases, feature=feature)
    return Check(
        requirement.id, requirement, requirement.zh, requirement.en, body, tuple(dict.fromkeys(needed)), _AFTER
    )


async def _finds(on: Session, *, kind: str, cases: tuple[Case, ...], feature: str) -> None:
    for query, names in cases:
        await expect_found(on, kind, query, *names.split(), feature=feature)


_FAMILY, _GENDER, _IDENTIFIER = ("Patient?family",), ("Patient?gender",), ("Patient?identifier",)
_VALUE, _SUBJECT = ("Observation?value-quantity",), ("Observation?subject",)
_SYSTEM = "urn:oid:2.25.167438261930385719"
_UNIT = "http://unitsofmeasure.org|mmol/L"

CHECKS = (
    finding(
        shall(
            "search-string",
            "search.html#string",
            "字符串不分大小写按开头匹配",
            "a string matches the start, in any case",
        ),
        "Patient",
        _FAMILY,
        ("family=conformance{unique}", "anna bob"),
        ("family=CONFORMANCE{unique}SON", "bob"),
        ("family=formance{unique}", ""),
    ),
    finding(
        shall(
            "search-string-exact", "search.html#string", ":exact 全文且区分大小写", ":exact is the whole, in this case"
        ),
        "Patient",
        _FAMILY,
        ("family:exact=Conformance{unique}", "anna"),
        ("family:exact=conformance{unique}", ""),
        feature="exact",
    ),
    finding(
        shall("search-string-contains", "search.html#string", ":contains 匹配任意位置", ":contains matches anywhere"),
        "Patient",
        _FAMILY,
        ("family:contains=formance{unique}", "anna bob"),
        ("family:contains={unique}SON", "bob"),
        feature="contains",
    ),
    finding(
        should(
            "search-string-accents", "search.html#string", "字符串匹配不计重音符号", "accents do not count in strings"
        ),
        "Patient",
        ("Patient?given",),
        ("given=anna", "anna"),
    ),
    finding(
        shall("search-token-code", "search.html#token", "code 匹配任何系统", "a code matches in any system"),
        "Patient",
        _GENDER,
        ("gender=female", "anna"),
        ("gender=http://hl7.org/fhir/administrative-gender|male", "bob"),
    ),
    finding(
        shall("search-token-system", "search.html#token", "system|code 区分系统", "system|code tells systems apart"),
        "Patient",
        _IDENTIFIER,
        (f"identifier={_SYSTEM}|{{unique}}-anna", "anna"),
        (f"identifier={_SYSTEM}|", "anna bob carl"),
        ("identifier={unique}-bob", "bob"),
        ("identifier=|{unique}-bob", ""),
        ("identifier=urn:oid:2.25.1|{unique}-bob", ""),
    ),
    finding(
        shall("search-token-boolean", "search.html#token", "布尔元素可检索", "a boolean can be searched for"),
        "Patient",
        ("Patient?active",),
        ("active=false", "bob"),
        ("active=true", "anna carl"),
    ),
    finding(
        shall(
            "search-token-not",
            "search.html#token",
            ":not 包含没有该元素的资源",
            ":not has those without the element",
        ),
        "Patient",
        _GENDER,
        ("gender:not=female", "bob carl"),
        feature="not",
    ),
    finding(
        shall("search-missing", "search.html#modifiers", ":missing 区分有无", ":missing tells with from without"),
        "Patient",
        (*_GENDER, "Patient?birthdate"),
        ("gender:missing=true", "carl"),
        ("birthdate:missing=false", "anna bob"),
        feature="missing",
    ),
    finding(
        shall("search-or", "search.html#combining", "逗号表示或", "commas mean or"),
        "Patient",
        _GENDER,
        ("gender=female,male", "anna bob"),
    ),
    finding(
        shall("search-and", "search.html#combining", "重复参数表示与", "a parameter said twice means and"),
        "Patient",
        (*_GENDER, *_FAMILY),
        ("gender=male&family=conformance{unique}", "bob"),
        ("gender=female&gender=male", ""),
    ),
    finding(
        shall(
            "search-quantity", "search.html#quantity", "数量按隐含精度匹配", "a quantity matches by implicit precision"
        ),
        "Observation",
        _VALUE,
        (f"value-quantity=5.4|{_UNIT}", "low"),
        ("value-quantity=6.3||mmol/L", "middle"),
        ("value-quantity=6.3", "middle"),
        (f"value-quantity=6.4|{_UNIT}", ""),
    ),
    finding(
        shall("search-quantity-prefix", "search.html#prefix", "数量可用比较前缀", "a quantity takes prefixes"),
        "Observation",
        _VALUE,
        (f"value-quantity=gt6|{_UNIT}", "middle high"),
        (f"value-quantity=le6.3|{_UNIT}", "low middle"),
        (f"value-quantity=lt5.4,gt6.9|{_UNIT}", "high"),
    ),
    finding(
        shall("search-quantity-unit", "search.html#quantity", "单位不同则不匹配", "another unit does not match"),
        "Observation",
        _VALUE,
        ("value-quantity=gt1|http://unitsofmeasure.org|kg", ""),
    ),
    finding(
        shall(
            "search-reference",
            "search.html#reference",
            "引用可按 id、类型/id、类型修饰符匹配",
            "a reference matches by id, Type/id, and with a type as modifier",
        ),
        "Observation",
        _SUBJECT,
        ("subject=Patient/{anna}", "low middle"),
        ("subject={bob}", "high"),
        ("subject:Patient={bob}", "high"),
        ("subject=Patient/{carl}", ""),
    ),
    finding(
        shall(
            "search-composite",
            "search.html#composite",
            "组合参数的两部分须同时成立",
            "both parts of a composite must hold",
        ),
        "Observation",
        ("Observation?code-value-quantity",),
        (f"code-value-quantity=http://loinc.org|15074-8$gt6|{_UNIT}", "middle high"),
        (f"code-value-quantity=http://loinc.org|8480-6$gt6|{_UNIT}", ""),
        feature="composite",
    ),
)
