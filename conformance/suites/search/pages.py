"""Pages and totals. https://hl7.org/fhir/R4/http.html#paging"""

from conformance.checks import Session, check, shall, should
from conformance.suites.search.scene import Scene, scene

_CLAIMS = ("Patient.create", "Patient.search-type", "Patient?_id")
_AFTER = ("search-basic",)
_MOST_PAGES = 20


@check(
    shall("search-count", "search.html#count", "_count 限制每页的匹配数", "_count limits the matches of a page"),
    claims=_CLAIMS,
    after=_AFTER,
)
async def count(on: Session) -> None:
    here = await scene(on)
    answer = await on.get(here.query("Patient", "_count=1"))
    answer.expect(len(answer.matches) <= 1, "每页不应多于一条", "a page should have one at most")


@check(
    shall(
        "search-pages",
        "http.html#paging",
        "各页合起来就是全部结果，不重不漏",
        "the pages are together the whole result, each match once",
    ),
    claims=_CLAIMS,
    after=("search-count",),
)
async def pages(on: Session) -> None:
    here = await scene(on)
    found = await _all_pages(on, here)
    on.expect(len(found) == len({*found}), "不应有重复", "nothing should be there twice")
    on.expect(sorted(found) == ["anna", "bob", "carl"], "应为全部结果", "it should be the whole result")


async def _all_pages(on: Session, here: Scene) -> list[str]:
    found: list[str] = []
    following: str | None = here.query("Patient", "_count=1")
    for _ in range(_MOST_PAGES):
        if following is None:
            return found
        answer = await on.get(following)
        found += here.names("Patient", answer.matches)
        following = answer.link("next")
    on.expect(met=False, zh="翻页应有尽头", en="the pages should come to an end")
    return found


@check(
    shall(
        "search-total",
        "search.html#total",
        "Bundle.total 给出时即匹配总数",
        "Bundle.total, where it is there, is right",
    ),
    claims=_CLAIMS,
    after=_AFTER,
)
async def total(on: Session) -> None:
    here = await scene(on)
    answer = (await on.get(here.query("Patient", "_count=1"))).expect_status(200)
    said = answer.resource.get("total", 3)
    answer.expect(said == 3, "total 应为 3", "total should be 3")


@check(
    should("search-total-accurate", "search.html#total", "_total=accurate 给出总数", "_total=accurate tells the total"),
    claims=_CLAIMS,
    after=("search-total",),
)
async def total_accurate(on: Session) -> None:
    here = await scene(on)
    answer = (await on.get(here.query("Patient", "_count=1&_total=accurate"))).expect_status(200)
    answer.expect(answer.resource.get("total") == 3, "total 应为 3", "total should be 3")


@check(
    should(
        "search-summary-count",
        "search.html#summary",
        "_summary=count 只返回总数",
        "_summary=count answers with the total only",
    ),
    claims=_CLAIMS,
    after=_AFTER,
)
async def summary_count(on: Session) -> None:
    here = await scene(on)
    answer = (await on.get(here.query("Patient", "_summary=count"))).expect_status(200)
    met = answer.resource.get("total") == 3 and not answer.entries
    answer.expect(met, "应只有 total，为 3", "there should be the total only, which is 3")


CHECKS = (count, pages, total, total_accurate, summary_count)
