"""History of an instance, a type and the system. https://hl7.org/fhir/R4/http.html#history"""

from urllib.parse import quote

from conformance.checks import Answer, Session, check, samples, shall, should
from profiles.json import Resource

_CLAIMS = ("Patient.create", "Patient.update", "Patient.history-instance", "Patient.versioning")


async def _three_versions(on: Session) -> Resource:
    """A patient that was created and changed twice; as it was first."""
    made = await on.create(samples.patient(on.unique))
    for gender in ("other", "male"):
        (await on.put(f"Patient/{made['id']}", {**made, "gender": gender})).expect_status(200)
    return made


def _versions(answer: Answer) -> list[str]:
    answer.expect_status(200)
    kind = answer.expect_type("Bundle").get("type")
    answer.expect(kind == "history", "应为 history 类型的 Bundle", "it should be a Bundle of type history")
    resources = [one.get("resource") or {} for one in answer.entries]
    return [str((one.get("meta") or {}).get("versionId", "")) for one in resources]


@check(
    shall(
        "rest-history-instance",
        "http.html#history",
        "实例历史列出全部版本，新的在前",
        "the history of an instance has every version, the newest first",
    ),
    claims=_CLAIMS,
    after=("rest-update",),
)
async def instance(on: Session) -> None:
    made = await _three_versions(on)
    answer = await on.get(f"Patient/{made['id']}/_history")
    versions = _versions(answer)
    answer.expect(len(set(versions)) == 3, "应有三个不同的版本", "there should be three different versions")
    genders = [one["resource"].get("gender") for one in answer.entries]
    met = genders == ["male", "other", "unknown"]
    answer.expect(met, "新的版本应在前", "the newest version should come first")


@check(
    shall(
        "rest-history-request",
        "bundle.html#history",
        "每个条目都带 request 方法与地址",
        "every entry tells its request: method and URL",
    ),
    claims=_CLAIMS,
    after=("rest-history-instance",),
)
async def request(on: Session) -> None:
    made = await _three_versions(on)
    answer = (await on.get(f"Patient/{made['id']}/_history")).expect_status(200)
    methods = [(one.get("request") or {}).get("method") for one in answer.entries]
    answer.expect(methods == ["PUT", "PUT", "POST"], "方法应为 PUT、PUT、POST", "the methods should be PUT, PUT, POST")


@check(
    shall(
        "rest-history-deleted",
        "http.html#history",
        "删除也在历史中，没有内容",
        "a deletion is in the history too, without content",
    ),
    claims=(*_CLAIMS, "Patient.delete"),
    after=("rest-history-instance", "rest-delete"),
)
async def deleted(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    await on.delete(f"Patient/{made['id']}")
    answer = (await on.get(f"Patient/{made['id']}/_history")).expect_status(200)
    newest = answer.entries[0]
    met = (newest.get("request") or {}).get("method") == "DELETE" and "resource" not in newest
    answer.expect(met, "最新条目应为无内容的 DELETE", "the newest entry should be a DELETE without a resource")


@check(
    should(
        "rest-history-count",
        "http.html#history",
        "_count 限制每页条目，其余可翻页取得",
        "_count limits a page, and the next link leads to the rest",
    ),
    claims=_CLAIMS,
    after=("rest-history-instance",),
)
async def count(on: Session) -> None:
    made = await _three_versions(on)
    answer = await on.get(f"Patient/{made['id']}/_history?_count=2")
    versions = _versions(answer)
    following = answer.link("next")
    answer.expect(len(versions) <= 2, "每页不应多于两条", "a page should have two at most")
    answer.expect(following is not None, "应有下一页链接", "there should be a next link")
    rest = _versions(await on.get(following or ""))
    answer.expect(len({*versions, *rest}) == 3, "各页合起来应为全部", "the pages should together be all")


@check(
    should(
        "rest-history-since",
        "http.html#history",
        "_since 只列出其后的版本",
        "_since leaves out what is older",
    ),
    claims=_CLAIMS,
    after=("rest-history-instance",),
)
async def since(on: Session) -> None:
    made = await _three_versions(on)
    future = await on.get(f"Patient/{made['id']}/_history?_since=2100-01-01T00:00:00Z")
    future.expect(not _versions(future), "未来之后应无版本", "nothing should be newer than the future")
    moment = quote(str(made["meta"]["lastUpdated"]))
    answer = await on.get(f"Patient/{made['id']}/_history?_since={moment}")
    answer.expect(len(_versions(answer)) >= 2, "其后的版本应在", "the versions since then should be there")


@check(
    shall(
        "rest-history-type",
        "http.html#history",
        "类型历史含有刚写入的版本",
        "the history of a type has what was just written",
    ),
    claims=(*_CLAIMS, "Patient.history-type"),
    after=("rest-update",),
)
async def of_type(on: Session) -> None:
    made = await _three_versions(on)
    moment = quote(str(made["meta"]["lastUpdated"]))
    answer = await on.get(f"Patient/_history?_since={moment}&_count=50")
    _versions(answer)
    met = made["id"] in {(one.get("resource") or {}).get("id") for one in answer.entries}
    answer.expect(met, "应含刚写入的资源", "what was just written should be there")


@check(
    shall(
        "rest-history-system",
        "http.html#history",
        "系统历史含有刚写入的版本",
        "the history of the system has what was just written",
    ),
    claims=(*_CLAIMS, "system.history-system"),
    after=("rest-update",),
)
async def of_system(on: Session) -> None:
    made = await _three_versions(on)
    moment = quote(str(made["meta"]["lastUpdated"]))
    answer = await on.get(f"_history?_since={moment}&_count=100")
    _versions(answer)
    met = made["id"] in {(one.get("resource") or {}).get("id") for one in answer.entries}
    answer.expect(met, "应含刚写入的资源", "what was just written should be there")


CHECKS = (instance, request, deleted, count, since, of_type, of_system)
