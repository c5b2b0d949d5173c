"""A TestScript read from a file, and the fixtures it names. https://hl7.org/fhir/R4/testscript.html"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.testscript.errors import ScriptError, Undone
from profiles import json
from profiles.definitions import elements
from profiles.json import Resource

_LARGEST = 16 * 1024 * 1024
_ALWAYS = {"resourceType", "id", "extension"}
"""Elements that change no meaning wherever they stand."""


@dataclass(frozen=True, slots=True)
class Script:
    """A TestScript, and the folder in which its fixtures are looked for."""

    resource: Resource
    folder: Path

    @property
    def name(self) -> str:
        return str(self.resource.get("name") or self.resource.get("id") or "TestScript")

    def listed(self, name: str) -> list[Any]:
        """The items of a repeating element; none where it is not a list."""
        found = self.resource.get(name)
        return found if isinstance(found, list) else []

    def actions(self, section: str) -> list[Any]:
        """The actions of `setup` or `teardown`."""
        return actions(self.resource.get(section))


def load(path: Path) -> Script:
    """Raises `ScriptError` for what is no R4 TestScript, or holds nothing to run."""
    found = _json(path)
    if not isinstance(found, dict) or found.get("resourceType") != "TestScript":
        raise ScriptError("不是 TestScript 资源。", "This is not a TestScript resource.")
    if unknown := sorted(unsupported("TestScript", found)):
        listed = ", ".join(unknown)
        raise ScriptError(f"R4 的 TestScript 没有或不支持这些元素：{listed}。", f"Not supported in R4: {listed}.")
    script = Script(found, path.resolve().parent)
    if not script.actions("setup") and not script.listed("test"):
        raise ScriptError("脚本中没有可运行的内容。", "The script holds nothing to run.")
    return script


def actions(section: object) -> list[Any]:
    """The actions of a setup, test or teardown; none where it is malformed."""
    found = section.get("action") if isinstance(section, dict) else None
    return found if isinstance(found, list) else []


def unsupported(structure: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Members that a structure of R4 does not have, or whose modifier could turn its meaning."""
    known = {name for element in elements(structure) for name in element.json_names} - {"modifierExtension"}
    return (name for name in found if name not in known | _ALWAYS and not name.startswith("_"))


def contained_or_file(script: Script, reference: str) -> Resource | None:
    """The fixture that a reference names inside the script or beside it; None when it is in neither.

    Raises `Undone` for a file that lies outside the script's folder or holds no resource.
    """
    if reference.startswith("#"):
        named = [one for one in script.listed("contained") if isinstance(one, dict) and one.get("id") == reference[1:]]
        return named[0] if named else None
    if ":" in reference:
        return None
    for name in (reference, f"{reference}.json", f"{reference.replace('/', '-').lower()}.json"):
        path = (script.folder / name).resolve()
        if path.is_file():
            return _resource(script, path)
    return None


def _resource(script: Script, path: Path) -> Resource:
    if not path.is_relative_to(script.folder):
        raise Undone("fixture lies outside the folder of the script")
    try:
        found = _json(path)
    except ScriptError as error:
        raise Undone(error.en) from None
    if not isinstance(found, dict) or "resourceType" not in found:
        raise Undone("fixture is not a resource")
    return found


def _json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    try:
        if path.stat().st_size > _LARGEST:
            raise ScriptError("文件过大。", "The file is too large.")
        return json.loads(path.read_bytes())
    except OSError:
        raise ScriptError("文件无法读取。", "The file cannot be read.") from None
    except ValueError as error:
        if isinstance(error, ScriptError):
            raise
        raise ScriptError("文件不是 JSON（不支持 XML）。", "The file is not JSON (XML is not supported).") from None
