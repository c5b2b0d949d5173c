"""What the server does behind its answers, as clients see it: started, asked after, cancelled.

https://hl7.org/fhir/R4/async.html
"""

from gateway.errors import BadRequest, FhirError, NotFound
from gateway.jobs import Job
from gateway.records import Records
from gateway.rest import later, parameters
from gateway.rest.exchange import Request, Response
from profiles import definitions, json
from profiles.operations import Parameter

_REINDEX = {"type": Parameter("type", "code", many=True)}
_INTERRUPTED = FhirError(
    "FD-ASYNC-INTERRUPTED",
    "处理被中断(服务器已重启);请核对结果后重新发送请求。",
    "The request was interrupted, for the server was restarted; see what became of it, and send it again.",
)


async def reindex(request: Request, records: Records) -> Response:
    """POST [base]/$reindex: makes the index of all resources again, or of those of the types that are named."""
    asked: list[str] = parameters.read(request, _REINDEX).get("type", [])
    unknown = [one for one in asked if one not in definitions.resource_types()]
    if unknown:
        raise BadRequest(
            "FD-REINDEX-TYPE",
            f"{unknown[0][:64]} 不是 FHIR 4.0.1 的资源类型。",
            f"{unknown[0][:64]} is not a resource type of FHIR 4.0.1.",
            "Parameters.parameter.value",
        )
    job = await records.reindex(tuple(dict.fromkeys(asked)))
    return later.accepted(request, job.id)


async def status(request: Request, records: Records) -> Response:
    """GET [base]/_async/{id}: 202 while it runs, then the answer in a Bundle."""
    found = await records.jobs.find(records.grant.tenant, request.segments[1], records.grant.actor)
    if found is None:
        raise _unknown()
    job, alive = found
    if job.state == "done":
        answer = job.answer or later.bundle(_counted(job))
        return Response(200, answer)
    if job.kind == "request" and not alive:
        return Response(200, later.bundle(later.refused(_INTERRUPTED)))
    progress = f"{job.done} of {job.total}" if job.total else "in progress"
    return Response(202, headers=((b"x-progress", progress.encode()), (b"retry-after", b"1")))


async def cancel(request: Request, records: Records) -> Response:
    """DELETE [base]/_async/{id}: stops it where it still runs, and forgets it."""
    found = await records.jobs.find(records.grant.tenant, request.segments[1], records.grant.actor)
    if found is None:
        raise _unknown()
    await records.jobs.forget(found.job.tenant, found.job.id)
    return Response(202)


def _counted(job: Job) -> bytes:
    """What a job without an answer of its own came to."""
    about = json.loads(job.about)
    counts = (("done", job.done), ("total", job.total), ("errors", about.get("errors", 0)))
    said = parameters.parameters(parameters.parameter(name, "integer", count) for name, count in counts)
    return json.dumps({"resource": said, "response": {"status": "200"}})


def _unknown() -> NotFound:
    return NotFound(
        "FD-ASYNC",
        "没有这个异步任务,或已取消、已过期(保留一天),或不属于当前令牌。",
        "There is no such job; it may have been cancelled, be more than a day old, or be another caller's.",
    )
