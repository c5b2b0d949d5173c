from decimal import Decimal

import pytest

from profiles import fhirpath
from profiles.fhirpath import World

PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "active": False,
    "birthDate": "1970-03-02",
    "_birthDate": {"extension": [{"url": "http://example.org/time", "valueDateTime": "1970-03-02T10:00:00+08:00"}]},
    "gender": "male",
    "name": [
        {"use": "official", "family": "示例", "given": ["甲", "乙"]},
        {
            "use": "usual",
            "given": ["丙"],
            "_given": [{"extension": [{"url": "http://example.org/x", "valueCode": "n"}]}],
        },
    ],
    "multipleBirthInteger": 2,
    "contained": [{"resourceType": "Organization", "id": "o", "name": "O"}],
    "managingOrganization": {"reference": "#o"},
}
OBSERVATION = {
    "resourceType": "Observation",
    "valueQuantity": {
        "value": Decimal("1.50"),
        "unit": "g",
        "system": "http://unitsofmeasure.org",
        "code": "g",
    },
    "component": [{"valueInteger": 1}, {"valueString": "x"}],
}


def found(expression, resource=None):
    node = fhirpath.root(resource or PATIENT)
    contained = {"#o": fhirpath.root(PATIENT["contained"][0])}
    world = World(node, node, contained.get)
    return [fhirpath.plain(item) for item in fhirpath.compiled(expression).items(node, world)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("name.given", ["甲", "乙", "丙"]),
        ("Patient.name.given", ["甲", "乙", "丙"]),
        ("name[1].given", ["丙"]),
        ("name.where(use = 'usual').given", ["丙"]),
        ("name.where(family.exists()).count()", [1]),
        ("name.select(given.count())", [2, 1]),
        ("name.given.first() | name.given.first()", ["甲"]),
        ("('b' | 'a' | 'b')", ["b", "a"]),
        ("name.exists(given.count() > 1)", [True]),
        ("name.all(given.exists())", [True]),
        ("name.given.where($index = 1)", ["乙"]),
        ("name.given.tail()", ["乙", "丙"]),
        ("name.given.skip(1).take(1)", ["乙"]),
        ("name.given.last()", ["丙"]),
        ("name.given.isDistinct()", [True]),
        ("name.given.exclude('甲')", ["乙", "丙"]),
        ("name.given.intersect('甲' | 'x')", ["甲"]),
        ("name.given.aggregate($total + $this, '')", ["甲乙丙"]),
        ("name.repeat(given)", ["甲", "乙", "丙"]),
        ("iif(active, 'yes', 'no')", ["no"]),
        ("name.given.join(',')", ["甲,乙,丙"]),
        ("photo.title", []),
        ("nothing", []),
        ("`name`.`given`.count()", [3]),
        ("managingOrganization.resolve().name", ["O"]),
        ("%resource.id & %context.id & %`vs-x`", ["pphttp://hl7.org/fhir/ValueSet/x"]),
        ("%ucum", ["http://unitsofmeasure.org"]),
        ("descendants().where($this is Organization).id", ["o"]),
        ("name.trace('names').count()", [2]),
    ],
)
def test_paths_and_collections(expression, expected):
    assert found(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("name.where(active)", []),
        ("active", [False]),
        ("Patient.where(active).exists()", [False]),
        ("Patient.where(active.not()).exists()", [True]),
        ("name.where($this.given.where($this = '丙').exists() and $this.use = 'usual').use", ["usual"]),
        ("(true and {}) | false", [False]),
        ("false and {}", [False]),
        ("true or {}", [True]),
        ("false or {}", []),
        ("{} implies true", [True]),
        ("{} implies false", []),
        ("false implies {}", [True]),
        ("true xor true", [False]),
        ("{} = 1", []),
        ("1 != 2", [True]),
        ("'A b' ~ 'a  B'", [True]),
        ("1.50 ~ 1.5", [True]),
        ("(1 | 2) = (1 | 2)", [True]),
        ("(1 | 2) = (2 | 1)", [False]),
        ("(1 | 2) ~ (2 | 1)", [True]),
        ("2 in (1 | 2)", [True]),
        ("(1 | 2) contains 3", [False]),
        ("true = 1", [False]),
        ("'a' < 'b'", [True]),
    ],
)
def test_logic_and_comparison(expression, expected):
    assert found(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("birthDate = @1970-03-02", [True]),
        ("birthDate = @1970", []),
        ("birthDate < @1970-04", [True]),
        ("birthDate <= @1970-03", []),
        ("@2020-01-01T08:00:00+08:00 = @2020-01-01T00:00:00Z", [True]),
        ("@2020-01-01T08:00:00 = @2020-01-01T00:00:00Z", []),
        ("(@2020-01-31 + 1 month) = @2020-02-29", [True]),
        ("(@2020-02-29 + 1 year) = @2021-02-28", [True]),
        ("(@2020-01-31 + 1 day) = @2020-02-01", [True]),
        ("(@2020-01-01T23:30:00Z + 1 hour) = @2020-01-02T00:30:00Z", [True]),
        ("(@2020-03-01 - 1 day) = @2020-02-29", [True]),
        ("today() > @2020", [True]),
        ("now() > @2020", [True]),
        ("@T10:30 < @T11:00", [True]),
        ("'2020-02'.toDate() = @2020-02", [True]),
    ],
)
def test_dates(expression, expected):
    assert found(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("value.value", [Decimal("1.50")]),
        ("value = 1500 'mg'", [True]),
        ("value > 1 'kg'", [False]),
        ("value < 1 'm'", []),
        ("value is Quantity", [True]),
        ("value.ofType(Quantity).unit", ["g"]),
        ("(value as string).exists()", [False]),
        ("component.value.ofType(string)", ["x"]),
        ("component.value.where($this is integer)", [1]),
        ("component.value.count()", [2]),
        ("value.value + 0.50 = 2", [True]),
        ("7 div 2", [3]),
        ("7 mod 2", [1]),
        ("1 / 0", []),
        ("-(2 * 3)", [-6]),
        ("(1.5).round(0)", [2]),
        ("(-1.5).abs()", [Decimal("1.5")]),
        ("'5'.toInteger() + 1", [6]),
        ("'x'.convertsToInteger()", [False]),
    ],
)
def test_numbers_quantities_and_types(expression, expected):
    assert found(expression, OBSERVATION) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("birthDate.extension('http://example.org/time').value = @1970-03-02T02:00:00Z", [True]),
        ("birthDate.hasValue()", [True]),
        ("name[1].given.extension('http://example.org/x').value", ["n"]),
        ("birthDate.getValue() = @1970-03-02", [True]),
        ("name.hasValue()", [False]),
        ("gender is code", [True]),
        ("gender is string", [True]),
        ("gender.as(string)", []),
        ("'male' is System.String", [True]),
        ("%resource is DomainResource", [True]),
        ("multipleBirth is integer", [True]),
        ("active.type().name", ["boolean"]),
        ("'<div/>'.htmlChecks()", [False]),
    ],
)
def test_what_fhir_adds(expression, expected):
    assert found(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'abc'.substring(1, 1)", ["b"]),
        ("'abc'.substring(9)", []),
        ("'abc'.indexOf('c')", [2]),
        ("'abc'.startsWith('a') and 'abc'.endsWith('c') and 'abc'.contains('b')", [True]),
        ("'abc'.upper() + 'X'.lower()", ["ABCx"]),
        ("'a1'.matches('[0-9]')", [True]),
        ("'a1'.matchesFull('[0-9]')", [False]),
        ("'a1'.replaceMatches('([a-z])', '$1$1')", ["aa1"]),
        ("'a,b'.split(',')", ["a", "b"]),
        ("'abc'.toChars().count()", [3]),
        (r"'it\'s \u4e2d'", ["it's 中"]),
        ("'YQ=='.decode('base64')", ["a"]),
        ("'a'.encode('hex')", ["61"]),
        ("' a '.trim().length()", [1]),
    ],
)
def test_text(expression, expected):
    assert found(expression) == expected


