"""SMART discovery: what a server publishes before anybody signs in. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html"""

from conformance.checks import Suite
from conformance.suites.smart_discovery import fields, serving

SUITE = Suite("smart_discovery", "SMART 发现", "SMART discovery", (*serving.CHECKS, *fields.CHECKS))
