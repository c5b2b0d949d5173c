"""Conditional create, update and delete. https://hl7.org/fhir/R4/http.html#ccreate"""

from conformance.checks import Session, check, samples, shall

_SEARCH = ("Patient.search-type", "Patient?identifier")
_CREATE = ("Patient.create", "Patient.conditionalCreate", *_SEARCH)
_UPDATE = ("Patient.create", "Patient.conditionalUpdate", *_SEARCH)
_DELETE = ("Patient.create", "Patient.conditionalDelete", *_SEARCH)


def _criteria(on: Session) -> str:
    return f"identifier={samples.IDENTIFIERS}|{on.unique}"


async def _count(on: Session) -> int:
    return len((await on.get(f"Patient?{_criteria(on)}")).matches)


@check(
    shall(
        "rest-conditional-create-none",
        "http.html#ccreate",
        "If-None-Exist 无匹配时新建（201）",
        "If-None-Exist creates when nothing matches (201)",
    ),
    claims=_CREATE,
    after=("rest-create",),
)
async def create_none(on: Session) -> None:
    answer = await on.post("Patient", samples.patient(on.unique), headers={"If-None-Exist": _criteria(on)})
    answer.expect_status(201)


@check(
    shall(
        "rest-conditional-create-one",
        "http.html#ccreate",
        "If-None-Exist 恰有一个匹配时不新建（200）",
        "If-None-Exist creates nothing when one matches (200)",
    ),
    claims=_CREATE,
    after=("rest-create",),
)
async def create_one(on: Session) -> None:
    await on.create(samples.patient(on.unique))
    answer = await on.post("Patient", samples.patient(on.unique), headers={"If-None-Exist": _criteria(on)})
    answer.expect_status(200)
    answer.expect(await _count(on) == 1, "应仍只有一个", "there should still be one")


@check(
    shall(
        "rest-conditional-create-many",
        "http.html#ccreate",
        "If-None-Exist 有多个匹配时返回 412",
        "If-None-Exist answers 412 when several match",
    ),
    claims=_CREATE,
    after=("rest-create",),
)
async def create_many(on: Session) -> None:
    for _ in range(2):
        await on.create(samples.patient(on.unique))
    answer = await on.post("Patient", samples.patient(on.unique), headers={"If-None-Exist": _criteria(on)})
    answer.expect_status(412)


@check(
    shall(
        "rest-conditional-update-none",
        "http.html#cond-update",
        "条件更新无匹配时新建（201）",
        "a conditional update creates when nothing matches (201)",
    ),
    claims=_UPDATE,
    after=("rest-update",),
)
async def update_none(on: Session) -> None:
    answer = await on.put(f"Patient?{_criteria(on)}", samples.patient(on.unique))
    answer.expect_status(201)
    answer.expect(await _count(on) == 1, "应有一个", "there should be one")


@check(
    shall(
        "rest-conditional-update-one",
        "http.html#cond-update",
        "条件更新恰有一个匹配时更新它（200）",
        "a conditional update changes the one that matches (200)",
    ),
    claims=_UPDATE,
    after=("rest-update",),
)
async def update_one(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    answer = await on.put(f"Patient?{_criteria(on)}", samples.patient(on.unique, gender="other"))
    answer.expect_status(200)
    read = await on.get(f"Patient/{made['id']}")
    read.expect(read.resource.get("gender") == "other", "应已更新", "it should be changed")


@check(
    shall(
        "rest-conditional-update-many",
        "http.html#cond-update",
        "条件更新有多个匹配时返回 412",
        "a conditional update answers 412 when several match",
    ),
    claims=_UPDATE,
    after=("rest-update",),
)
async def update_many(on: Session) -> None:
    for _ in range(2):
        await on.create(samples.patient(on.unique))
    (await on.put(f"Patient?{_criteria(on)}", samples.patient(on.unique))).expect_status(412)


@check(
    shall(
        "rest-conditional-delete",
        "http.html#3.1.0.7.1",
        "条件删除恰有一个匹配时删除它",
        "a conditional delete removes the one that matches",
    ),
    claims=_DELETE,
    after=("rest-delete",),
)
async def delete_one(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    (await on.delete(f"Patient?{_criteria(on)}")).expect_status(200, 202, 204)
    (await on.get(f"Patient/{made['id']}")).expect_status(404, 410)


@check(
    shall(
        "rest-conditional-delete-single",
        "http.html#3.1.0.7.1",
        "只声明单个条件删除时，多个匹配返回 412 且都不删除",
        "where single is claimed, several matches answer 412 and stay",
    ),
    claims=_DELETE,
    after=("rest-conditional-delete",),
)
async def delete_many(on: Session) -> None:
    kinds = [one for rest in on.capability.get("rest") or () for one in rest.get("resource") or ()]
    if {one.get("conditionalDelete") for one in kinds if one.get("type") == "Patient"} == {"multiple"}:
        on.skip("声明了 multiple", "it claims multiple")
    for _ in range(2):
        await on.create(samples.patient(on.unique))
    answer = (await on.delete(f"Patient?{_criteria(on)}")).expect_status(412)
    answer.expect(await _count(on) == 2, "两个都应还在", "both should still be there")


CHECKS = (
    create_none,
    create_one,
    create_many,
    update_none,
    update_one,
    update_many,
    delete_one,
    delete_many,
)
