"""Patients and observations as hypothesis draws them: few ids and few values, so that they meet."""

from hypothesis import strategies as some

PATIENTS, OBSERVATIONS = 7, 9
NAMES = ("Ann", "Anna", "Bo", "ANNE", "Zhao", "Li")
people = some.fixed_dictionaries(
    {"id": some.integers(0, PATIENTS - 1).map("p{}".format), "resourceType": some.just("Patient")},
    optional={
        "gender": some.sampled_from(["female", "male", "other"]),
        "birthDate": some.sampled_from(["1949", "1949-10", "1949-10-01", "1960-01-01", "1988-04-17", "2001-12"]),
        "name": some.lists(
            some.fixed_dictionaries(
                {
                    "family": some.sampled_from(NAMES),
                    "given": some.lists(some.sampled_from(NAMES), min_size=1, max_size=2),
                }
            ),
            min_size=1,
            max_size=2,
        ),
    },
)
measurements = some.fixed_dictionaries(
    {
        "id": some.integers(0, OBSERVATIONS - 1).map("o{}".format),
        "resourceType": some.just("Observation"),
        "status": some.sampled_from(["final", "amended", "preliminary"]),
        "code": some.sampled_from("abc").map(lambda code: {"coding": [{"system": "urn:example:code", "code": code}]}),
        "subject": some.integers(0, PATIENTS - 1).map(lambda number: {"reference": f"Patient/p{number}"}),
    },
    optional={
        "effectiveDateTime": some.sampled_from(["1965-05", "2024", "2024-05-05", "2024-05-05T10:00:00+08:00", "2025"]),
        "valueQuantity": some.sampled_from([-1, 0, 2.5, 2.50, 10]).map(lambda value: {"value": value}),
    },
)
