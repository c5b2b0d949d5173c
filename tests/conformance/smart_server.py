"""A server that publishes a SMART configuration, and can be told to publish a wrong one."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SERVICE = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}]
}
OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


class Smart(ThreadingHTTPServer):
    """Everything that it says is an attribute, and may be spoilt before it is asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        root = f"http://127.0.0.1:{self.server_port}"
        self.base = f"{root}/fhir"
        self.status, self.content_type, self.cors = 200, "application/json", "*"
        self.obeys_accept = False
        self.keys = {"keys": [{"kty": "RSA", "kid": "1", "n": "AQAB", "e": "AQAB"}]}
        self.openid = {"issuer": f"{root}/as"}
        self.configuration = {
            "issuer": f"{root}/as",
            "jwks_uri": f"{root}/jwks",
            "authorization_endpoint": f"{root}/authorize",
            "token_endpoint": f"{root}/token",
            "introspection_endpoint": f"{root}/introspect",
            "revocation_endpoint": f"{root}/revoke",
            "scopes_supported": ["openid", "patient/*.rs"],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
            "capabilities": [
                *("launch-standalone", "client-public", "client-confidential-asymmetric", "sso-openid-connect"),
                *("context-standalone-patient", "permission-patient", "permission-v2"),
            ],
        }
        uris = [
            {"url": "authorize", "valueUri": f"{root}/authorize"},
            {"url": "token", "valueUri": f"{root}/token"},
        ]
        security = {"service": [SERVICE], "extension": [{"url": OAUTH, "extension": uris}]}
        rest = [{"mode": "server", "security": security}]
        self.capability = {"resourceType": "CapabilityStatement", "rest": rest}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        smart = self.server
        pages = {
            "/fhir/metadata": smart.capability,
            "/jwks": smart.keys,
            "/as/.well-known/openid-configuration": smart.openid,
        }
        if self.path == "/fhir/.well-known/smart-configuration":
            asked = self.headers.get("Accept", "") if smart.obeys_accept else smart.content_type
            self._say(smart.status, smart.configuration, asked)
        elif self.path in pages:
            self._say(200, pages[self.path], "application/json")
        else:
            self._say(404, {}, "application/json")

    def _say(self, status, content, content_type):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.server.cors:
            self.send_header("Access-Control-Allow-Origin", self.server.cors)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Quiet."""


@contextmanager
def smart():
    server = Smart()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
