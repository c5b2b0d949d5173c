"""What the suite asks of a feed, and where it is said."""

from conformance.checks import shall, should

_MLLP = "https://www.hl7.org/documentcenter/public/wg/inm/mllp_transport_specification.PDF"
_V24 = "https://www.hl7.eu/HL7v2x/v24/std24/ch02.htm"

ACKNOWLEDGED = shall(
    "v2-acknowledged",
    f"{_V24}#ack-rules",
    "每条消息都有应答，MSA-2 回显 MSH-10",
    "every message is acknowledged, MSA-2 repeating MSH-10",
)
CHARSET = shall(
    "v2-charset",
    f"{_V24}#MSH-18",
    "按 MSH-18 解码（GB 18030 先解码后切分），并以同一字符集应答",
    "decoded by MSH-18, GB 18030 before it is split, and answered in the same character set",
)
LENIENT = should("v2-segment-ends", f"{_V24}#segments", r"接受以 \n 结尾的段", r"segments that end in \n are accepted")
STREAM = shall(
    "v2-stream",
    _MLLP,
    "按 MLLP 的起止符切分字节流，不按网络包",
    "frames are cut out of the stream by their start and end blocks, not by packets",
)
WHOLE = shall(
    "v2-whole-frames",
    _MLLP,
    "没有结束符的消息不被接受",
    "a message without an end block is not accepted",
)
ONCE = shall(
    "v2-once",
    f"{_V24}#MSH-10",
    "重复发送的消息得到相同应答，只生效一次",
    "a message sent again gets the same answer, and takes effect once",
)
REFUSED = shall(
    "v2-refused",
    f"{_V24}#ack-rules",
    "无法处理的消息以 AE 或 AR 应答并说明原因 (ERR)，不产生就诊",
    "a message that cannot be processed is answered AE or AR with its reason (ERR), and makes no Encounter",
)
VERSION = should(
    "v2-version",
    f"{_V24}#MSH-12",
    "不支持的 HL7 版本应被拒绝",
    "a version of HL7 that does not exist is refused",
)
LARGE = shall(
    "v2-large",
    "https://www.rfc-editor.org/rfc/rfc2119",
    "很大的消息得到应答，之后仍能继续服务",
    "a very large message is answered, and the feed goes on serving",
)
ENHANCED = shall(
    "v2-enhanced-mode",
    f"{_V24}#enhanced",
    "MSH-15、MSH-16 决定应答方式",
    "MSH-15 and MSH-16 decide on the acknowledgement",
)
ADMITTED = shall(
    "v2-adt-encounter",
    "https://hl7.org/fhir/uv/v2mappings/",
    "ADT 事件在 FHIR 一侧表现为就诊 (Encounter) 的变化",
    "ADT events show on the FHIR side as the state of an Encounter",
)
TRACED = shall(
    "v2-provenance",
    "JS-2.2.2(1)",
    "消息的来源可查：Provenance 指向所产生的资源与原文",
    "where it came from can be told: a Provenance leads to what a message made and to its bytes",
)
UNKNOWN = shall(
    "v2-unknown-person",
    "JS-2.2.2(1)",
    "查无此人的消息被保留待人工处理，不归到他人名下",
    "a message about nobody known is kept for a person to look into, and put under nobody else",
)
