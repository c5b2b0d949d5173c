"""HL7 v2 data types as FHIR ones, one file each. https://build.fhir.org/ig/HL7/v2-to-fhir/datatype_maps.html"""
