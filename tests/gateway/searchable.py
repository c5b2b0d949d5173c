"""What the search tests share: storing many resources at once, and the ids that a search finds."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from tests.conftest import Gateway

Json = dict[str, Any]
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"


def store(gateway: Gateway, *resources: Mapping[str, Any]) -> None:
    """Puts them all under their own ids in one transaction."""
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    answer = gateway.client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 200, answer.text


def patient(own: str, **more: Any) -> Json:
    return {"resourceType": "Patient", "id": own, **more}


def observation(own: str, **more: Any) -> Json:
    return {"resourceType": "Observation", "id": own, "status": "final", "code": {"text": "示例"}, **more}


def coding(system: str, code: str, **more: Any) -> Json:
    return {"coding": [{"system": system, "code": code, **more}]}


def to(reference: str, **more: Any) -> Json:
    return {"reference": reference, **more}


def get(client: httpx.Client, query: str, **headers: str) -> Json:
    answer = client.get(f"/{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def of(bundle: Json, mode: str = "match") -> list[str]:
    """The ids of the entries of a mode, in order."""
    return [one["resource"]["id"] for one in bundle.get("entry", []) if one["search"]["mode"] == mode]


def ids(gateway: Gateway, query: str) -> list[str]:
    return of(get(gateway.client, query))


def link(bundle: Json, relation: str) -> str | None:
    return next((one["url"] for one in bundle["link"] if one["relation"] == relation), None)


def pages(client: httpx.Client, url: str) -> Iterator[Json]:
    """Every page from that of a query or a link on."""
    following: str | None = url if url.startswith("http") else f"/{url}"
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        following = link(answer.json(), "next")


def encoded(text: str) -> str:
    return quote(text, safe="")


def refused(client: httpx.Client, query: str, status: int = 400) -> str:
    """The key of the error that a query is refused with."""
    answer = client.get(f"/{query}")
    assert answer.status_code == status, answer.text
    issues: Iterable[Json] = answer.json()["issue"]
    return " ".join(one["details"]["coding"][0]["code"] for one in issues)


def replacing(path: str, value: str) -> Json:
    """A FHIRPath Patch of one operation."""
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": path},
        {"name": "value", "valueCode": value},
    ]
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}


def entry(method: str, url: str, resource: Json | None = None, full_url: str | None = None, **said: str) -> Json:
    made: Json = {"request": {"method": method, "url": url, **said}}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def send(gateway: Gateway, kind: str, *entries: Json, status: int = 200, **headers: str) -> Json:
    bundle = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    answer = gateway.client.post("", json=bundle, headers=headers)
    assert answer.status_code == status, answer.text
    body: Json = answer.json()
    return body


def statuses(bundle: Json) -> list[str]:
    return [one["response"]["status"] for one in bundle["entry"]]
