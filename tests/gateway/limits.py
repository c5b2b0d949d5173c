"""A gateway whose callers may see only some of what is there, and what is there."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from gateway.settings import development_tokens
from tests.conftest import Gateway, serving
from tests.gateway.searchable import coding, observation, patient, store, to

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SCOPES = {
    "resident": {"scope": "patient/*.rs", "patient": "Patient/x"},
    "laboratory": {"scope": f"system/Observation.rs?category={CATEGORY}|laboratory"},
    "mixed": {"scope": "patient/Observation.rs system/Organization.rs", "patient": "Patient/x"},
    "writer": {"scope": "patient/*.cruds", "patient": "Patient/x"},
    "nothing": {"scope": "system/Flag.c"},
}
MINE = {"x1", "x2", "x3", "moved"}
"""Observations of the resident, as they are now."""

Clients = dict[str, httpx.Client]


@contextmanager
def limited(database_url: str, folder: Path) -> Iterator[Clients]:
    """A client for each of the scopes, and `developer`, who may do everything."""
    more = {name: {"token": f"token-of-{name}", **said} for name, said in SCOPES.items()}
    tokens = development_tokens(folder)
    (folder / "tokens.json").write_text(json.dumps(tokens | more))
    with serving(database_url, folder) as running, running.client, ExitStack() as clients:
        load(running)
        yield {name: clients.enter_context(running.client_for(name)) for name in (*SCOPES, "developer")}


def load(gateway: Gateway) -> None:
    lab, vital = [coding(CATEGORY, "laboratory")], [coding(CATEGORY, "vital-signs")]
    x, y, doctor = to("Patient/x"), to("Patient/y"), [to("Practitioner/doctor")]
    store(
        gateway,
        {"resourceType": "Organization", "id": "centre", "name": "示例中心"},
        {"resourceType": "Practitioner", "id": "doctor", "name": [{"text": "王医生"}]},
        patient("x", name=[{"text": "示例甲"}], managingOrganization=to("Organization/centre")),
        patient("y", name=[{"text": "示例乙"}], link=[{"other": x, "type": "seealso"}]),
        observation("x1", subject=x, category=lab, performer=doctor, derivedFrom=[to("Observation/y1")]),
        observation("x2", subject=x, category=vital),
        observation("x3", subject=x, category=lab),
        observation("y1", subject=y, category=lab, performer=doctor),
        observation("y2", subject=y, category=vital, hasMember=[to("Observation/x1")]),
        observation("moved", subject=y, category=lab, note=[{"text": "of somebody else"}]),
        *(observation(f"noise{number}", subject=y) for number in range(60)),
        {
            "resourceType": "List",
            "id": "all",
            "status": "current",
            "mode": "working",
            "entry": [{"item": to(f"Observation/{own}")} for own in ("x1", "y1")],
        },
    )
    store(gateway, observation("moved", subject=x, category=vital), observation("gone", subject=x))
    gateway.client.delete("/Observation/gone").raise_for_status()
