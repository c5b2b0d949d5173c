"""FHIR packages as files: written the same byte for byte, read without trust.

https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
"""

import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from profiles import json
from profiles.json import Resource

_MOST_FILES = 50_000
_MOST_BYTES = 1 << 30
"""Of all files together, unpacked."""
_LARGEST = 64 << 20
"""Of one file."""
_INDEXED = ("resourceType", "id", "url", "version", "kind", "type", "supplements", "content", "derivation")


class PackageError(Exception):
    """A package that cannot be used as it is; its text is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Package:
    manifest: Resource
    """package.json."""
    files: Mapping[str, bytes]
    """What else is in `package/`, by its path there: `StructureDefinition-fd-contract.json`, `example/…`."""

    @property
    def name(self) -> str:
        return f"{self.manifest.get('name', '?')}#{self.manifest.get('version', '?')}"

    def resources(self) -> Iterator[tuple[str, bytes]]:
        """The files that should each be a resource, examples left out."""
        yield from ((path, content) for path, content in sorted(self.files.items()) if _is_resource(path))


def _is_resource(path: str) -> bool:
    return path.endswith(".json") and "/" not in path and not path.startswith(".") and path != "package.json"


# Writing


def written(manifest: Resource, resources: Iterable[Resource], examples: Iterable[Resource]) -> bytes:
    """A .tgz: nothing in it depends on when, where or by whom it was made."""
    content = {"package.json": _pretty(manifest)}
    for folder, found in (("", resources), ("example/", examples)):
        named = {f"{one['resourceType']}-{one['id']}.json": one for one in found}
        content |= {folder + name: _pretty(one) for name, one in named.items()}
        content[f"{folder}.index.json"] = _pretty(_index(named))
    return _archive({f"package/{path}": said for path, said in content.items()})


def _index(named: Mapping[str, Resource]) -> Resource:
    files = [
        {"filename": name, **{member: one[member] for member in _INDEXED if member in one}}
        for name, one in sorted(named.items())
    ]
    return {"index-version": 2, "files": files}


def _pretty(content: Resource) -> bytes:
    return json.pretty(content) + b"\n"


def _archive(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


# Reading


def read(source: Path) -> Package:
    """Of a .tgz, or of a folder that holds `package/` or is it; raises `PackageError`."""
    try:
        files = dict(_of_folder(source) if source.is_dir() else _of_archive(source))
    except (OSError, EOFError, tarfile.TarError) as error:
        raise _unreadable(source, type(error).__name__) from error
    try:
        manifest = json.loads(files.pop("package.json"))
    except KeyError as error:
        raise _unreadable(source, "package/package.json?") from error
    except ValueError as error:
        raise _unreadable(source, "package/package.json: JSON?") from error
    if not isinstance(manifest, dict):
        raise _unreadable(source, "package/package.json: JSON object?")
    return Package(manifest, files)


def _of_archive(source: Path) -> Iterator[tuple[str, bytes]]:
    """Members are read, never extracted; what is no plain file inside `package/` has no place in a package."""
    room = _MOST_BYTES
    with tarfile.open(source, "r:gz") as tar:
        for number, entry in enumerate(tar):
            path = PurePosixPath(entry.name.removeprefix("./"))
            if path.is_absolute() or ".." in path.parts or "\\" in entry.name:
                raise _unsafe(entry.name)
            if entry.isdir():
                continue
            if not entry.isreg():
                raise _unsafe(entry.name)
            room -= entry.size
            if number >= _MOST_FILES or entry.size > _LARGEST or room < 0:
                raise _too_large(entry.name)
            opened = tar.extractfile(entry)
            if opened is not None and path.parts[:1] == ("package",):
                yield "/".join(path.parts[1:]), opened.read()


def _of_folder(source: Path) -> Iterator[tuple[str, bytes]]:
    root = source / "package" if (source / "package").is_dir() else source
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            raise _unsafe(str(path.relative_to(root)))
        if path.is_file():
            if path.stat().st_size > _LARGEST:
                raise _too_large(path.name)
            yield path.relative_to(root).as_posix(), path.read_bytes()


def _unreadable(source: Path, why: str) -> PackageError:
    return PackageError(f"不是可读的 FHIR 包 not a readable FHIR package: {source.name} ({why})")


def _unsafe(name: str) -> PackageError:
    return PackageError(
        f"包内路径不安全，未安装任何内容 an unsafe path in the package, and nothing was installed: {name[:200]!r}"
    )


def _too_large(name: str) -> PackageError:
    return PackageError(f"包过大，未安装 the package is too large, and was not installed: {name[:200]!r}")
