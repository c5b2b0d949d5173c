"""Where the configuration is, how it comes, and whether what it leads to is there. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html"""

from typing import Any
from urllib.parse import urlsplit

from conformance.checks import Check, Session, check, shall
from conformance.suites.smart_discovery import configuration
from conformance.suites.smart_discovery.configuration import PAGE, WELL_KNOWN
from profiles.json import Resource

_OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "registration_endpoint",
    "management_endpoint",
    "jwks_uri",
    "user_access_brand_bundle",
)
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@check(
    shall(
        "smart-configuration",
        f"{PAGE}#using-well-known",
        "在 [base]/.well-known/smart-configuration 公布配置，无需令牌",
        "the configuration is at [base]/.well-known/smart-configuration, for everybody",
    )
)
async def published(on: Session) -> None:
    found = await on.once(configuration.published)
    if not on.claims("smart") and found.status != 200:
        met = found.status in configuration.ABSENT
        on.expect(met, "未声明 SMART 的服务器应答 404", "a server that does not claim SMART should answer 404")
        on.skip("服务器没有声明 SMART", "the server does not claim SMART")
    on.expect(found.status == 200, "状态码应为 200", f"the status should be 200, and is {found.status}")
    on.expect(found.content is not None, "内容应为 JSON 对象", "the content should be a JSON object")
    on.advise(
        on.claims("smart"), "CapabilityStatement 也应声明 SMART", "the CapabilityStatement should claim SMART too"
    )


@check(
    shall(
        "smart-configuration-type",
        f"{PAGE}#request",
        "无论 Accept 为何都返回 application/json",
        "the configuration is application/json, whatever Accept says",
    ),
    after=("smart-configuration",),
)
async def content_type(on: Session) -> None:
    await configuration.configuration(on)
    for accept in ("text/html", "application/fhir+xml", "application/fhir+json", "*/*"):
        answer = await on.get(WELL_KNOWN, headers={"Accept": accept}, authorized=False)
        answer.expect_status(200)
        met = configuration.is_json(answer)
        answer.expect(met, "Content-Type 应为 application/json", "the Content-Type should be application/json")


@check(
    shall("smart-endpoints-absolute", f"{PAGE}#metadata", "各端点为绝对 URL", "endpoints are absolute URLs"),
    after=("smart-configuration",),
)
async def absolute(on: Session) -> None:
    found = await configuration.configuration(on)
    for name in _ENDPOINTS:
        if name in found:
            parts = urlsplit(str(found[name]))
            met = parts.scheme in {"http", "https"} and bool(parts.netloc)
            on.expect(met, f"{name} 应为绝对 URL", f"{name} should be an absolute URL")
            local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
            on.advise(parts.scheme == "https" or local, f"{name} 应使用 https", f"{name} should be https")


@check(
    shall(
        "smart-keys",
        "https://www.rfc-editor.org/rfc/rfc7517#section-5",
        "JWKS 可取得且不含私钥",
        "the JWKS can be had, and holds no private key",
    ),
    after=("smart-configuration",),
)
async def keys(on: Session) -> None:
    found = await configuration.configuration(on)
    if "jwks_uri" not in found:
        on.skip("没有 jwks_uri", "there is no jwks_uri")
    answer = await on.get(str(found["jwks_uri"]), headers={"Accept": "application/json"}, authorized=False)
    answer.expect_status(200)
    listed = answer.json.get("keys") if isinstance(answer.json, dict) else None
    published_keys = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    answer.expect(bool(published_keys), "JWKS 中应有密钥", "there should be keys in the JWKS")
    for key in published_keys:
        answer.expect("kty" in key, "每个密钥应有 kty", "every key should have a kty")
        answer.advise("kid" in key, "每个密钥应有 kid", "every key should have a kid")
        answer.expect(_PRIVATE.isdisjoint(key), "JWKS 不应含私钥部分", "no private part should be in the JWKS")


@check(
    shall(
        "smart-cors",
        f"{PAGE}#cross-origin-resource-sharing-cors-support",
        "任何来源的网页都可读取配置",
        "pages of any origin may read the configuration",
    ),
    after=("smart-configuration",),
)
async def cors(on: Session) -> None:
    await configuration.configuration(on)
    origin = "https://app.example.org"
    for path in (WELL_KNOWN, "metadata"):
        answer = await on.get(path, headers={"Origin": origin}, authorized=False)
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        answer.expect(allowed in {"*", origin}, f"{path} 应允许任何来源", f"{path} should allow any origin")


@check(
    shall(
        "smart-capability-statement",
        "security.html#smart",
        "CapabilityStatement 中的 OAuth 端点与配置一致",
        "the OAuth endpoints in the CapabilityStatement are those of the configuration",
    ),
    after=("smart-configuration",),
)
async def consistent(on: Session) -> None:
    found = await configuration.configuration(on)
    uris = _oauth_uris(on.capability)
    if not uris:
        on.skip("CapabilityStatement 没有 oauth-uris 扩展", "the CapabilityStatement has no oauth-uris extension")
    for name, field in (("authorize", "authorization_endpoint"), ("token", "token_endpoint")):
        if name in uris:
            zh, en = f"oauth-uris 的 {name} 应与 {field} 相同", f"{name} in oauth-uris should be {field}"
            on.expect(uris[name] == found.get(field), zh, en)


def _oauth_uris(capability: Resource) -> dict[str, Any]:
    extensions = [
        extension
        for rest in capability.get("rest", ())
        for extension in rest.get("security", {}).get("extension", ())
        if extension.get("url") == _OAUTH
    ]
    return {one.get("url", ""): one.get("valueUri") for each in extensions for one in each.get("extension", ())}


CHECKS: tuple[Check, ...] = (published, content_type, absolute, keys, cors, consistent)
