"""Search parameters of type string and uri. https://hl7.org/fhir/R4/search.html#string"""

import pytest

from tests.conftest import Gateway
from tests.gateway.searchable import Json, encoded, ids, patient, refused, store

pytestmark = pytest.mark.feature("Search", "string and uri, all modifiers")


def value_set(own: str, url: str) -> Json:
    return {"resourceType": "ValueSet", "id": own, "status": "draft", "url": url}


@pytest.fixture(scope="module")
def loaded(gateway: Gateway) -> Gateway:
    store(
        gateway,
        patient("zhang", name=[{"text": "张三"}]),
        patient("zhang-parts", name=[{"family": "张", "given": ["三丰"]}]),
        patient("old", name=[{"text": "張國榮"}]),
        patient("shan", name=[{"text": "单雄信"}]),
        patient("zeng", name=[{"family": "曾", "given": ["国藩"]}]),
        patient("dotted", name=[{"text": "阿卜杜·示例"}]),
        patient("lv", name=[{"text": "吕布"}]),
        patient("muller", name=[{"family": "Müller", "given": ["Ｊｏｈｎ", "Ægir"]}]),
        patient("odd", name=[{"text": "a,b|c\\d$e"}]),
        patient("percent", name=[{"text": "100% _x"}]),
        patient("two", name=[{"text": "Carter"}, {"text": "Anna Smith", "prefix": ["Dr"]}]),
        patient("address", address=[{"line": ["示例路１２号"], "city": "上海市", "postalCode": "200000"}]),
        patient("none"),
        value_set("v1", "http://example.org/fhir/ValueSet/one"),
        value_set("v2", "http://example.org/fhir/ValueSet/one/deep"),
        value_set("v3", "http://example.org/fhir/ValueSet/onelonger"),
        value_set("v4", "HTTP://example.org/fhir/ValueSet/one"),
        value_set("v5", "urn:oid:1.2.3"),
        value_set("v6", "http://example.org/fhir"),
    )
    return gateway


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=张三", {"zhang", "zhang-parts"}),
        ("name=张 三", {"zhang", "zhang-parts"}),
        ("name=張三", {"zhang", "zhang-parts"}),
        ("name=zhangsan", {"zhang", "zhang-parts"}),
        ("name=Zhang San", {"zhang", "zhang-parts"}),
        ("name=san zhang", {"zhang"}),
        ("name=zs", {"zhang", "zhang-parts"}),
        ("name=ZSF", {"zhang-parts"}),
        ("name:exact=张三", {"zhang"}),
        ("name:exact=張三", set()),
        ("name:contains=三", {"zhang", "zhang-parts"}),
        ("name:contains=國", {"old", "zeng"}),
        ("name=张国荣", {"old"}),
        ("name=zhangguorong", {"old"}),
        ("name=shanxiongxin", {"shan"}),
        ("name=zengguofan", {"zeng"}),
        ("name=阿卜杜示例", {"dotted"}),
        ("name=阿卜杜·示例", {"dotted"}),
        ("name=lvbu", {"lv"}),
        ("name=lubu", {"lv"}),
        ("family=张", {"zhang-parts"}),
        ("family=zhang", {"zhang-parts"}),
        ("given=三丰", {"zhang-parts"}),
        ("name=muller", {"muller"}),
        ("name=ＭＵＬＬ", {"muller"}),
        ("name=john", {"muller"}),
        ("name=Müller Ｊｏｈｎ", {"muller"}),
        ("name=uller", set()),
        ("name:contains=ULLE", {"muller"}),
        ("name:exact=Müller", {"muller"}),
        ("name:exact=müller", set()),
        ("name:exact=Mülle", set()),
        ("name:text=anna", {"two"}),
        ("name=carter,anna", {"two"}),
        ("name=carter&name=anna", {"two"}),
        ("name=dr", {"two"}),
        ("name:contains=a\\,b", {"odd"}),
        ("name=a\\,b\\|c\\\\d\\$e", {"odd"}),
        ("name:exact=a\\,b\\|c\\\\d\\$e", {"odd"}),
        ("name:contains=a|b", set()),
        ("name=100%25", {"percent"}),
        ("name:contains=%25 _", {"percent"}),
        ("name:contains=0_", set()),
        ("address=示例路12号", {"address"}),
        ("address-city=上海", {"address"}),
        ("address-postalcode=2000", {"address"}),
        ("address:contains=路", {"address"}),
        ("name:missing=true", {"address", "none"}),
        ("address:missing=false", {"address"}),
    ],
)
def test_what_a_string_finds(loaded: Gateway, query: str, expected: set[str]) -> None:
    name, _, value = query.partition("=")
    whole = query if "&" in value or "%" in value else f"{name}={encoded(value)}"
    assert set(ids(loaded, f"Patient?{whole}")) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("url=http://example.org/fhir/ValueSet/one", {"v1"}),
        ("url=http://example.org/fhir/ValueSet/on", set()),
        ("url=urn:oid:1.2.3,http://example.org/fhir", {"v5", "v6"}),
        ("url:below=http://example.org/fhir/ValueSet/one", {"v1", "v2"}),
        ("url:below=http://example.org/fhir/", {"v1", "v2", "v3"}),
        ("url:below=http://example.org/fhir", {"v1", "v2", "v3", "v6"}),
        ("url:above=http://example.org/fhir/ValueSet/one/deep/er", {"v1", "v2", "v6"}),
        ("url:above=urn:oid:1.2.3", {"v5"}),
        ("url:missing=true", set()),
        ("url:below=http://example.org/fhir/Value%25", set()),
    ],
)
def test_what_a_uri_finds(loaded: Gateway, query: str, expected: set[str]) -> None:
    assert set(ids(loaded, f"ValueSet?{query}")) == expected


@pytest.mark.parametrize("query", ["Patient?name:above=x", "Patient?name:not-in=x", "ValueSet?url:exact=x"])
def test_a_modifier_of_another_type_is_refused(loaded: Gateway, query: str) -> None:
    assert refused(loaded.client, query) == "FD-SEARCH-MODIFIER"


@pytest.mark.parametrize("value", ["%20", "%E3%80%80", "%C2%B7", "%00"])
def test_a_text_of_nothing_finds_nobody_by_accident(loaded: Gateway, value: str) -> None:
    answer = loaded.client.get(f"/Patient?name={value}")
    assert answer.status_code == 400 or "entry" not in answer.json()
