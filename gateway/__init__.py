"""The server: FHIR R4 over HTTP, and what family-doctor contracts mean. Imports profiles only."""
