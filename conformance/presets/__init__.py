"""What is known of a kind of server before it is asked: inputs, and what it is expected to support."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.naming import unknown

FOLDER = Path(__file__).parent


class PresetError(ValueError):
    """The file is not a preset."""


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    zh: str
    en: str
    inputs: dict[str, str]
    expected: tuple[str, ...]
    """Patterns of claims: what is expected is checked even where the CapabilityStatement does not claim it."""


def names() -> Iterator[str]:
    return (path.stem for path in sorted(FOLDER.glob("*.toml")))


def load(name: str) -> Preset:
    """A preset of ours by its name, anybody's by the path of its file; raises `ValueError`."""
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise unknown("预设", "preset", name, names()) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise PresetError(f"{name}: 无法读取 cannot be read: {error}") from error
    return _preset(path.stem, content)


def _preset(name: str, content: dict[str, Any]) -> Preset:
    unknown = content.keys() - {"title_zh", "title_en", "inputs", "expected"}
    inputs, expected = content.get("inputs", {}), content.get("expected", [])
    if unknown or not _texts(inputs.values()) or not _texts(expected):
        wanted = 'title_zh, title_en, expected = ["…"], [inputs] name = "…"'
        raise PresetError(f"{name}: 预设的格式应为 a preset is: {wanted}")
    return Preset(name, content.get("title_zh", name), content.get("title_en", name), inputs, tuple(expected))


def _texts(values: Any) -> bool:  # noqa: ANN401 - whatever a file holds
    return all(isinstance(one, str) for one in values)
