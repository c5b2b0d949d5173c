"""Our implementation guide as a FHIR package, and the packages of others on a server."""
