"""HL7 v2 segments as parts of FHIR resources, one file each. https://build.fhir.org/ig/HL7/v2-to-fhir/segment_maps.html"""
