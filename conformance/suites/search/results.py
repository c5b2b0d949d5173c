"""The Bundle that a search answers with: its entries, its order, its links. https://hl7.org/fhir/R4/search.html#return"""

from urllib.parse import parse_qsl, urlsplit

from conformance.checks import Answer, Session, check, samples, shall, should
from conformance.suites.search.scene import expect_found, require, scene

_CLAIMS = ("Patient.create", "Patient.search-type", "Patient?_id")
_AFTER = ("search-basic",)


@check(
    shall(
        "search-basic",
        "http.html#search",
        "检索返回 searchset，恰含匹配的资源",
        "a search answers with a searchset of exactly what matches",
    ),
    claims=_CLAIMS,
)
async def basic(on: Session) -> None:
    here = await scene(on)
    answer = await on.get(f"Patient?_id={here.of('Patient', 'anna')}")
    found = here.names("Patient", answer.matches)
    kind = answer.expect_type("Bundle").get("type")
    answer.expect(kind == "searchset", "应为 searchset", "it should be a searchset")
    answer.expect(found == ["anna"], "应恰有所找的资源", "it should have what was looked for, and nothing else")


@check(
    shall(
        "search-entries",
        "bundle.html#searchset",
        "每个条目有 fullUrl 与 search.mode",
        "every entry has fullUrl and search.mode",
    ),
    claims=_CLAIMS,
    after=_AFTER,
)
async def entries(on: Session) -> None:
    answer = await expect_found(on, "Patient", "_count=10", "anna", "bob", "carl")
    urls = [str(one.get("fullUrl", "")) for one in answer.entries]
    met = all(url.endswith(f"/{one['resource']['id']}") for url, one in zip(urls, answer.entries, strict=True))
    answer.expect(met, "fullUrl 应指向资源", "fullUrl should lead to the resource")
    modes = {(one.get("search") or {}).get("mode") for one in answer.entries}
    answer.advise(modes == {"match"}, "search.mode 应为 match", "search.mode should be match")


@check(
    shall(
        "search-post",
        "http.html#search",
        "POST _search 与 GET 结果相同",
        "POST _search finds what GET finds",
    ),
    claims=(*_CLAIMS, "Patient?gender"),
    after=_AFTER,
)
async def post(on: Session) -> None:
    here = await scene(on)
    form = here.query("Patient", "gender=female").partition("?")[2]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await on.post("Patient/_search", form, headers=headers)
    answer.expect(here.names("Patient", answer.matches) == ["anna"], "应只有 anna", "it should find anna only")


@check(
    shall(
        "search-self",
        "search.html#conformance",
        "self 链接写明实际采用的参数",
        "the self link has the parameters that were applied",
    ),
    claims=(*_CLAIMS, "Patient?gender"),
    after=_AFTER,
)
async def self_link(on: Session) -> None:
    answer = await expect_found(on, "Patient", "gender=female", "anna")
    answer.expect({"_id", "gender"} <= _applied(answer), "self 应含 _id 与 gender", "self should have _id and gender")


def _applied(answer: Answer) -> set[str]:
    link = answer.link("self")
    answer.expect(link is not None, "应有 self 链接", "there should be a self link")
    return {name for name, _ in parse_qsl(urlsplit(link or "").query)}


@check(
    shall(
        "search-lenient",
        "search.html#errors",
        "handling=lenient 忽略未知参数，self 链接不含它",
        "handling=lenient ignores an unknown parameter, and self shows that",
    ),
    claims=_CLAIMS,
    after=("search-self",),
)
async def lenient(on: Session) -> None:
    here = await scene(on)
    headers = {"Prefer": "handling=lenient"}
    answer = await on.get(here.query("Patient", "no-such-parameter=1"), headers=headers)
    answer.advise(answer.status == 200, "应忽略未知参数", "the unknown parameter should be ignored")
    if answer.status != 200:
        return
    answer.expect(len(answer.matches) == 3, "未知参数不应影响结果", "the unknown parameter should change nothing")
    met = "no-such-parameter" not in _applied(answer)
    answer.expect(met, "self 不应含未采用的参数", "self should not have what was not applied")


