"""Batch and transaction. https://hl7.org/fhir/R4/http.html#transaction"""

from uuid import uuid4

from conformance.checks import Answer, Session, check, samples, shall

_BATCH = ("system.batch", "Patient.create")
_TRANSACTION = ("system.transaction", "Patient.create", "Patient.read")
_OBSERVED = (*_TRANSACTION, "Observation.create", "Observation.read")
_SEARCHED = ("Patient.search-type", "Patient?identifier")


def _criteria(value: str) -> str:
    return f"identifier={samples.IDENTIFIERS}|{value}"


def _statuses(answer: Answer, kind: str) -> list[str]:
    found = answer.expect_status(200).expect_type("Bundle").get("type")
    answer.expect(found == kind, f"应为 {kind}", f"it should be a {kind}")
    return [str((one.get("response") or {}).get("status", ""))[:3] for one in answer.entries]


@check(
    shall(
        "rest-batch",
        "http.html#brules",
        "批处理的条目各自成败，应答次序不变",
        "the entries of a batch succeed or fail by themselves; the answers are in their order",
    ),
    claims=_BATCH,
    after=("rest-create",),
)
async def batch(on: Session) -> None:
    entries = (
        samples.entry("POST", "Patient", samples.patient(on.unique)),
        samples.entry("GET", f"Patient/not-there-{on.unique}"),
        samples.entry("POST", "Patient", samples.patient(on.unique)),
    )
    answer = await on.post("", samples.bundle("batch", *entries))
    statuses = _statuses(answer, "batch-response")
    answer.expect(statuses == ["201", "404", "201"], "应为 201、404、201", "they should be 201, 404, 201")


@check(
    shall(
        "rest-transaction",
        "http.html#transaction-response",
        "事务返回 transaction-response，逐条对应",
        "a transaction answers with a transaction-response, entry by entry",
    ),
    claims=_TRANSACTION,
    after=("rest-create",),
)
async def transaction(on: Session) -> None:
    entries = [samples.entry("POST", "Patient", samples.patient(f"{on.unique}{one}")) for one in "ab"]
    answer = await on.post("", samples.bundle("transaction", *entries))
    statuses = _statuses(answer, "transaction-response")
    answer.expect(statuses == ["201", "201"], "两条都应为 201", "both should be 201")
    located = all((one.get("response") or {}).get("location") for one in answer.entries)
    answer.expect(located, "每条新建都应有 location", "everything created should have a location")


@check(
    shall(
        "rest-transaction-atomic",
        "http.html#trules",
        "事务中一条失败则全部不生效",
        "where one entry of a transaction fails, none takes effect",
    ),
    claims=(*_TRANSACTION, *_SEARCHED),
    after=("rest-transaction",),
)
async def atomic(on: Session) -> None:
    broken = samples.patient(on.unique, gender="no-such-gender")
    entries = (
        samples.entry("POST", "Patient", samples.patient(on.unique)),
        samples.entry("POST", "Patient", broken),
    )
    answer = await on.post("", samples.bundle("transaction", *entries))
    answer.expect(400 <= answer.status < 500, "应返回 4xx", "it should answer 4xx")
    found = await on.get(f"Patient?{_criteria(on.unique)}")
    found.expect(not found.matches, "不应有任何一条生效", "nothing should have been created")


@check(
    shall(
        "rest-transaction-order",
        "http.html#trules",
        "次序为 DELETE、POST、PUT、GET，与条目次序无关",
        "the order is DELETE, POST, PUT, GET, whatever the order of the entries",
    ),
    claims=(*_TRANSACTION, *_SEARCHED, "Patient.delete", "Patient.update"),
    after=("rest-transaction",),
)
async def order(on: Session) -> None:
    old, kept = [await on.create(samples.patient(on.unique)) for _ in range(2)]
    changed = {**kept, "gender": "other"}
    entries = (
        samples.entry("GET", f"Patient/{kept['id']}"),
        samples.entry("PUT", f"Patient/{kept['id']}", changed),
        samples.entry("DELETE", f"Patient/{old['id']}"),
    )
    answer = await on.post("", samples.bundle("transaction", *entries))
    _statuses(answer, "transaction-response")
    seen = answer.entries[0].get("resource") or {}
    answer.expect(seen.get("gender") == "other", "GET 应看到 PUT 之后的内容", "the GET should see what the PUT did")


@check(
    shall(
        "rest-transaction-uuid",
        "http.html#transaction",
        "urn:uuid 引用换成新分配的 id",
        "references by urn:uuid become the ids that were assigned",
    ),
    claims=_OBSERVED,
    after=("rest-transaction",),
)
async def uuid(on: Session) -> None:
    urn = uuid4().urn
    entries = (
        samples.entry("POST", "Observation", samples.observation(urn, on.unique)),
        samples.entry("POST", "Patient", samples.patient(on.unique), fullUrl=urn),
    )
    answer = await on.post("", samples.bundle("transaction", *entries))
    _statuses(answer, "transaction-response")
    await _expect_subject(on, answer)


