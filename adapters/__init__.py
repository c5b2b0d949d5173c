"""The feeds: each turns one outside system's messages into FHIR messages. Imports mappings and profiles."""
