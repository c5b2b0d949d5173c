"""The words for what is wrong with a Bundle, in both languages. https://hl7.org/fhir/R4/bundle.html"""

from collections.abc import Mapping

from profiles.r4.issues import Issue, Wording


def worded(table: Mapping[str, Wording], key: str, expression: str, words: Mapping[str, str]) -> Issue:
    """The issue of that key in a table of wordings, at that place."""
    wording = table[key]
    zh, en = wording.zh.format_map(words), wording.en.format_map(words)
    return Issue(wording.severity, wording.code, expression, key, zh, en)


def found(key: str, expression: str, **words: str) -> Issue:
    return worded(WORDINGS, key, expression, words)


WORDINGS = {
    "bdl-1": Wording(
        "invariant",
        "total 只能用于检索结果 (searchset) 与历史 (history)，请删除。",
        "A total is only for a search set or a history; remove it.",
    ),
    "bdl-2": Wording(
        "invariant",
        "entry.search 只能用于检索结果 (searchset)，请删除。",
        "entry.search is only for a search set; remove it.",
    ),
    "bdl-3": Wording(
        "invariant",
        "batch、transaction、history 的每个条目必须有 request，其他类型不得有。",
        "Every entry of a batch, transaction or history has a request, and no entry of another type has one.",
    ),
    "bdl-4": Wording(
        "invariant",
        "batch-response、transaction-response、history 的每个条目必须有 response，其他类型不得有。",
        "Every entry of a batch-response, transaction-response or history has a response, and no other entry has one.",
    ),
    "bdl-5": Wording(
        "invariant",
        "条目必须有 resource，除非有 request 或 response。",
        "An entry has a resource unless it has a request or a response.",
    ),
    "bdl-7": Wording(
        "invariant",
        "同一 Bundle 中 fullUrl 不得重复，除非 meta.versionId 不同。",
        "A fullUrl is unique in a Bundle, unless the meta.versionId differ.",
    ),
    "bdl-8": Wording(
        "invariant",
        "fullUrl 不得指向特定版本 (/_history/)。",
        "A fullUrl is not specific to a version (/_history/).",
    ),
    "bdl-9": Wording(
        "invariant",
        "文档必须有 identifier，且有 system 与 value。",
        "A document has an identifier with a system and a value.",
    ),
    "bdl-10": Wording("invariant", "文档必须有日期 (timestamp)。", "A document has a date (timestamp)."),
    "bdl-11": Wording(
        "invariant",
        "文档的第一个资源必须是 Composition。",
        "The first resource of a document is a Composition.",
    ),
    "bdl-12": Wording(
        "invariant",
        "消息的第一个资源必须是 MessageHeader。",
        "The first resource of a message is a MessageHeader.",
    ),
    "FD-BUNDLE-FULLURL-REQUIRED": Wording(
        "required",
        "除 batch、transaction 及其应答外，带资源的条目必须有 fullUrl。",
        "Other than in a batch, a transaction or a response to one, an entry with a resource has a fullUrl.",
    ),
    "FD-BUNDLE-FULLURL-ABSOLUTE": Wording(
        "value",
        "fullUrl 必须是绝对 URL（如 https://…、urn:uuid:…、urn:oid:…）。",
        "The fullUrl is an absolute URL (such as https://…, urn:uuid:…, urn:oid:…).",
    ),
    "FD-BUNDLE-FULLURL-URN": Wording(
        "value",
        "urn:uuid: 之后应为小写 UUID，urn:oid: 之后应为 OID。",
        "After urn:uuid: comes a UUID in lower case, after urn:oid: an OID.",
    ),
    "FD-BUNDLE-FULLURL-ID": Wording(
        "value",
        "fullUrl 是 RESTful 地址，必须以该资源的 /类型/id 结尾。",
        "The fullUrl is a RESTful address: it ends with the /Type/id of the resource.",
    ),
    "FD-BUNDLE-EMPTY": Wording(
        "required",
        "文档或消息至少要有一个条目。",
        "A document or a message has at least one entry.",
    ),
    "FD-BUNDLE-UNRESOLVED": Wording(
        "not-found",
        "Bundle 中没有此引用指向的资源；相对引用按本条目的 fullUrl 解析。",
        "The resource of this reference is not in the Bundle; a relative one is resolved by the fullUrl of its entry.",
    ),
    "FD-BUNDLE-AMBIGUOUS": Wording(
        "multiple-matches",
        "此引用在 Bundle 中对应多个资源，请使引用唯一。",
        "This reference leads to several resources of the Bundle; make it lead to one.",
    ),
    "FD-BUNDLE-VERSION": Wording(
        "not-found",
        "Bundle 中有此资源，但没有引用所要的版本 (meta.versionId)。",
        "The Bundle has the resource, but not in the version of the reference (meta.versionId).",
    ),
    "FD-BUNDLE-URN": Wording(
        "not-found",
        "urn 引用在 Bundle 中找不到对应的 fullUrl，收到者无法解析。",
        "The URN is the fullUrl of no entry, so that nobody can resolve the reference.",
        "warning",
    ),
    "FD-BUNDLE-UNREACHABLE": Wording(
        "structure",
        "从 Composition 出发（正向或反向）无法到达此条目；文档只包含相关资源。",
        "The entry cannot be reached from the Composition, forward or backward; a document holds only what it needs.",
    ),
    "FD-BUNDLE-BACKWARD": Wording(
        "structure",
        "只能反向到达此条目；文档中仅 Provenance 可以如此。",
        "The entry is reached only backward, which in a document is for Provenance.",
        "warning",
    ),
    "FD-BUNDLE-UNUSED": Wording(
        "structure",
        "从 MessageHeader 出发无法到达此条目，请确认消息是否需要它。",
        "The entry cannot be reached from the MessageHeader; check whether the message needs it.",
        "warning",
    ),
    "FD-BUNDLE-LINK-REPEATED": Wording(
        "business-rule",
        "同一关系的链接只能有一个。",
        "There is one link of a relation at most.",
    ),
    "FD-BUNDLE-LINK-PAGING": Wording(
        "business-rule",
        "分页链接 (first、previous、next、last) 只用于检索结果与历史。",
        "Links of paging (first, previous, next, last) are for search sets and histories only.",
    ),
    "FD-BUNDLE-NO-SELF": Wording(
        "business-rule",
        "检索结果应有 self 链接，说明检索的是什么。",
        "A search set should have a self link that says what was searched for.",
        "warning",
    ),
    "FD-BUNDLE-NO-MODE": Wording(
        "business-rule",
        "检索结果的条目应有 search.mode (match、include、outcome)。",
        "The entries of a search set should have a search.mode (match, include, outcome).",
        "warning",
    ),
    "FD-BUNDLE-NO-ID": Wording(
        "required",
        "检索结果中的资源必须有 id。",
        "A resource of a search set has an id.",
    ),
    "FD-BUNDLE-OUTCOME": Wording(
        "business-rule",
        "search.mode 为 outcome 的条目必须是 OperationOutcome。",
        "An entry whose search.mode is outcome is an OperationOutcome.",
    ),
    "FD-BUNDLE-MATCH": Wording(
        "business-rule",
        "search.mode 为 match，但资源类型不是 self 链接所检索的：{types}。",
        "The search.mode is match, but the type of the resource is not what the self link searches for: {types}.",
    ),
    "FD-BUNDLE-REQUEST-URL": Wording(
        "value",
        "request.url 与 method 不符；{method} 应为：{form}。",
        "The request.url does not fit the method; a {method} has {form}.",
    ),
    "FD-BUNDLE-REQUEST-TYPE": Wording(
        "value",
        "request.url 的资源类型或 id 与条目中的资源不符。",
        "The type or id in request.url is not that of the resource in the entry.",
    ),
    "FD-BUNDLE-REQUEST-RESOURCE": Wording(
        "required",
        "{method} 请求必须带 resource。",
        "A {method} has a resource.",
    ),
    "FD-BUNDLE-REQUEST-REPEATED": Wording(
        "business-rule",
        "事务中不得有两个条目改动同一资源。",
        "No two entries of a transaction change the same resource.",
    ),
}
"""By key: HL7's where there is a constraint. No wording has room for a value of the Bundle."""
