"""Clients that do the same at the same time. https://hl7.org/fhir/R4/http.html#concurrency"""

import asyncio
from collections import Counter
from uuid import uuid4

from conformance.checks import Answer, Check, Session, Suite, check, samples, shall
from profiles.json import Resource

_CLIENTS = 16
_WRITERS = 8
_SEARCH = ("Patient.search-type", "Patient?identifier")
_UPDATE = ("Patient.create", "Patient.read", "Patient.update", "Patient.versioning")


def _criteria(on: Session) -> str:
    return f"identifier={samples.IDENTIFIERS}|{on.unique}"


def _expect_no_5xx(on: Session, answers: list[Answer]) -> None:
    found = {one.status for one in answers if one.status >= 500}
    on.expect(not found, "不应有 5xx", "none should answer 5xx")


async def _patient(on: Session) -> tuple[str, Resource]:
    made = await on.create(samples.patient(on.unique))
    return f"Patient/{made['id']}", made


@check(
    shall(
        "race-conditional-create",
        "http.html#ccreate",
        "16 个客户端同时条件新建，只产生一个资源",
        "16 clients create conditionally at a time: one resource comes of it",
    ),
    claims=("Patient.create", "Patient.conditionalCreate", *_SEARCH),
)
async def conditional_create(on: Session) -> None:
    headers = {"If-None-Exist": _criteria(on)}
    sent = (on.post("Patient", samples.patient(on.unique), headers=headers) for _ in range(_CLIENTS))
    answers = await asyncio.gather(*sent)
    _expect_no_5xx(on, answers)
    found = await on.get(f"Patient?{_criteria(on)}")
    found.expect(len(found.matches) == 1, "应只有一个资源", "there should be one resource")
    created = sum(one.status == 201 for one in answers)
    on.expect(created == 1, "应恰有一个 201", "exactly one should answer 201")


@check(
    shall(
        "race-transaction-conditional-create",
        "http.html#trules",
        "同时提交含 ifNoneExist 的事务，只产生一个患者，引用都指向它",
        "transactions with ifNoneExist at a time: one patient comes of it, and every reference leads there",
    ),
    claims=("system.transaction", "Patient.conditionalCreate", "Observation.create", "Observation.read", *_SEARCH),
    after=("race-conditional-create",),
)
async def transaction(on: Session) -> None:
    answers = await asyncio.gather(*(on.post("", _observed(on)) for _ in range(_WRITERS)))
    _expect_no_5xx(on, answers)
    found = await on.get(f"Patient?{_criteria(on)}")
    found.expect(len(found.matches) == 1, "应只有一个患者", "there should be one patient")
    accepted = [one for one in answers if one.status == 200]
    on.expect(bool(accepted), "应至少有一个事务成功", "one transaction at least should succeed")
    for answer in accepted:
        read = (await on.get(answer.made(0))).expect_status(200)
        said = str((read.resource.get("subject") or {}).get("reference", ""))
        met = said.endswith(f"Patient/{found.matches[0]['id']}")
        read.expect(met, "引用应指向这一个患者", "the reference should lead to the one patient")


def _observed(on: Session) -> Resource:
    urn = uuid4().urn
    about = samples.entry("POST", "Observation", samples.observation(urn, on.unique))
    who = samples.entry("POST", "Patient", samples.patient(on.unique), fullUrl=urn, ifNoneExist=_criteria(on))
    return samples.bundle("transaction", about, who)


@check(
    shall(
        "race-if-match",
        "http.html#concurrency",
        "同时以同一 If-Match 更新，只有一个成功",
        "updates with the same If-Match at a time: one wins",
    ),
    claims=_UPDATE,
)
async def if_match(on: Session) -> None:
    path, made = await _patient(on)
    headers = {"If-Match": (await on.get(path)).etag}
    bodies = [{**made, "multipleBirthInteger": number} for number in range(_CLIENTS)]
    answers = await asyncio.gather(*(on.put(path, body, headers=headers) for body in bodies))
    statuses = Counter(one.status for one in answers)
    on.expect(statuses[200] == 1, "应恰有一个 200", "exactly one should answer 200")
    lost = statuses[412] + statuses[409]
    on.expect(lost == _CLIENTS - 1, "其余应为 412 或 409", "the others should answer 412 or 409")


