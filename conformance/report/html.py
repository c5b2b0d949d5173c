"""A report as one HTML file that asks nothing of anybody: no script, no font, no image. https://html.spec.whatwg.org/"""

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from conformance.report import console
from conformance.report.document import Document
from conformance.report.words import VERDICTS, printable, software, verdict

_STYLE = Path(__file__).parent / "page.css"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def drawn(report: Document, stale: list[str]) -> str:
    body = "\n".join(
        [*_head(report, stale), *_filters(report), "<main>", *_matrix(report), *_checks(report), "</main>"]
    )
    return (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>一致性测试报告 Conformance report · {_text(report['target']['url'])}</title>\n"
        f"<style>\n{_STYLE.read_text('utf-8')}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _head(report: Document, stale: list[str]) -> Iterator[str]:
    yield '<header>\n<h1>一致性测试报告 <span class="en">Conformance report</span></h1>'
    for line in console.staleness(stale):
        yield f'<p class="stale">{_text(line)}</p>'
    if report["cutShort"]:
        yield f'<p class="cut">{_both(report["cutShort"])}</p>'
    yield "<dl>"
    for name, value in _facts(report):
        yield f"<dt>{name}</dt><dd>{_text(value)}</dd>"
    yield "</dl>\n</header>"


def _facts(report: Document) -> Iterator[tuple[str, str]]:
    target, preset = report["target"], report["preset"]
    yield "目标 target", target["url"]
    yield "软件 software", software(report)
    yield "FHIR", f"{report['fhirVersion']}（目标声明 the target says: {target['fhirVersion'] or '—'}）"
    yield "时间 time", f"{report['begun']}, {report['seconds']:.1f} s"
    yield "测试工具 tool", report["tool"]
    suites = (f"{one['zh']} {one['en']} {one['id']} {one['version']}" for one in report["suites"])
    yield "套件及版本 suites and versions", "; ".join(suites)
    yield "预设 preset", f"{preset['zh']} {preset['en']} ({preset['name']})"
    yield "输入 inputs", ", ".join(f"{name} = {value}" for name, value in report["inputs"].items()) or "—"
    if report["only"]:
        yield "仅选 only", ", ".join(report["only"])
    left = ", ".join(report["left"]) or "0"
    yield "测试数据 test data", f"已删除 removed {report['removed']}; 未删除 left {left}"


def _filters(report: Document) -> Iterator[str]:
    yield '<p class="hint">按结论筛选 <span class="en">filter by verdict</span></p>'
    for name, count in report["verdicts"].items():
        yield f'<input class="filter" type="checkbox" id="show-{name}" checked>'
        yield f'<label class="chip {name}" for="show-{name}">{_text(verdict(name))} {count}</label>'


def _matrix(report: Document) -> Iterator[str]:
    yield '<h2>要求覆盖 <span class="en">Requirements</span></h2>\n<table>\n<thead><tr>'
    for column in ("要求 requirement", "强度 strength", "结论 verdict", "检查项 checks"):
        yield f"<th>{column}</th>"
    yield "</tr></thead>\n<tbody>"
    for one in report["requirements"]:
        checks = " ".join(f'<a href="#{_text(name)}"><code>{_text(name)}</code></a>' for name in one["checks"])
        words = f"{_both(one)}<br>{_source(one['source'])}"
        cells = (words, one["strength"], _verdict(one["verdict"]), checks)
        yield f'<tr class="row-{one["verdict"]}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    yield "</tbody>\n</table>"


def _checks(report: Document) -> Iterator[str]:
    for suite in report["suites"]:
        yield f"<h2>{_both(suite)} <code>{_text(suite['id'])} {_text(suite['version'])}</code></h2>"
        for check in report["checks"]:
            if check["suite"] == suite["id"]:
                yield from _one(check)


def _one(check: Document) -> Iterator[str]:
    opened = " open" if check["verdict"] in {"fail", "error"} else ""
    yield f'<details class="row-{check["verdict"]}" id="{_text(check["id"])}"{opened}>'
    named = f'<span class="strength">{check["strength"]}</span> {_both(check)} <code>{_text(check["id"])}</code>'
    yield f"<summary>{_verdict(check['verdict'])} {named}</summary>\n<div>"
    if check["reason"]["zh"]:
        yield f'<p class="{check["verdict"]}">{_both(check["reason"])}</p>'
    yield f"<p>{_source(check['source'])} · {check['seconds']:.3f} s</p>"
    yield from _listed(one for one in check["assertions"] if one["exchange"] is None)
    for place, exchange in enumerate(check["exchanges"]):
        yield from _exchange(exchange)
        yield from _listed(one for one in check["assertions"] if one["exchange"] == place)
    yield "</div>\n</details>"


def _exchange(exchange: Document) -> Iterator[str]:
    asked, said = exchange["request"], exchange["response"]
    yield f"<p><code>{_text(asked['line'])} → {_text(said['status'])}</code> {said['milliseconds']} ms</p>"
    for part in (asked, said):
        headers = "\n".join(f"{name}: {value}" for name, value in part["headers"].items())
        shown = "\n\n".join(one for one in (headers, part["body"]) if one)
        if shown:
            yield f"<pre>{_text(shown)}</pre>"


def _listed(assertions: Iterable[Document]) -> Iterator[str]:
    rows = [f'<li class="{_met(one)}">{VERDICTS[_met(one)][0]} {_both(one)}</li>' for one in assertions]
    if rows:
        yield f"<ul>{''.join(rows)}</ul>"


def _met(assertion: Document) -> str:
    if assertion["met"]:
        return "pass"
    return "warning" if assertion["advice"] else "fail"


def _verdict(name: str) -> str:
    return f'<span class="verdict {name}">{_text(verdict(name))}</span>'


def _source(source: str) -> str:
    if source.startswith(("https://", "http://")):
        return f'<a href="{_text(source)}" rel="noreferrer">{_text(source)}</a>'
    return _text(source)


def _both(words: Document) -> str:
    return f'{_text(words["zh"])} <span class="en">{_text(words["en"])}</span>'


def _text(text: str) -> str:
    return escape(printable(str(text)))
