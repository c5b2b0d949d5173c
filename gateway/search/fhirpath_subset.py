"""What search parameters use of FHIRPath, parsed into values. https://hl7.org/fhirpath/N1/#grammar"""

import re
from dataclasses import dataclass


class Unsupported(ValueError):
    """An expression outside the subset, or one that names what the type does not have."""


@dataclass(frozen=True, slots=True)
class Name:
    """An element by its FHIR name; at the head of a path also a type, or `%resource`."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    at: int


@dataclass(frozen=True, slots=True)
class As:
    """`as T`, `.as(T)` and `.ofType(T)`: search parameters mean the same by all three, keep what is a T."""

    type_name: str


@dataclass(frozen=True, slots=True)
class Where:
    test: "Test"


@dataclass(frozen=True, slots=True)
class Exists:
    operand: "Union"


@dataclass(frozen=True, slots=True)
class Compared:
    """`operand = literal`, or `!=` where not `equal`."""

    operand: "Union"
    literal: str | bool
    equal: bool = True


@dataclass(frozen=True, slots=True)
class ResolvesTo:
    """`resolve() is T`."""

    type_name: str


@dataclass(frozen=True, slots=True)
class And:
    tests: tuple["Test", ...]


Step = Name | Index | As | Where
Path = tuple[Step, ...]
Union = tuple[Path, ...]
Test = Exists | Compared | ResolvesTo | And
Expression = Union | Test

DEEPEST = 12
"""Steps in a path and groups in a group (4.0.1 needs 7 and 1): what bounds recursion here and at run time."""

_TOKEN = re.compile(r"\s*('[^'\\]*'|%?[A-Za-z_]\w*|[0-9]{1,4}|!=|[|=.()\[\]])", re.ASCII)
_LITERALS = {"true": True, "false": False}


def parse(text: str) -> Expression:
    """The expression as a union of paths, or as a test; raises `Unsupported` saying why."""
    tokens = _Tokens(_split(text))
    expression = _conjunction(tokens)
    if tokens.left:
        raise Unsupported(f"cannot read {tokens.left[-1]!r}")
    return expression


def _split(text: str) -> list[str]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unsupported(f"cannot read character {at}")
        tokens.append(match[1])
        at = match.end()
    return tokens


class _Tokens:
    """What is left to read, last token first, and how many groups are open."""

    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens[::-1]
        self._open = 0

    def took(self, *tokens: str) -> bool:
        """Whether just `tokens` came next; only then are they taken."""
        if tuple(self.left[: -len(tokens) - 1 : -1]) != tokens:
            return False
        del self.left[-len(tokens) :]
        return True

    def expect(self, token: str) -> None:
        if not self.took(token):
            raise Unsupported(f"{token!r} is missing")

    def take(self) -> str:
        if not self.left:
            raise Unsupported("it ends early")
        return self.left.pop()

    def name(self) -> str:
        name = self.take()
        if not name.isidentifier():
            raise Unsupported(f"{name!r} is not a name")
        return name

    def group(self) -> Expression:
        """What stands between a parenthesis already taken and its fellow."""
        self._open += 1
        if self._open > DEEPEST:
            raise Unsupported("groups are nested too deep")
        expression = _conjunction(self)
        self.expect(")")
        self._open -= 1
        return expression


def _conjunction(tokens: _Tokens) -> Expression:
    parts = [_comparison(tokens)]
    while tokens.took("and"):
        parts.append(_comparison(tokens))
    return parts[0] if len(parts) == 1 else And(tuple(_test(part) for part in parts))


def _comparison(tokens: _Tokens) -> Expression:
    operand = _union(tokens)
    for operator in ("=", "!="):
        if tokens.took(operator):
            return Compared(_paths(operand), _literal(tokens.take()), equal=operator == "=")
    return operand


def _literal(token: str) -> str | bool:
    if token.startswith("'"):
        return token[1:-1]
    if token not in _LITERALS:
        raise Unsupported(f"{token!r} is neither a string nor a boolean")
    return _LITERALS[token]


def _union(tokens: _Tokens) -> Expression:
    first = _typed(tokens)
    if not tokens.took("|"):
        return first
    paths = [*_paths(first), *_paths(_typed(tokens))]
    while tokens.took("|"):
        paths += _paths(_typed(tokens))
    return tuple(paths)


def _typed(tokens: _Tokens) -> Expression:
    operand = _invocations(tokens)
    return _then(operand, As(tokens.name())) if tokens.took("as") else operand


def _invocations(tokens: _Tokens) -> Expression:
    if tokens.took("resolve", "(", ")", "is"):
        return ResolvesTo(tokens.name())
    if tokens.took("("):
        expression = tokens.group()
    else:
        expression = ((Name("%resource" if tokens.took("%resource") else tokens.name()),),)
    while True:
        if tokens.took("["):
            expression = _then(expression, _index(tokens))
        elif tokens.took("."):
            expression = _invocation(expression, tokens)
        else:
            return expression


def _invocation(operand: Expression, tokens: _Tokens) -> Expression:
    name = tokens.name()
    if not tokens.took("("):
        return _then(operand, Name(name))
    match name:
        case "as" | "ofType":
            steps: Path = (As(tokens.name()),)
            tokens.expect(")")
        case "where":
            steps = (Where(_test(tokens.group())),)
        case "extension":
            steps = (Name("extension"), Where(Compared(((Name("url"),),), _literal(tokens.take()))))
            tokens.expect(")")
        case "exists":
            tokens.expect(")")
            return Exists(_paths(operand))
        case _:
            raise Unsupported(f"{name}() is not known")
    return _then(operand, *steps)


def _index(tokens: _Tokens) -> Index:
    digits = tokens.take()
    tokens.expect("]")
    if not digits.isdecimal():
        raise Unsupported(f"{digits!r} is not an index")
    return Index(int(digits))


def _then(operand: Expression, *steps: Step) -> Union:
    """Steps after a group go to each of its paths, which an index would not survive."""
    paths = tuple((*path, *steps) for path in _paths(operand))
    if max(map(len, paths)) > DEEPEST:
        raise Unsupported("a path is too long")
    if len(paths) > 1 and isinstance(steps[0], Index):
        raise Unsupported("an index into a union")
    return paths


def _paths(expression: Expression) -> Union:
    if not isinstance(expression, tuple):
        raise Unsupported("a test stands where a path belongs")
    return expression


def _test(expression: Expression) -> Test:
    if isinstance(expression, tuple):
        raise Unsupported("a path stands where a test belongs")
    return expression