@check(
    shall(
        "race-winner-kept",
        "http.html#concurrency",
        "竞争之后读到的是胜者的内容",
        "what is read after the race is what the winner wrote",
    ),
    claims=_UPDATE,
    after=("race-if-match",),
)
async def winner(on: Session) -> None:
    path, made = await _patient(on)
    headers = {"If-Match": (await on.get(path)).etag}
    bodies = [{**made, "multipleBirthInteger": number} for number in range(_WRITERS)]
    answers = await asyncio.gather(*(on.put(path, body, headers=headers) for body in bodies))
    won = [number for number, one in enumerate(answers) if one.status == 200]
    read = await on.get(path)
    found = read.expect_status(200).resource.get("multipleBirthInteger")
    read.expect(won == [found], "应为胜者的内容", "it should be what the winner wrote")


@check(
    shall(
        "race-history",
        "http.html#history",
        "并发更新之后，成功的每次更新在历史中恰有一个版本",
        "after updates at a time, each that succeeded is one version of the history",
    ),
    claims=(*_UPDATE, "Patient.history-instance"),
)
async def history(on: Session) -> None:
    path, made = await _patient(on)
    bodies = [{**made, "multipleBirthInteger": number} for number in range(_WRITERS)]
    answers = await asyncio.gather(*(on.put(path, body) for body in bodies))
    _expect_no_5xx(on, answers)
    written = {number for number, one in enumerate(answers) if one.status == 200}
    told = (await on.get(f"{path}/_history?_count=50")).expect_status(200)
    kept = [one["resource"] for one in told.entries if "resource" in one]
    numbers = [one["multipleBirthInteger"] for one in kept if "multipleBirthInteger" in one]
    told.expect(len(numbers) == len({*numbers}), "同一更新不应有两个版本", "no update should have two versions")
    told.expect(written == {*numbers}, "每次成功的更新应有版本", "each that succeeded should have a version")
    versions = [one["meta"]["versionId"] for one in kept]
    told.expect(len(versions) == len({*versions}), "版本号不应重复", "no version id should be there twice")
    await _expect_readable(on, path, versions)


async def _expect_readable(on: Session, path: str, versions: list[str]) -> None:
    if on.claims("Patient.vread"):
        for version in versions:
            (await on.get(f"{path}/_history/{version}")).expect_status(200)


@check(
    shall(
        "race-delete-update",
        "http.html#delete",
        "删除与更新同时发生时，结果与历史最新的版本一致",
        "where a deletion meets updates, what is read agrees with the newest version of the history",
    ),
    claims=(*_UPDATE, "Patient.delete", "Patient.history-instance"),
)
async def delete_update(on: Session) -> None:
    path, made = await _patient(on)
    on.remember(path)
    updates = [on.put(path, {**made, "multipleBirthInteger": number}) for number in range(_WRITERS)]
    answers = await asyncio.gather(*updates[:4], on.delete(path), *updates[4:])
    _expect_no_5xx(on, answers)
    told = (await on.get(f"{path}/_history")).expect_status(200)
    last = (told.entries[0].get("request") or {}).get("method")
    read = await on.get(path)
    met = (read.status in {404, 410}) == (last == "DELETE")
    read.expect(met, "读取应与历史一致", "the read should agree with the history")


@check(
    shall(
        "race-create",
        "http.html#create",
        "同时新建的资源 id 各不相同",
        "what is created at a time has different ids",
    ),
    claims=("Patient.create",),
)
async def create(on: Session) -> None:
    sent = (on.post("Patient", samples.patient(on.unique)) for _ in range(_CLIENTS))
    answers = await asyncio.gather(*sent)
    _expect_no_5xx(on, answers)
    ids = {one.expect_status(201).place[1] for one in answers}
    on.expect(len(ids) == _CLIENTS, "id 应各不相同", "the ids should be different")


_CHECKS: tuple[Check, ...] = (conditional_create, transaction, if_match, winner, history, delete_update, create)
SUITE = Suite("concurrency", "并发", "Concurrency", _CHECKS)
