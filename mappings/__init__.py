"""The translations: pure functions from outside formats to FHIR; no network, database or clock."""
