"""The pages of the guide: one for every artefact, whole without any other server, and readable in a browser."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from profiles.guide import contents, links
from profiles.guide.pages import SECTIONS, pages, section

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


class Page(HTMLParser):
    """What a page asks for, leads to and has."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: set[str] = set()
        self.links: set[str] = set()
        self.ids: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)
        if "id" in said:
            assert said["id"] not in self.ids, said["id"]
            self.ids.add(said["id"] or "")
        if tag == "a":
            self.links.add(said["href"] or "")
        elif "href" in said or "src" in said:
            self.loaded.add(said.get("href") or said.get("src") or "")
        assert tag != "script"
        assert "style" not in said

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def rendered() -> dict[str, bytes]:
    return dict(pages())


@pytest.fixture(scope="module")
def parsed(rendered: dict[str, bytes]) -> dict[str, Page]:
    found = {}
    for name, content in rendered.items():
        if name.endswith(".html"):
            found[name] = Page()
            found[name].feed(content.decode())
            assert found[name].open == [], name
    return found


def test_every_artefact_and_every_example_has_a_page(rendered: dict[str, bytes]):
    wanted = [one for one in contents.resources() if section(one) in SECTIONS]
    assert {links.page(one) for one in [*wanted, *contents.examples()]} < rendered.keys()


def test_a_page_loads_its_style_and_nothing_else(parsed: dict[str, Page]):
    assert {address for page in parsed.values() for address in page.loaded} == {"style.css"}


def test_no_link_between_pages_leads_nowhere(parsed: dict[str, Page]):
    for name, page in parsed.items():
        for address in page.links:
            if not address.startswith("http"):
                file, _, anchor = address.partition("#")
                assert (file or name) in parsed, (name, address)
                assert not anchor or anchor in parsed[file or name].ids, (name, address)


def test_links_to_the_specification_are_to_r4(parsed: dict[str, Page]):
    outside = {address for page in parsed.values() for address in page.links if address.startswith("http")}
    assert outside
    assert all(re.match(r"http://hl7\.org/fhir/R4/[a-z0-9-]+\.html(#|$)", address) for address in outside), outside


def test_a_profile_shows_its_tree_its_invariants_and_what_is_refused(rendered: dict[str, bytes]):
    page = rendered["StructureDefinition-fd-contract.html"].decode()
    for shown in (
        "家庭医生签约",
        "Family-doctor contract",
        "period",
        "fd-eoc-2",
        "governing-policy",
        "contract-sign-channel",
    ):
        assert shown in page
    assert "EpisodeOfCare-contract1.html" in page
    assert "FD-REQUIRED" in page


def test_text_of_artefacts_is_text_and_no_markup(rendered: dict[str, bytes]):
    assert b"&lt;div xmlns" in rendered["Composition-assess1.html"] or b"<div xmlns" not in b"".join(rendered.values())


def test_a_browser_shows_a_page_whole(rendered: dict[str, bytes], tmp_path: Path):
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser on this machine: {', '.join(_BROWSERS)}")
    for name, content in rendered.items():
        (tmp_path / name).write_bytes(content)
    page = (tmp_path / "StructureDefinition-fd-contract.html").as_uri()
    profile = f"--user-data-dir={tmp_path / 'browser'}"
    shot = tmp_path / "page.png"
    asked = [browser, *_QUIET, profile, "--window-size=1280,2000", f"--screenshot={shot}", page]
    subprocess.run(asked, check=True, capture_output=True, timeout=120)
    assert shot.read_bytes().startswith(b"\x89PNG")
    told = subprocess.run(
        [browser, *_QUIET, profile, "--dump-dom", page], check=True, capture_output=True, timeout=120
    ).stdout.decode()
    assert told.count("<tr") > 50
    assert "家庭医生签约" in told
