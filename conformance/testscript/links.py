"""The links of a page, followed. https://hl7.org/fhir/R4/http.html#paging"""

from urllib.parse import urljoin, urlsplit

from conformance.testscript.errors import Undone, Unmet
from conformance.testscript.state import Send, State
from profiles import json
from profiles.json import Resource

_NAVIGATION = {"first", "previous", "prev", "next", "last"}


async def lead(state: State, send: Send, resource: Resource | None) -> None:
    """Raises `Unmet` unless there are navigation links, and each leads to a Bundle."""
    links = (resource or {}).get("link", [])
    found = [link for link in links if isinstance(link, dict) and link.get("relation") in _NAVIGATION]
    if not found:
        raise Unmet("there are no navigation links")
    for link in found:
        url = urljoin(f"{state.base}/", str(link.get("url", "")))
        if urlsplit(url)[:2] != urlsplit(state.base)[:2]:
            raise Undone(f"the link {link['relation']} leads to another server than the target")
        answer = await send("GET", url, None, headers={"Accept": "application/fhir+json"})
        if answer.status != 200 or not _is_bundle(answer.content):
            raise Unmet(f"the link {link['relation']} gives {answer.status}, or no Bundle")


def _is_bundle(content: bytes) -> bool:
    try:
        found = json.loads(content)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("resourceType") == "Bundle"
