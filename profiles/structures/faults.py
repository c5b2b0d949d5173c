"""Why a snapshot cannot be made of a StructureDefinition, in Chinese and English."""


class SnapshotError(Exception):
    """`element` is the path or id of the element at fault, or the URL of the definition where it is the whole."""

    key = "FD-SNAPSHOT"

    def __init__(self, element: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.element = element
        self.zh = zh
        self.en = en


def unknown_definition(url: str) -> SnapshotError:
    return SnapshotError(
        url,
        f"没有结构定义 {url}；请检查 url 与版本，或先提供该 StructureDefinition。",
        f"There is no StructureDefinition {url}; check url and version, or provide it first.",
    )


def unknown_base(url: str, base: str) -> SnapshotError:
    return SnapshotError(
        url,
        f"结构定义 {url} 的 baseDefinition {base} 不在这里；请提供它，或检查其 url 与版本。",
        f"The baseDefinition {base} of {url} is not here; provide it, or check its url and version.",
    )


def circular(url: str) -> SnapshotError:
    return SnapshotError(
        url,
        f"结构定义 {url} 经 baseDefinition 又回到自身；请改正派生关系。",
        f"StructureDefinition {url} derives from itself by way of baseDefinition; mend the derivation.",
    )


def empty(url: str) -> SnapshotError:
    return SnapshotError(
        url,
        f"结构定义 {url} 既没有 differential 也没有 snapshot。",
        f"StructureDefinition {url} has neither a differential nor a snapshot.",
    )


def too_large(url: str) -> SnapshotError:
    return SnapshotError(
        url,
        f"结构定义 {url} 的 snapshot 过大，或派生层数过多；请减少切片与展开的元素，或拆分规范。",
        f"The snapshot of {url} is too large, or derives from too many others; use fewer slices and unfolded elements, "
        "or split the profile.",
    )


def malformed(url: str) -> SnapshotError:
    return SnapshotError(
        url,
        f"结构定义 {url} 的内容不合 FHIR 的形式，无法生成 snapshot；请先按 StructureDefinition 校验它。",
        f"The content of {url} is not formed as FHIR wants it, so there is no snapshot; validate it first.",
    )


def another_type(url: str, named: str, wanted: str) -> SnapshotError:
    return SnapshotError(
        named,
        f"结构定义 {url} 中的 {named} 与其类型不符；路径与基础定义都应为 {wanted}。",
        f"{named} in {url} is of another type; paths and base are to be of {wanted}.",
    )


def unknown_element(path: str, url: str) -> SnapshotError:
    return SnapshotError(
        path,
        f"结构定义 {url} 约束了基础定义没有的元素 {path}；请改正路径，或改用扩展 (extension)。",
        f"{url} constrains {path}, which its base does not have; mend the path, or use an extension.",
    )


def unknown_slice(identity: str, url: str) -> SnapshotError:
    return SnapshotError(
        identity,
        f"结构定义 {url} 提到切片 {identity}，但没有以 sliceName 定义它；请先加上该切片的元素。",
        f"{url} mentions the slice {identity}, which no element defines by sliceName; add that element.",
    )


def not_sliced(identity: str, url: str) -> SnapshotError:
    return SnapshotError(
        identity,
        f"结构定义 {url} 为同一元素定义了几个切片(如 {identity})，但该元素没有 slicing；请写明以什么区分它们。",
        f"{url} defines several slices of an element (such as {identity}) without slicing; say what tells them apart.",
    )
