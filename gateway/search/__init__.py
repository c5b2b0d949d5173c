"""One module per search parameter type, each with both halves: `rows` to index and `clause` to find.

https://hl7.org/fhir/R4/search.html
"""
