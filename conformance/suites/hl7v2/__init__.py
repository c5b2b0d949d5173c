"""HL7 v2 over MLLP: the suite plays the hospital, and looks at the FHIR side. HL7 v2.4; https://hl7.org/fhir/uv/v2mappings/"""

from conformance.checks import Suite
from conformance.suites.hl7v2 import accepted, refused, streams

SUITE = Suite("hl7v2", "HL7 v2 消息", "HL7 v2 feeds", (*accepted.CHECKS, *refused.CHECKS, *streams.CHECKS))