async def _expect_subject(on: Session, answer: Answer) -> None:
    """The Observation of entry 0 is about the Patient of entry 1."""
    observation, patient = answer.made(0), answer.made(1)
    read = (await on.get(observation)).expect_status(200)
    said = str((read.resource.get("subject") or {}).get("reference", ""))
    read.expect(said.endswith(patient), "引用应指向同一事务中的资源", "it should refer to what the transaction made")


@check(
    shall(
        "rest-transaction-conditional-create",
        "http.html#trules",
        "事务中 ifNoneExist 已有匹配时引用指向它",
        "ifNoneExist in a transaction: where one matches, references lead to it",
    ),
    claims=(*_OBSERVED, *_SEARCHED, "Patient.conditionalCreate"),
    after=("rest-transaction-uuid", "rest-conditional-create-one"),
)
async def conditional_create(on: Session) -> None:
    made, urn = await on.create(samples.patient(on.unique)), uuid4().urn
    again = samples.entry("POST", "Patient", samples.patient(on.unique), fullUrl=urn, ifNoneExist=_criteria(on.unique))
    entries = (samples.entry("POST", "Observation", samples.observation(urn, on.unique)), again)
    answer = await on.post("", samples.bundle("transaction", *entries))
    statuses = _statuses(answer, "transaction-response")
    answer.expect(statuses == ["201", "200"], "应为 201、200", "they should be 201, 200")
    read = (await on.get(answer.made(0))).expect_status(200)
    said = str((read.resource.get("subject") or {}).get("reference", ""))
    read.expect(said.endswith(f"Patient/{made['id']}"), "应引用已有的资源", "it should refer to the one that was there")


@check(
    shall(
        "rest-transaction-conditional-reference",
        "http.html#trules",
        "条件引用换成匹配的资源；无匹配则整个事务失败",
        "a conditional reference becomes the one that matches; where none does, the transaction fails",
    ),
    claims=(*_OBSERVED, *_SEARCHED),
    after=("rest-transaction-uuid",),
)
async def conditional_reference(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    sent = samples.observation(f"Patient?{_criteria(on.unique)}", on.unique)
    answer = await on.post("", samples.bundle("transaction", samples.entry("POST", "Observation", sent)))
    _statuses(answer, "transaction-response")
    read = (await on.get(answer.made(0))).expect_status(200)
    said = str((read.resource.get("subject") or {}).get("reference", ""))
    read.expect(said.endswith(f"Patient/{made['id']}"), "应引用匹配的资源", "it should refer to the one that matches")
    unmatched = samples.observation(f"Patient?{_criteria('none' + on.unique)}", on.unique)
    refused = await on.post("", samples.bundle("transaction", samples.entry("POST", "Observation", unmatched)))
    refused.expect(400 <= refused.status < 500, "无匹配应返回 4xx", "where none matches it should answer 4xx")


@check(
    shall(
        "rest-transaction-if-match",
        "http.html#trules",
        "事务中 ifMatch 不符则全部不生效",
        "ifMatch of another version in a transaction: nothing takes effect",
    ),
    claims=(*_TRANSACTION, *_SEARCHED, "Patient.update", "Patient.versioning"),
    after=("rest-transaction-atomic",),
)
async def if_match(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    other = f"{on.unique}b"
    changed = {**made, "gender": "other"}
    entries = (
        samples.entry("POST", "Patient", samples.patient(other)),
        samples.entry("PUT", f"Patient/{made['id']}", changed, ifMatch='W/"no-such-version"'),
    )
    answer = await on.post("", samples.bundle("transaction", *entries))
    answer.expect(400 <= answer.status < 500, "应返回 4xx", "it should answer 4xx")
    found = await on.get(f"Patient?{_criteria(other)}")
    found.expect(not found.matches, "不应有任何一条生效", "nothing should have taken effect")


@check(
    shall(
        "rest-transaction-duplicate",
        "http.html#trules",
        "同一资源在一个事务中出现两次时拒绝",
        "a transaction that has the same resource twice is refused",
    ),
    claims=(*_TRANSACTION, "Patient.update"),
    after=("rest-transaction",),
)
async def duplicate(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    path = f"Patient/{made['id']}"
    entries = [samples.entry("PUT", path, {**made, "gender": gender}) for gender in ("other", "male")]
    answer = await on.post("", samples.bundle("transaction", *entries))
    answer.expect(400 <= answer.status < 500, "应返回 4xx", "it should answer 4xx")


CHECKS = (
    batch,
    transaction,
    atomic,
    order,
    uuid,
    conditional_create,
    conditional_reference,
    if_match,
    duplicate,
)
