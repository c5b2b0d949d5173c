"""Update and delete. https://hl7.org/fhir/R4/http.html#update"""

from conformance.checks import Session, check, may, samples, shall
from profiles.json import Resource

_CLAIMS = ("Patient.create", "Patient.read", "Patient.update")
_DELETED = ("Patient.create", "Patient.read", "Patient.delete")


async def _patient(on: Session) -> tuple[str, Resource]:
    made = await on.create(samples.patient(on.unique))
    return f"Patient/{made['id']}", made


@check(
    shall("rest-update", "http.html#update", "更新返回 200，读到新内容", "update answers 200, and is read afterwards"),
    claims=_CLAIMS,
    after=("rest-read",),
)
async def update(on: Session) -> None:
    path, made = await _patient(on)
    (await on.put(path, {**made, "gender": "other"})).expect_status(200)
    answer = await on.get(path)
    answer.expect(answer.resource.get("gender") == "other", "应读到新内容", "the new content should be read")


@check(
    shall(
        "rest-update-version",
        "http.html#update",
        "更新产生新的 versionId 与 lastUpdated",
        "update makes a new versionId and lastUpdated",
    ),
    claims=(*_CLAIMS, "Patient.versioning"),
    after=("rest-update",),
)
async def version(on: Session) -> None:
    path, made = await _patient(on)
    (await on.put(path, {**made, "gender": "other"})).expect_status(200)
    answer = await on.get(path)
    meta = answer.resource.get("meta") or {}
    met = meta.get("versionId") != made["meta"]["versionId"]
    answer.expect(met, "versionId 应改变", "versionId should change")


@check(
    shall(
        "rest-update-creates",
        "http.html#upsert",
        "声明 updateCreate 时，PUT 到新 id 返回 201 并采用该 id",
        "where updateCreate is claimed, PUT to a new id answers 201 and keeps the id",
    ),
    claims=(*_CLAIMS, "Patient.updateCreate"),
    after=("rest-update",),
)
async def creates(on: Session) -> None:
    path = f"Patient/conformance-{on.unique}"
    answer = await on.put(path, samples.patient(on.unique, id=f"conformance-{on.unique}"))
    answer.expect_status(201)
    (await on.get(path)).expect_status(200)


@check(
    shall(
        "rest-if-match",
        "http.html#concurrency",
        "If-Match 与当前版本不符时返回 412",
        "If-Match of another version answers 412",
    ),
    claims=(*_CLAIMS, "Patient.versioning"),
    after=("rest-update",),
)
async def if_match(on: Session) -> None:
    path, made = await _patient(on)
    current = (await on.get(path)).etag
    (await on.put(path, {**made, "gender": "other"}, headers={"If-Match": current})).expect_status(200)
    answer = await on.put(path, {**made, "gender": "male"}, headers={"If-Match": current})
    answer.expect_status(412, 409)
    answer.advise(answer.status == 412, "应为 412", "it should be 412")
    kept = await on.get(path)
    kept.expect(kept.resource.get("gender") == "other", "不应被覆盖", "nothing should have been overwritten")


@check(
    shall("rest-delete", "http.html#delete", "删除返回 200、202 或 204", "delete answers 200, 202 or 204"),
    claims=_DELETED,
    after=("rest-read",),
)
async def delete(on: Session) -> None:
    path, _ = await _patient(on)
    (await on.delete(path)).expect_status(200, 202, 204)


@check(
    shall(
        "rest-delete-gone",
        "http.html#delete",
        "删除后读取返回 410（不记录删除的服务器 404）",
        "what was deleted answers 410 (404 where deletions are not tracked)",
    ),
    claims=_DELETED,
    after=("rest-delete",),
)
async def gone(on: Session) -> None:
    path, _ = await _patient(on)
    await on.delete(path)
    answer = await on.get(path)
    answer.expect_status(410, 404)
    if on.claims("Patient.versioning"):
        answer.advise(answer.status == 410, "有版本的服务器应返回 410", "with versions it should be 410")


@check(
    shall(
        "rest-delete-unfound",
        "http.html#delete",
        "删除后检索不再找到",
        "what was deleted is not found any more",
    ),
    claims=(*_DELETED, "Patient.search-type", "Patient?_id"),
    after=("rest-delete",),
)
async def unfound(on: Session) -> None:
    path, made = await _patient(on)
    found = await on.get(f"Patient?_id={made['id']}")
    found.expect(len(found.matches) == 1, "删除前应能找到", "it should be found before")
    await on.delete(path)
    after = await on.get(f"Patient?_id={made['id']}")
    after.expect(not after.matches, "删除后不应找到", "it should not be found afterwards")


@check(
    shall(
        "rest-delete-again",
        "http.html#delete",
        "删除已删除或不存在的资源不算错误（200、204 或 404）",
        "to delete what is not there is no fault (200, 204 or 404)",
    ),
    claims=_DELETED,
    after=("rest-delete",),
)
async def again(on: Session) -> None:
    path, _ = await _patient(on)
    await on.delete(path)
    (await on.delete(path)).expect_status(200, 202, 204, 404, 410)


@check(
    may(
        "rest-delete-revived",
        "http.html#delete",
        "删除后可用 PUT 恢复",
        "what was deleted can be brought back by PUT",
    ),
    claims=(*_DELETED, "Patient.update", "Patient.updateCreate", "Patient.versioning"),
    after=("rest-delete",),
)
async def revived(on: Session) -> None:
    path, made = await _patient(on)
    await on.delete(path)
    (await on.put(path, made)).expect_status(200, 201)
    on.remember(path)
    (await on.get(path)).expect_status(200)


CHECKS = (update, version, creates, if_match, delete, gone, unfound, again, revived)
