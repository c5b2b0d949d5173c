"""What a person at the terminal names, and what they may have meant when there is no such thing."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

_ALIKE = 0.5
_PRINTABLE_ASCII = range(0x21, 0x7F)


def unknown(zh: str, en: str, given: str, known: Iterable[str]) -> ValueError:
    """Names the nearest of those there are, and all of them."""
    names = [*known]
    near = get_close_matches(given.replace("-", "_").lower(), names, n=1, cutoff=_ALIKE)
    guess = f"是否指 did you mean: {near[0]}？" if near else ""
    return ValueError(f"没有{zh} no such {en}: {given}。{guess}\n可用 there are: {', '.join(names)}")


def pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not (name and equals):
        raise ValueError(f"--input 应为 NAME=VALUE must be NAME=VALUE: {given}")
    return name, value


def token(given: str | None, file: Path | None) -> str | None:
    """The bearer token; its value is never in what is said of it. https://www.rfc-editor.org/rfc/rfc6750#section-2.1"""
    if given and file:
        raise ValueError("--token 与 --token-file 只能选一个 give one of --token and --token-file")
    found = _content(file) if file else given
    if found is not None and not (found and all(ord(one) in _PRINTABLE_ASCII for one in found)):
        where = f"--token-file {file}" if file else "--token"
        raise ValueError(f"{where}: 为空或不是令牌 empty, or not a token")
    return found


def _content(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8").strip()
    except OSError as error:
        raise ValueError(f"--token-file {file}: 无法读取 cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"--token-file {file}: 不是文本文件 not a text file") from error
