"""The FHIR we speak: definitions, validation, terminology and policy packs. Imports nothing of ours."""
