"""Every claimed operation is there, and refuses what it cannot be asked. https://hl7.org/fhir/R4/operations.html"""

from urllib.parse import quote

from conformance.checks import Check, Session, check, shall, should
from conformance.suites.operations.definitions import INVALID, claimed

_NAMELESS = "$no-such-operation"


@check(
    shall(
        "operations-definition",
        "capabilitystatement.html#operations",
        "每个声明的操作都有名称和定义",
        "every claimed operation has a name and a definition",
    )
)
async def defined(on: Session) -> None:
    found = [*claimed(on.capability)]
    if not found:
        on.skip("没有声明任何操作", "no operation is claimed")
    for one in found:
        on.expect(bool(one.name), "操作应有名称", "an operation should have a name")
        on.expect(
            "://" in one.url, f"${one.name} 应有定义的规范 URL", f"${one.name} should have a canonical definition"
        )


@check(
    should(
        "operations-definition-found",
        "operationdefinition.html",
        "自定义操作的 OperationDefinition 可以取得",
        "the OperationDefinition of an operation that is not HL7's can be found",
    ),
    claims=("OperationDefinition?url",),
)
async def definition_found(on: Session) -> None:
    own = [one for one in claimed(on.capability) if not one.url.startswith("http://hl7.org/fhir/")]
    if not own:
        on.skip("没有自定义操作", "all operations are HL7's")
    for one in own:
        answer = await on.get(f"OperationDefinition?url={quote(one.url, safe='')}")
        zh, en = f"找不到 ${one.name} 的定义", f"the definition of ${one.name} is not there"
        answer.expect(bool(answer.matches), zh, en)


@check(
    shall(
        "operations-reachable",
        "operations.html#executing",
        "声明的操作可以调用",
        "claimed operations can be called",
    )
)
async def reachable(on: Session) -> None:
    """With a body that cannot be acted on, so that nothing is set going."""
    found = [one for one in claimed(on.capability) if one.at_type]
    if not found:
        on.skip("没有可以检查的操作", "there is no operation to look at")
    for one in found:
        answer = await on.post(one.path, INVALID)
        met = 400 <= answer.status < 500 and answer.status not in {404, 405}
        zh, en = (
            f"POST {one.path} 应答 {answer.status}，操作不可用",
            f"POST {one.path} gives {answer.status}: not there",
        )
        answer.expect(met, zh, en)
        answer.expect_outcome()


@check(
    shall(
        "operations-unknown",
        "operations.html#executing",
        "没有的操作以 4xx 和 OperationOutcome 应答",
        "an operation that does not exist is answered 4xx, with an OperationOutcome",
    )
)
async def unknown(on: Session) -> None:
    for path in (_NAMELESS, f"Patient/{_NAMELESS}"):
        answer = await on.post(path, {"resourceType": "Parameters"})
        met = 400 <= answer.status < 500
        answer.expect(met, f"{path} 应答 {answer.status}", f"{path} gives {answer.status}").expect_outcome()


@check(
    shall(
        "operations-required-parameters",
        "operations.html#request",
        "缺少必填参数的请求以 4xx 和 OperationOutcome 应答",
        "a request without a parameter that is required is answered 4xx, with an OperationOutcome",
    )
)
async def required(on: Session) -> None:
    found = [one for one in claimed(on.capability) if one.at_type and one.required and not one.affects_state]
    if not found:
        on.skip("没有带必填参数的操作", "no operation has a required parameter")
    for one in found:
        answer = await on.post(one.path, {"resourceType": "Parameters"})
        zh, en = f"{one.path} 缺少参数时应答 {answer.status}", f"{one.path} without parameters gives {answer.status}"
        answer.expect(400 <= answer.status < 500, zh, en).expect_outcome()


@check(
    should(
        "operations-unknown-parameters",
        "operations.html#request",
        "不认识的参数不被忽略",
        "parameters that an operation does not have are not ignored",
    )
)
async def unknown_parameters(on: Session) -> None:
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "no-such-parameter", "valueString": "x"}]}
    found = [one for one in claimed(on.capability) if one.at_type and not one.affects_state]
    for one in found:
        answer = await on.post(one.path, parameters)
        zh, en = f"{one.path} 应答 {answer.status}", f"{one.path} gives {answer.status}"
        answer.expect(400 <= answer.status < 500, zh, en)


@check(
    shall(
        "operations-get-is-safe",
        "operations.html#request",
        "改变状态的操作不能用 GET 调用",
        "an operation that changes something cannot be called by GET",
    )
)
async def get_is_safe(on: Session) -> None:
    found = [one for one in claimed(on.capability) if one.at_type and one.affects_state]
    if not found:
        on.skip("没有改变状态的操作", "no operation changes anything")
    for one in found:
        answer = await on.get(one.path)
        zh, en = f"GET {one.path} 应答 {answer.status}", f"GET {one.path} gives {answer.status}"
        answer.expect(400 <= answer.status < 500, zh, en)


CHECKS: tuple[Check, ...] = (
    defined,
    definition_found,
    reachable,
    unknown,
    required,
    unknown_parameters,
    get_is_safe,
)
