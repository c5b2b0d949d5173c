"""A parsed expression made into closures over plain JSON. https://hl7.org/fhirpath/N1/"""

import re
from decimal import Decimal
from typing import Any

from profiles.fhirpath import macros
from profiles.fhirpath.functions import COMPARING, FUNCTIONS
from profiles.fhirpath.grammar import Tree, name_of
from profiles.fhirpath.nodes import child, lineage
from profiles.fhirpath.operators import OPERATORS, only
from profiles.fhirpath.types import type_test
from profiles.fhirpath.values import Quantity, moment, time_of_day, unit_of
from profiles.fhirpath.world import Items, Scope, Step, UndecidedError

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"r": "\r", "n": "\n", "t": "\t", "f": "\f"}
_CONSTANTS = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}
_EACH_WITH_EACH = frozenset({"~", "!~"})
_MOST_DIGITS = 40
_PREFIXES = {
    "vs-": "http://hl7.org/fhir/ValueSet/",
    "ext-": "http://hl7.org/fhir/StructureDefinition/",
}


def step(tree: Tree) -> Step:  # noqa: PLR0911 - one answer for each form
    """Raises `UndecidedError` for a function or a form that nobody knows."""
    kind, inner = tree["type"], tree.get("children", [])
    match kind, inner:
        case (("TermExpression" | "InvocationTerm" | "ParenthesizedTerm" | "LiteralTerm"), [only_child]):
            return _term(only_child)
        case "InvocationExpression", [left, right]:
            return _then(step(left), invocation(right))
        case "IndexerExpression", [left, index]:
            return _indexed(step(left), step(index))
        case "TypeExpression", [left, right]:
            return _typed(tree["terminalNodeText"][0], step(left), right)
        case "PolarityExpression", [operand]:
            return _signed(tree["terminalNodeText"][0], step(operand))
        case _, [left, right] if tree.get("terminalNodeText", [""])[0] in OPERATORS:
            return _operation(tree["terminalNodeText"][0], step(left), step(right))
    return _term(tree)


def _term(tree: Tree) -> Step:
    kind, inner = tree["type"], tree.get("children", [])
    match kind, inner:
        case "MemberInvocation", [name] if name_of(name)[:1].isupper():
            return _root_or_member(name_of(name))
        case _ if kind.endswith("Invocation"):
            return invocation(tree)
        case "ExternalConstantTerm", [{"children": [name]}]:
            return _constant(name["text"])
        case _ if kind.endswith("Literal"):
            return _literal(kind, tree)
    return step(tree) if inner else _unknown(kind)


def _unknown(what: str) -> Step:
    raise UndecidedError(f"{what} is not supported")


# Paths


def invocation(tree: Tree) -> Step:
    match tree["type"], tree.get("children", []):
        case "MemberInvocation", [name]:
            return _member(name_of(name))
        case "FunctionInvocation", [{"children": [name, *lists]}]:
            return _function(name_of(name), [one for each in lists for one in each.get("children", ())])
        case (("ThisInvocation" | "IndexInvocation" | "TotalInvocation"), _):
            return _SCOPED[tree["type"]]
    return _unknown(tree["type"])


def _this(_: Items, scope: Scope) -> Items:
    scope.effort.spend(1)
    return scope.this


_SCOPED: dict[str, Step] = {
    "ThisInvocation": _this,
    "IndexInvocation": lambda _, scope: [scope.index],
    "TotalInvocation": lambda _, scope: scope.total or [],
}


def _then(first: Step, second: Step) -> Step:
    return lambda items, scope: second(first(items, scope), scope)


def _member(name: str) -> Step:
    def walk(items: Items, scope: Scope) -> Items:
        found = [one for item in items for one in (child(item, name) if type(item) is tuple else _part(item, name))]
        scope.effort.spend(1 + len(items) + len(found))
        return found

    return walk


def _part(item: object, name: str) -> Items:
    """Of what `type()` answers."""
    return [item[name]] if type(item) is dict and name in item else []


def _root_or_member(name: str) -> Step:
    """`Patient.name`: the type at the start of a path is the focus itself, where it is one."""
    member = _member(name)

    def walk(items: Items, scope: Scope) -> Items:
        roots = [item for item in items if type(item) is tuple and name in lineage(item[1])]
        return roots or member(items, scope)

    return walk