@pytest.mark.parametrize("expression", ["name.", "name.where(", "a b", "#", "", "'open", "1 +", "x" * 30_000])
def test_what_is_no_expression_is_refused(expression):
    with pytest.raises(fhirpath.NotFhirPathError):
        fhirpath.compiled(expression)


@pytest.mark.parametrize("expression", ["nobody()", "name.exists(1, 2, 3)", "name.lowBoundary()"])
def test_a_function_that_nobody_knows_cannot_be_compiled(expression):
    with pytest.raises(fhirpath.UndecidedError):
        fhirpath.compiled(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "name.single()",
        "name > 1",
        "1 > 'a'",
        "%nobody",
        "name.given.substring(0)",
        "gender.memberOf('http://example.org')",
        "'a'.matches('(')",
        "(1 | 2) + 1",
    ],
)
def test_what_makes_no_sense_for_the_data_is_undecided(expression):
    with pytest.raises(fhirpath.UndecidedError):
        found(expression)


def test_work_is_bounded():
    many = {"resourceType": "Patient", "name": [{"given": [str(n) for n in range(2000)]}]}
    with pytest.raises(fhirpath.UndecidedError):
        found("name.given.where(%resource.descendants().exists())", many)


def test_compiled_expressions_are_kept():
    assert fhirpath.compiled("name.given") is fhirpath.compiled("name.given")
