"""The words for what is wrong with the answers to a questionnaire. https://hl7.org/fhir/R4/questionnaireresponse.html"""

from profiles.r4.issues import Issue, Wording
from profiles.validation.wordings_bundles import worded


def found(key: str, expression: str, **words: str) -> Issue:
    return worded(WORDINGS, key, expression, words)


WORDINGS = {
    "FD-ANSWER-UNKNOWN": Wording(
        "not-found",
        "问卷中没有此 linkId 的条目。",
        "The questionnaire has no item with this linkId.",
    ),
    "FD-ANSWER-MISPLACED": Wording(
        "structure",
        "问卷中此 linkId 的条目不在这一层，请移到其所属条目之下。",
        "The item with this linkId stands elsewhere in the questionnaire; move it below the item it belongs to.",
    ),
    "FD-ANSWER-ORDER": Wording(
        "structure",
        "条目的顺序与问卷不同，请按问卷的顺序排列。",
        "The items are not in the order of the questionnaire.",
    ),
    "FD-ANSWER-REQUIRED": Wording(
        "required",
        "必答条目没有回答。",
        "A required item has no answer.",
    ),
    "FD-ANSWER-DISABLED": Wording(
        "business-rule",
        "按问卷的启用条件 (enableWhen)，此条目未启用，不应有回答。",
        "By the conditions of the questionnaire (enableWhen) the item is not enabled, and has no answer.",
    ),
    "FD-ANSWER-REPEATED": Wording(
        "business-rule",
        "问卷不允许此条目重复，只能有一个。",
        "The item does not repeat in the questionnaire; there is one at most.",
    ),
    "FD-ANSWER-TOO-FEW": Wording(
        "business-rule",
        "至少要有 {least} 个。",
        "At least {least} are needed.",
    ),
    "FD-ANSWER-TOO-MANY": Wording(
        "business-rule",
        "最多允许 {most} 个。",
        "At most {most} are allowed.",
    ),
    "FD-ANSWER-NOT-ALLOWED": Wording(
        "structure",
        "{type} 类型的条目不能有回答。",
        "An item of type {type} has no answers.",
    ),
    "FD-ANSWER-ITEMS": Wording(
        "structure",
        "{type} 类型的条目下不能直接有子条目；问题的子条目放在 answer.item 中。",
        "An item of type {type} has no items of its own; those below a question stand in answer.item.",
    ),
    "FD-ANSWER-TYPE": Wording(
        "value",
        "{type} 类型的条目，回答应为：{allowed}。",
        "The answer to an item of type {type} is one of: {allowed}.",
    ),
    "FD-ANSWER-OPTION": Wording(
        "code-invalid",
        "回答不在问卷给出的选项 (answerOption) 中。",
        "The answer is not one of the options of the questionnaire (answerOption).",
    ),
    "FD-ANSWER-EXCLUSIVE": Wording(
        "business-rule",
        "所选为排他选项，不能与其他回答同时选择。",
        "The option is exclusive: nothing else is selected beside it.",
    ),
    "FD-ANSWER-VALUE-SET": Wording(
        "code-invalid",
        "回答不在值集 {values} 中。",
        "The answer is not in value set {values}.",
    ),
    "FD-ANSWER-UNDECIDED": Wording(
        "not-found",
        "无法判断回答是否在值集 {values} 中：这里没有其全部内容。",
        "It cannot be told whether the answer is in value set {values}: its content is not all here.",
        "warning",
    ),
    "FD-ANSWER-LONG": Wording(
        "too-long",
        "回答超过 {most} 个字符。",
        "The answer is longer than {most} characters.",
    ),
    "FD-ANSWER-SHORT": Wording(
        "value",
        "回答不足 {least} 个字符。",
        "The answer is shorter than {least} characters.",
    ),
    "FD-ANSWER-LINES": Wording(
        "value",
        "string 类型的回答不应换行；长文本用 text 类型。",
        "The answer to an item of type string should be one line; long texts are for items of type text.",
        "warning",
    ),
    "FD-ANSWER-FORMAT": Wording(
        "value",
        "回答不符合问卷要求的格式 (regex)。",
        "The answer does not have the format that the questionnaire asks for (regex).",
    ),
    "FD-ANSWER-FORMAT-UNDECIDED": Wording(
        "not-supported",
        "问卷的 regex 有误或可能极慢，未检查回答的格式。",
        "The regex of the questionnaire is faulty or could be very slow, so the format of the answer is not checked.",
        "warning",
    ),
    "FD-ANSWER-DECIMALS": Wording(
        "value",
        "小数位数最多 {most} 位。",
        "At most {most} decimal places are allowed.",
    ),
    "FD-ANSWER-LOW": Wording(
        "value",
        "回答小于问卷允许的最小值。",
        "The answer is less than the questionnaire allows.",
    ),
    "FD-ANSWER-HIGH": Wording(
        "value",
        "回答大于问卷允许的最大值。",
        "The answer is greater than the questionnaire allows.",
    ),
    "FD-ANSWER-INCOMPARABLE": Wording(
        "value",
        "回答的单位与问卷的界限无法比较；请用可换算的 UCUM 单位。",
        "The unit of the answer cannot be compared with the limit of the questionnaire; use UCUM units of one kind.",
    ),
    "FD-ANSWER-UNIT": Wording(
        "value",
        "单位不是问卷允许的单位。",
        "The unit is not one that the questionnaire allows.",
    ),
    "FD-ANSWER-MIME": Wording(
        "value",
        "附件的类型 (contentType) 不是问卷允许的：{allowed}。",
        "The contentType of the attachment is not one that the questionnaire allows: {allowed}.",
    ),
    "FD-ANSWER-SIZE": Wording(
        "too-long",
        "附件过大，最多 {most} 字节。",
        "The attachment is too large; at most {most} bytes.",
    ),
    "FD-ANSWER-TARGET": Wording(
        "value",
        "这里只能引用：{allowed}。",
        "A reference here may lead to: {allowed}.",
    ),
    "FD-ANSWER-PERIOD": Wording(
        "business-rule",
        "填写日期 (authored) 不在问卷的有效期 (effectivePeriod) 内。",
        "The response was authored outside the effectivePeriod of the questionnaire.",
        "warning",
    ),
}
"""By key. No wording has room for an answer, which may be personal."""
