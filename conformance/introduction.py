"""The first word with a target: whether anybody is there, and whether it is a FHIR server."""

from contextlib import suppress
from urllib.parse import urlsplit

from conformance.checks.target import Target
from conformance.progress import say
from conformance.report.document import address
from profiles.http import HTTPError


async def introduced(target: Target) -> bool:
    """Whether somebody answers; says so where not, or where it is hardly a FHIR server. Raises `ValueError`."""
    shown = _address(target.base)
    try:
        answer = await target.introduced()
    except HTTPError as error:
        say(f"{shown}: 无法访问 cannot be reached: {type(error).__name__} {error}".rstrip())
        return False
    if not target.capability:
        say(
            f"{shown}: 没有 CapabilityStatement，多数检查项将跳过或失败；地址和令牌对吗？ no CapabilityStatement "
            f"(GET metadata → {answer.status}), most checks will be skipped or fail; are address and token right?"
        )
    return True


def _address(url: str) -> str:
    """As it may be shown; raises `ValueError` for what is not one."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return address(url)
    raise ValueError("--target 应形如 must look like http://HOST:PORT/fhir")
