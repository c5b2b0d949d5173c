"""A report as one HTML file that asks nothing of anybody: no script, no font, no image. https://html.spec.whatwg.org/"""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from conformance.report import conclusion, console
from conformance.report.document import Document
from conformance.report.words import VERDICTS, printable, software, verdict

_STYLE = Path(__file__).parent / "page.css"
_SHOWN = 6
"""Checks of a requirement that stand in its row."""
_WORSE = ("fail", "error", "not-run")
_END = '</main>\n<p class="signature">测试人 tester ________________ 日期 date ________________</p>'
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def drawn(report: Document, stale: list[str]) -> str:
    body = "\n".join(
        [*_head(report, stale), *_suites(report), *_filters(report), "<main>", *_matrix(report), *_checks(report), _END]
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
    met = "pass" if conclusion.proved(report) else "fail"
    yield f'<p class="conclusion {met}">{_text(conclusion.conclusion(report))}</p>'
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
    yield "预设 preset", f"{preset['zh']} {preset['en']} ({preset['name']})"
    yield "输入 inputs", ", ".join(f"{name} = {value}" for name, value in report["inputs"].items()) or "—"
    if report["only"]:
        yield "仅选 only", ", ".join(report["only"])
    left = ", ".join(report["left"]) or "0"
    yield "测试数据 test data", f"已删除 removed {report['removed']}; 未删除 left {left}"


def _suites(report: Document) -> Iterator[str]:
    yield '<table class="suites">\n<thead><tr><th>套件 suite</th><th>版本 version</th>'
    yield from (f'<th class="number">{zh} {en}</th>' for _, zh, en, _ in VERDICTS.values())
    yield "</tr></thead>\n<tbody>"
    for one in report["suites"]:
        verdicts = [check["verdict"] for check in report["checks"] if check["suite"] == one["id"]]
        numbers = [(name, verdicts.count(name)) for name in VERDICTS]
        cells = "".join(f'<td class="number {name}">{count or ""}</td>' for name, count in numbers)
        named = f'<a href="#suite-{_text(one["id"])}">{_both(one)}</a>'
        yield f"<tr><td>{named}</td><td><code>{_text(one['id'])} {_text(one['version'])}</code></td>{cells}</tr>"
    yield "</tbody>\n</table>"


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
    verdicts = {one["id"]: one["verdict"] for one in report["checks"]}
    for one in report["requirements"]:
        words = f"{_both(one)}<br><code>{_text(one['id'])}</code> {_source(one['source'])}"
        cells = (words, one["strength"], _verdict(one["verdict"]), _proofs(one["checks"], verdicts))
        yield f'<tr class="row-{one["verdict"]}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    yield "</tbody>\n</table>"


def _proofs(names: list[str], verdicts: Mapping[str, str]) -> str:
    """The checks of a requirement, the worse first; many of them behind their number."""
    order = [*_WORSE, *(one for one in VERDICTS if one not in _WORSE)]
    placed = sorted(names, key=lambda name: order.index(verdicts[name]))
    links = " ".join(_link(name, verdicts[name]) for name in placed)
    if len(names) <= _SHOWN:
        return links
    missed = sum(verdicts[name] in _WORSE for name in names)
    said = f"{len(names)} 项检查 checks" + (f"，未通过 {missed} did not pass" if missed else "")
    return f"<details><summary>{said}</summary>{links}</details>"


def _link(name: str, found: str) -> str:
    return f'<a class="{found}" href="#{_text(name)}"><code>{VERDICTS[found][0]} {_text(name)}</code></a>'


def _checks(report: Document) -> Iterator[str]:
    for suite in report["suites"]:
        version = f"<code>{_text(suite['id'])} {_text(suite['version'])}</code>"
        yield f'<h2 id="suite-{_text(suite["id"])}">{_both(suite)} {version}</h2>'
        for check in report["checks"]:
            if check["suite"] == suite["id"]:
                yield from _one(check)


def _one(check: Document) -> Iterator[str]:
    opened = " open" if check["verdict"] in {"fail", "error"} else ""
    yield f'<details class="row-{check["verdict"]}"{opened}>'
    named = f'<span class="strength">{check["strength"]}</span> {_both(check)} <code>{_text(check["id"])}</code>'
    reason = f'<br><span class="{check["verdict"]}">→ {_both(check["reason"])}</span>' if check["reason"]["zh"] else ""
    yield f"<summary>{_verdict(check['verdict'])} {named}{reason}</summary>"
    # A link to what is inside opens it. https://html.spec.whatwg.org/#ancestor-details-revealing-algorithm
    yield f'<div id="{_text(check["id"])}">'
    asked = f"<code>{_text(check['requirement'])}</code> {_source(check['source'])}"
    yield f"<p>{asked} · {check['seconds']:.3f} s</p>"
    yield from _listed(check, None)
    for place, exchange in enumerate(check["exchanges"]):
        yield from _exchange(exchange)
        yield from _listed(check, place)
    yield "</div>\n</details>"


def _exchange(exchange: Document) -> Iterator[str]:
    asked, said = exchange["request"], exchange["response"]
    yield f"<p><code>{_text(asked['line'])} → {_text(said['status'])}</code> {said['milliseconds']} ms</p>"
    for name, part in (("请求 request", asked), ("响应 response", said)):
        headers = "\n".join(f"{name}: {value}" for name, value in part["headers"].items())
        shown = "\n\n".join(one for one in (headers, part["body"]) if one)
        if shown:
            yield f'<p class="part">{name}</p>\n<pre>{_text(shown)}</pre>'


def _listed(check: Document, exchange: int | None) -> Iterator[str]:
    rows = []
    for one in check["assertions"]:
        if one["exchange"] == exchange:
            missed = "warning" if one["advice"] or check["strength"] != "SHALL" else "fail"
            met = "pass" if one["met"] else missed
            rows.append(f'<li class="{met}">{VERDICTS[met][0]} {_both(one)}</li>')
    if rows:
        yield f"<ul>{''.join(rows)}</ul>"


def _verdict(name: str) -> str:
    return f'<span class="verdict {name}">{_text(verdict(name))}</span>'


def _source(source: str) -> str:
    if source.startswith(("https://", "http://")):
        return f'<a href="{_text(source)}" rel="noreferrer">{_text(source)}</a>'
    return _text(source)


def _both(words: Document) -> str:
    """A TestScript speaks one language."""
    zh, en = _text(words["zh"]), _text(words["en"])
    return zh if zh == en else f'{zh} <span class="en">{en}</span>'


def _text(text: str) -> str:
    return escape(printable(str(text)))
