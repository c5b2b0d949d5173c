from tests.profiles.validating import URL, element, found, keys, observation, patient, profile

ADULT = profile("Patient", element("Patient.birthDate", min=1), url="http://example.org/StructureDefinition/adult")
HL7 = "http://hl7.org/fhir/StructureDefinition/"


def about(*targets):
    return profile(
        "Observation", element("Observation.subject", type=[{"code": "Reference", "targetProfile": targets}])
    )


def test_a_profile_narrows_what_may_be_referred_to():
    one = about(f"{HL7}Patient")
    assert found(observation(subject={"reference": "Patient/1"}), one) == []
    issues = found(observation(subject={"reference": "Group/1"}), one)
    assert keys(issues) == [("FD-REFERENCE-TARGET", "Observation.subject")]
    logical = observation(subject={"type": "Group", "display": "x"})
    assert keys(found(logical, one)) == [("FD-REFERENCE-TARGET", "Observation.subject")]


def test_what_is_contained_meets_the_profile_of_the_target():
    def with_contained(**more):
        return observation(subject={"reference": "#p"}, contained=[patient(id="p", **more)])

    assert found(with_contained(birthDate="2000"), about(ADULT["url"]), ADULT) == []
    issues = found(with_contained(active=True), about(ADULT["url"]), ADULT)
    assert keys(issues) == [("FD-REFERENCE-PROFILE", "Observation.subject")]
    assert ADULT["url"] in issues[0].zh


def test_what_a_caller_resolves_meets_it_too():
    resource = observation(subject={"reference": "Patient/1"})
    one = about(ADULT["url"])
    assert found(resource, one, ADULT, resolve={"Patient/1": patient(birthDate="2000")}.get) == []
    issues = found(resource, one, ADULT, resolve={"Patient/1": patient(active=True)}.get)
    assert keys(issues) == [("FD-REFERENCE-PROFILE", "Observation.subject")]


def test_what_cannot_be_resolved_may_be_good():
    assert found(observation(subject={"reference": "Patient/1"}), about(ADULT["url"]), ADULT) == []


def test_a_caller_that_fails_to_resolve_ends_nothing():
    def broken(_reference):
        raise OSError("the network is down")

    assert found(observation(subject={"reference": "Patient/1"}), about(ADULT["url"]), ADULT, resolve=broken) == []


def test_one_of_several_profiles_is_enough():
    other = profile("Patient", element("Patient.active", min=1), url="http://example.org/StructureDefinition/active")
    one = about(ADULT["url"], other["url"])
    resource = observation(subject={"reference": "Patient/1"})
    assert found(resource, one, ADULT, other, resolve={"Patient/1": patient(active=True)}.get) == []


def test_references_are_resolved_inside_a_bundle():
    def bundle(reference, full_url, **more):
        entries = [
            {"fullUrl": "http://example.org/fhir/Observation/1", "resource": observation(id="1", subject=reference)},
            {"fullUrl": full_url, "resource": patient(id="2", **more)},
        ]
        entries[0]["resource"]["meta"] = {"profile": [URL]}
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    one = about(ADULT["url"])
    urn = "urn:uuid:5c1d9d9e-0d0a-4c0e-9d0a-0d0a4c0e9d0a"
    for reference, full_url in (
        ("Patient/2", "http://example.org/fhir/Patient/2"),
        ("http://example.org/fhir/Patient/2", "http://example.org/fhir/Patient/2"),
        (urn, urn),
    ):
        good = found(bundle({"reference": reference}, full_url, birthDate="2000"), one, ADULT, asked=())
        assert [issue for issue in good if issue.key.startswith("FD-REF")] == []
        bad = found(bundle({"reference": reference}, full_url, active=True), one, ADULT, asked=())
        assert ("FD-REFERENCE-PROFILE", "Bundle.entry[0].resource.subject") in keys(bad)


def test_profiles_that_refer_to_one_another_come_to_an_end():
    targets = [{"code": "Reference", "targetProfile": [URL]}]
    linked = profile("Patient", element("Patient.link"), element("Patient.link.other", type=targets))
    one, other = (
        patient(id=a, link=[{"other": {"reference": f"Patient/{b}"}, "type": "seealso"}]) for a, b in ("12", "21")
    )
    resolve = {"Patient/1": one, "Patient/2": other}.get
    assert found(one, linked, resolve=resolve) == []


def test_a_fragment_leads_to_what_is_contained():
    issues = found(observation(subject={"reference": "#nobody"}), asked=())
    assert keys(issues) == [("ref-1", "Observation.subject")]
