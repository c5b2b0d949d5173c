"""The story: a hospital admission reaches the family doctor, played over MLLP and checked over FHIR."""
