"""What the configuration says, and whether it agrees with itself. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html"""

from urllib.parse import urlsplit

from conformance.checks import Check, Session, check, shall, should
from conformance.suites.smart_discovery import configuration
from conformance.suites.smart_discovery.configuration import PAGE, texts

_RECOMMENDED = ("scopes_supported", "response_types_supported", "introspection_endpoint", "revocation_endpoint")
_OF_HL7 = frozenset(
    {
        "launch-ehr",
        "launch-standalone",
        "authorize-post",
        "client-public",
        "client-confidential-symmetric",
        "client-confidential-asymmetric",
        "sso-openid-connect",
        "context-banner",
        "context-style",
        "context-ehr-patient",
        "context-ehr-encounter",
        "context-standalone-patient",
        "context-standalone-encounter",
        "permission-offline",
        "permission-online",
        "permission-patient",
        "permission-user",
        "permission-v1",
        "permission-v2",
        "smart-app-state",
    }
)
_CLIENTS = {"client-public", "client-confidential-symmetric", "client-confidential-asymmetric"}
_SETS = (
    {"launch-standalone", "context-standalone-patient", "permission-patient"},
    {"launch-standalone", "permission-user"},
    {"launch-ehr", "context-ehr-patient", "permission-patient"},
    {"launch-ehr", "permission-user"},
)


@check(
    shall(
        "smart-configuration-fields",
        f"{PAGE}#metadata",
        "必备的四个字段齐全",
        "the fields that are always required are there",
    ),
    after=("smart-configuration",),
)
async def fields(on: Session) -> None:
    found = await configuration.configuration(on)
    on.expect(isinstance(found.get("token_endpoint"), str), "缺少 token_endpoint", "token_endpoint is missing")
    for name in ("grant_types_supported", "capabilities", "code_challenge_methods_supported"):
        on.expect(bool(texts(found.get(name))), f"缺少 {name}", f"{name} is missing")


@check(
    shall("smart-pkce", f"{PAGE}#metadata", "支持 S256，不支持 plain", "PKCE by S256, and never plain"),
    after=("smart-configuration-fields",),
)
async def pkce(on: Session) -> None:
    methods = texts((await configuration.configuration(on)).get("code_challenge_methods_supported"))
    on.expect("S256" in methods, "应支持 S256", "S256 should be supported")
    on.expect("plain" not in methods, "不应支持 plain", "plain should not be supported")


@check(
    shall(
        "smart-launch-endpoints",
        f"{PAGE}#metadata",
        "声明 launch 的服务器有 authorization_endpoint 和 authorization_code",
        "a server that launches apps has an authorization_endpoint, and the grant authorization_code",
    ),
    after=("smart-configuration-fields",),
)
async def launch(on: Session) -> None:
    found = await configuration.configuration(on)
    if {"launch-ehr", "launch-standalone"}.isdisjoint(texts(found.get("capabilities"))):
        on.skip("未声明 launch-ehr 或 launch-standalone", "neither launch-ehr nor launch-standalone is claimed")
    met = isinstance(found.get("authorization_endpoint"), str)
    on.expect(met, "缺少 authorization_endpoint", "authorization_endpoint is missing")
    met = "authorization_code" in texts(found.get("grant_types_supported"))
    on.expect(met, "缺少 authorization_code", "the grant authorization_code is missing")


@check(
    shall(
        "smart-openid",
        f"{PAGE}#metadata",
        "issuer 与 jwks_uri 当且仅当声明 sso-openid-connect",
        "issuer and jwks_uri with sso-openid-connect, and no issuer without",
    ),
    after=("smart-configuration-fields",),
)
async def openid(on: Session) -> None:
    found = await configuration.configuration(on)
    if "sso-openid-connect" not in texts(found.get("capabilities")):
        on.expect("issuer" not in found, "未声明 sso-openid-connect 时不应有 issuer", "there should be no issuer")
        return
    on.expect("issuer" in found and "jwks_uri" in found, "缺少 issuer 或 jwks_uri", "issuer or jwks_uri is missing")
    answer = await on.get(f"{found['issuer'].rstrip('/')}/.well-known/openid-configuration", authorized=False)
    answer.expect_status(200)
    met = isinstance(answer.json, dict) and answer.json.get("issuer") == found["issuer"]
    answer.expect(met, "openid-configuration 的 issuer 应相同", "its openid-configuration should name the same issuer")


@check(
    shall(
        "smart-asymmetric",
        f"{PAGE}#metadata",
        "声明 client-confidential-asymmetric 时公布签名算法与认证方式",
        "with client-confidential-asymmetric, how clients sign is published",
    ),
    after=("smart-configuration-fields",),
)
async def asymmetric(on: Session) -> None:
    found = await configuration.configuration(on)
    if "client-confidential-asymmetric" not in texts(found.get("capabilities")):
        on.skip("未声明 client-confidential-asymmetric", "client-confidential-asymmetric is not claimed")
    on.expect(bool(texts(found.get("scopes_supported"))), "缺少 scopes_supported", "scopes_supported is missing")
    met = "private_key_jwt" in texts(found.get("token_endpoint_auth_methods_supported"))
    on.expect(met, "缺少 private_key_jwt", "private_key_jwt is missing")
    algorithms = texts(found.get("token_endpoint_auth_signing_alg_values_supported"))
    on.expect(not {"RS384", "ES384"}.isdisjoint(algorithms), "缺少 RS384 或 ES384", "RS384 or ES384 is missing")
    on.expect("none" not in algorithms, "不应接受 none", "none should not be accepted")


@check(
    shall(
        "smart-capability-names",
        f"{PAGE}#smart-on-fhir-oauth-authorization-endpoints-and-capabilities",
        "非 HL7 定义的能力用完整 URI 表示",
        "capabilities that HL7 does not define are full URIs",
    ),
    after=("smart-configuration-fields",),
)
async def names(on: Session) -> None:
    claimed = texts((await configuration.configuration(on)).get("capabilities"))
    odd = [one for one in claimed if one not in _OF_HL7 and not urlsplit(one).scheme]
    on.expect(not odd, f"不是完整 URI：{', '.join(odd)}", f"not a full URI: {', '.join(odd)}")


@check(
    should("smart-recommended", f"{PAGE}#metadata", "公布推荐的字段", "the recommended fields are published"),
    after=("smart-configuration",),
)
async def recommended(on: Session) -> None:
    found = await configuration.configuration(on)
    missing = [name for name in _RECOMMENDED if name not in found]
    on.expect(not missing, f"缺少 {', '.join(missing)}", f"missing: {', '.join(missing)}")


@check(
    should(
        "smart-capability-set",
        f"{PAGE}#capability-sets",
        "至少完整支持一组能力",
        "at least one of the capability sets is complete",
    ),
    after=("smart-configuration-fields",),
)
async def capability_set(on: Session) -> None:
    claimed = {*texts((await configuration.configuration(on)).get("capabilities"))}
    whole = any(each <= claimed for each in _SETS) and not _CLIENTS.isdisjoint(claimed)
    on.expect(whole, "没有一组能力是完整的", "no capability set is complete")


CHECKS: tuple[Check, ...] = (fields, pkce, launch, openid, asymmetric, names, recommended, capability_set)
