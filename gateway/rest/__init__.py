"""FHIR over HTTP, one module per concern; `routes` is the table of every URL. https://hl7.org/fhir/R4/http.html"""
