"""FHIR 4.0.1 as data: structures, search parameters, codes and compartments, compiled small. https://hl7.org/fhir/R4/"""
