"""The health assessment report of annex 2 (SH-A2), told from the chart. https://hl7.org/fhir/R4/composition.html"""

from conformance.region.chart import Chart, Term
from conformance.region.elements import HL7, concept, link, moment
from conformance.region.findings import Findings, findings, told
from conformance.region.measurements import HEIGHT, WEIGHT, Met
from profiles import policy
from profiles.canonical import concept as own
from profiles.canonical import naming_system
from profiles.json import Resource

_TITLES = {
    "report-note": "评估报告说明",
    "basic-info": "个人基本信息",
    "contract-info": "签约信息",
    "health-status": "健康状况",
    "physiological-indicators": "生理指标",
    "lifestyle": "生活方式",
    "risk-assessment": "健康风险评估",
    "management-plan": "健康管理方案",
    "main-problems": "主要健康风险和问题",
    "lifestyle-advice": "饮食、运动、生活方式与中医建议",
    "abnormal-follow-up": "异常指标的进一步检查、检验或转诊",
    "management-advice": "管理建议与随访计划",
    "community-services": "社区特色服务",
    "signature": "家庭医生签字",
}
_RISKED = "十年内心脑血管病"
_RISKS = {"low": ("低危", 3), "moderate": ("中危", 7), "high": ("高危", 12)}
"""In words, and about how likely, in %."""
_SEXES = {"male": "男", "female": "女"}
_YES_NO = {True: "是", False: "否"}


def write(chart: Chart, met: Met, term: Term) -> None:
    """The RiskAssessment and the report of a check-up of an adult who has been asked, under the contract of the day."""
    found = findings(chart, met)
    risk = chart.add("RiskAssessment", "risk", _risk(chart, met, found))
    sections = [
        *_resident(chart, met, term, found),
        *_health(met, found),
        _section("risk-assessment", f"{_RISKED}：{_RISKS[found.risk][0]}", risk),
        {**_section("management-plan", "见以下各项"), "section": _plan(found)},
        _section("signature", met.day.isoformat(), chart.person.place.doctor),
    ]
    chart.add("Composition", "report", {**_head(chart, met, term), "section": sections})


def _risk(chart: Chart, met: Met, found: Findings) -> Resource:
    words, percent = _RISKS[found.risk]
    likely = concept(f"{HL7}/risk-probability", found.risk, words)
    return {
        "status": "final",
        "subject": chart.subject,
        "encounter": link(met.encounter),
        "occurrenceDateTime": met.at,
        "performer": link(chart.person.place.doctor),
        "basis": [link(_reference(one)) for one in found.seen],
        "prediction": [{"outcome": {"text": _RISKED}, "probabilityDecimal": percent, "qualitativeRisk": likely}],
    }


def _head(chart: Chart, met: Met, term: Term) -> Resource:
    where, at = chart.person.place, moment(met.day, 18 * 60)
    number = f"HA-{met.day:%Y%m%d}-{chart.person.serial}"
    return {
        "identifier": {"system": naming_system("assessment-no"), "value": number},
        "status": "final",
        "type": own("document-type", "health-assessment-report"),
        "category": [own("document-category", "EHR")],
        "subject": chart.subject,
        "encounter": link(met.encounter),
        "date": at,
        "author": [link(where.doctor)],
        "title": f"{where.district_name}{where.centre_name}健康评估报告",
        "confidentiality": "N",
        "attester": [{"mode": "professional", "time": at, "party": link(where.practitioner)}],
        "custodian": link(where.centre),
        "event": [
            {
                "code": [own("composition-event", "assessment-cycle")],
                "period": {"start": term.start.isoformat(), "end": term.end.isoformat()},
                "detail": [link(term.episode)],
            }
        ],
    }


def _resident(chart: Chart, met: Met, term: Term, found: Findings) -> list[Resource]:
    one, where = chart.person, chart.person.place
    body = [_reference(found.measured(kind)) for kind in (HEIGHT, WEIGHT)]
    return [
        _section("report-note", f"依据{met.day}的体检和此前的健康档案，供签约居民参考；人物与事项均为虚构"),
        _section("basic-info", f"{_SEXES[one.gender]}，{policy.age(one.birth, met.day)}岁", one.reference, *body),
        _section("contract-info", f"{term.start}至{term.end}", term.episode, where.team, where.centre),
    ]


def _health(met: Met, found: Findings) -> list[Resource]:
    values = [*found.seen, *found.before]
    before = "，".join(map(told, found.before)) or "无历史数据"
    habits = [f"{item['text']}：{_YES_NO[item['answer'][0]['valueBoolean']]}" for item in found.answers["item"]]
    return [
        _section("health-status", found.illness, met.encounter, *map(_reference, found.conditions)),
        _section(
            "physiological-indicators",
            f"{'，'.join(map(told, found.seen))}；上次：{before}",
            *map(_reference, values),
        ),
        _section("lifestyle", "；".join(habits), _reference(found.answers)),
    ]


def _plan(found: Findings) -> list[Resource]:
    high = "、".join(found.high)
    problems = "，".join((found.illness, *([f"{high}偏高"] if high else [])))
    return [
        _section("main-problems", problems),
        _section("lifestyle-advice", "清淡饮食，每周运动5次，每次30分钟；起居有常，可习八段锦"),
        *([_section("abnormal-follow-up", f"3个月内复查{high}")] if high else []),
        _section("management-advice", "每季度随访1次" if found.conditions else "每年体检1次"),
        _section("community-services", "中医体质辨识，健康讲座"),
    ]


def _section(code: str, text: str, *entries: str) -> Resource:
    """`text` without characters that mean something in XHTML."""
    section = {
        "title": _TITLES[code],
        "code": own("health-assessment-section", code),
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'},
    }
    return {**section, "entry": [link(one) for one in entries]} if entries else section


def _reference(one: Resource) -> str:
    return f"{one['resourceType']}/{one['id']}"