@check(
    should(
        "search-strict",
        "search.html#errors",
        "handling=strict 拒绝未知参数",
        "handling=strict refuses an unknown parameter",
    ),
    claims=_CLAIMS,
    after=_AFTER,
)
async def strict(on: Session) -> None:
    here = await scene(on)
    headers = {"Prefer": "handling=strict"}
    answer = await on.get(here.query("Patient", "no-such-parameter=1"), headers=headers)
    answer.expect(400 <= answer.status < 500, "应返回 4xx", "it should answer 4xx")
    answer.expect_outcome()


@check(
    shall("search-sort", "search.html#sort", "_sort 升序与降序", "_sort, up and down"),
    claims=(*_CLAIMS, "Patient?birthdate"),
    after=_AFTER,
)
async def sort(on: Session) -> None:
    here = await scene(on)
    for query, wanted in (("_sort=birthdate", ["anna", "bob"]), ("_sort=-birthdate", ["bob", "anna"])):
        answer = await on.get(here.query("Patient", f"birthdate=ge1900&{query}"))
        _require_sorting(on, answer)
        found = here.names("Patient", answer.matches)
        answer.expect(found == wanted, f"{query} 次序应为 {wanted}", f"{query}: the order should be {wanted}")


def _require_sorting(on: Session, answer: Answer) -> None:
    """Servers need not sort: skip where the answer is a refusal, or the self link shows that it was not done."""
    require(on, answer, "sort")
    if not on.claims("search:sort") and "_sort" not in _applied(answer):
        on.skip("self 链接表明未排序", "the self link shows that nothing was sorted")


@check(
    shall("search-sort-keys", "search.html#sort", "_sort 的多个键依次比较", "several keys of _sort count in turn"),
    claims=("Patient.create", "Observation.create", "Observation.search-type", "Observation?_id", "Observation?code"),
    after=("search-sort",),
)
async def sort_keys(on: Session) -> None:
    here = await scene(on)
    answer = await on.get(here.query("Observation", "_sort=code,-value-quantity"))
    _require_sorting(on, answer)
    found = here.names("Observation", answer.matches)
    answer.expect(
        found == ["high", "middle", "low"], "次序应为 high、middle、low", "the order should be high, middle, low"
    )


@check(
    should(
        "search-elements",
        "search.html#elements",
        "_elements 作用于检索结果并标记 SUBSETTED",
        "_elements applies to what is found, which is tagged SUBSETTED",
    ),
    claims=_CLAIMS,
    after=_AFTER,
)
async def elements(on: Session) -> None:
    answer = await expect_found(on, "Patient", "_elements=gender", "anna", "bob", "carl")
    met = all("name" not in one for one in answer.matches)
    answer.expect(met, "不应有其他元素", "there should be no other elements")
    tags = [{tag.get("code") for tag in (one.get("meta") or {}).get("tag") or ()} for one in answer.matches]
    answer.expect(all("SUBSETTED" in one for one in tags), "应有 SUBSETTED 标记", "they should be tagged SUBSETTED")


@check(
    shall(
        "search-last-updated",
        "search.html#lastUpdated",
        "_lastUpdated 按修改时间检索",
        "_lastUpdated: by time of change",
    ),
    claims=(*_CLAIMS, "Patient?_lastUpdated"),
    after=_AFTER,
)
async def last_updated(on: Session) -> None:
    await expect_found(on, "Patient", "_lastUpdated=gt2001-01-01", "anna", "bob", "carl")
    await expect_found(on, "Patient", "_lastUpdated=lt2001-01-01")


@check(
    shall("search-tag", "search.html#tag", "_tag 按标记检索", "_tag: by tag"),
    claims=(*_CLAIMS, "Patient?_tag"),
    after=_AFTER,
)
async def tag(on: Session) -> None:
    known = f"{samples.TAG['system']}|{samples.TAG['code']}"
    await expect_found(on, "Patient", f"_tag={known}", "anna", "bob", "carl")
    await expect_found(on, "Patient", "_tag=no-such-tag")


CHECKS = (basic, entries, post, self_link, lenient, strict, sort, sort_keys, elements, last_updated, tag)