def _indexed(items_of: Step, index_of: Step) -> Step:
    def pick(items: Items, scope: Scope) -> Items:
        scope.effort.spend(1)
        index = only(index_of(items, scope))
        found = items_of(items, scope)
        return found[index : index + 1] if type(index) is int and index >= 0 else []

    return pick


def _operation(name: str, left: Step, right: Step) -> Step:
    operator = OPERATORS[name]
    if name in macros.SHORT:
        return macros.SHORT[name](left, right)

    def operate(items: Items, scope: Scope) -> Items:
        one, other = left(items, scope), right(items, scope)
        weight = scope.effort.weigh(one), scope.effort.weigh(other)
        if name in _EACH_WITH_EACH:
            scope.effort.spend(weight[0] * weight[1])
        return operator(one, other)

    return operate


def _signed(sign: str, operand: Step) -> Step:
    if sign == "+":
        return operand
    return _operation("-", lambda _items, _scope: [0], operand)


def _typed(word: str, items_of: Step, specifier: Tree) -> Step:
    test = type_test(str(specifier["text"]), exact=word != "is")

    def typed(items: Items, scope: Scope) -> Items:
        found = items_of(items, scope)
        scope.effort.spend(1 + len(found))
        return [test(item) for item in found[:1]] if word == "is" else [item for item in found if test(item)]

    return typed


# Functions


def _function(name: str, arguments: list[Tree]) -> Step:
    if name in {"is", "as", "ofType"} and len(arguments) == 1:
        return _typed("is" if name == "is" else "as", lambda items, _: items, _specifier(arguments[0]))
    if name in macros.MACROS:
        return macros.MACROS[name](*map(step, arguments))
    if name not in FUNCTIONS:
        return _unknown(f"{name}()")
    function, is_heavy = FUNCTIONS[name], name in COMPARING
    several = [step(one) for one in arguments]

    def call(items: Items, scope: Scope) -> Items:
        given = [one(scope.this, scope) for one in several]
        scope.effort.spend(1 + len(items) + sum(map(len, given)))
        if is_heavy:
            scope.effort.weigh(items)
            for one in given:
                scope.effort.weigh(one)
        return function(items, scope, *given)

    return call


def _specifier(argument: Tree) -> Tree:
    return {"text": argument.get("text", "")}


# Literals and constants


def _literal(kind: str, tree: Tree) -> Step:
    value = _value(kind, tree)
    items = [] if value is None else [value]
    return lambda _items, _scope: items


def _value(kind: str, tree: Tree) -> Any:  # noqa: ANN401, PLR0911 - one answer for each form
    text = str(tree.get("text", ""))
    match kind:
        case "BooleanLiteral":
            return text == "true"
        case "NumberLiteral":
            return Decimal(text) if "." in text else _whole(text)
        case "StringLiteral":
            return _ESCAPE.sub(_unescaped, text[1:-1])
        case "DateTimeLiteral" | "DateLiteral":
            return moment(text.removeprefix("@").removesuffix("T"))
        case "TimeLiteral":
            return time_of_day(text.removeprefix("@T"))
        case "QuantityLiteral":
            return _quantity(tree["children"][0])
    return None


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise UndecidedError("a number of so many digits")
    return int(text)


def _quantity(tree: Tree) -> Quantity:
    unit = tree["children"][0]
    while not unit["terminalNodeText"]:
        unit = unit["children"][0]
    return Quantity(Decimal(tree["terminalNodeText"][0]), unit_of(unit["terminalNodeText"][0]))


def _unescaped(found: re.Match[str]) -> str:
    mark = found[1]
    return chr(int(mark[1:], 16)) if len(mark) == 5 else _ESCAPED.get(mark, mark)


def _constant(text: str) -> Step:
    name = text.strip("`'\"")
    prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
    fixed = _PREFIXES[prefix] + name.removeprefix(prefix) if prefix else _CONSTANTS.get(name)
    if fixed:
        return lambda _items, _scope: [fixed]
    match name:
        case "resource":
            return lambda _items, scope: [scope.world.resource]
        case "rootResource":
            return lambda _items, scope: [scope.world.root]
        case "context":
            return lambda _items, scope: scope.context
    return _given(name)


def _given(name: str) -> Step:
    def look_up(_items: Items, scope: Scope) -> Items:
        if name not in scope.world.constants:
            raise UndecidedError(f"%{name} is not known")
        return scope.world.constants[name]

    return look_up
