"""Our verdicts on HL7's published R4 validation cases, against those of the reference (HL7 Java) validator."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from profiles import structures, terminology
from profiles.validation import Validator
from tests.profiles.published import cases

LEAST = 0.85
"""Of all runs, the part in which the verdicts have to agree."""

DISAGREEMENTS: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "published" / "disagreements.toml").read_text("utf-8")
)
"""Name → reason: `missed` (only the reference finds an error), `strict` (only we do), `examples` that we refuse."""


def test_verdicts_agree_and_none_changes_silently(capsys: pytest.CaptureFixture[str]):
    total, agreed = Counter[str](), Counter[str]()
    found: dict[str, dict[str, str]] = {"missed": {}, "strict": {}}
    for run in cases.runs():
        ours = cases.errors(run)
        total[run.module] += 1
        if bool(ours) == run.error:
            agreed[run.module] += 1
        elif ours:
            found["strict"][run.name] = ", ".join(ours[:3])
        else:
            found["missed"][run.name] = " / ".join(run.where)
    with capsys.disabled():
        _print(total, agreed)
    for kind, names in found.items():
        new = {name: why for name, why in names.items() if name not in DISAGREEMENTS[kind]}
        assert not new, f"new disagreements ({kind}): list them in disagreements.toml, with the reason"
        assert DISAGREEMENTS[kind].keys() - names.keys() == set(), f"mended ({kind}): take them off disagreements.toml"
    assert agreed.total() / total.total() >= LEAST


def _print(total: Counter[str], agreed: Counter[str]) -> None:
    print()
    for module, count in sorted(total.items()):
        print(f"{module:20} {agreed[module]:4} of {count:4}")
    print(f"{'all':20} {agreed.total():4} of {total.total():4} = {agreed.total() / total.total():.1%}")


def test_no_false_alarm_on_official_examples():
    validator = Validator(structures.shipped(), terminology.shipped())
    refused = {}
    for name, resource in cases.examples():
        errors = [issue for issue in validator.check(resource) if issue.severity == "error"]
        if errors:
            refused[name] = ", ".join(f"{issue.key} {issue.expression}" for issue in errors[:3])
    new = {name: why for name, why in refused.items() if name not in DISAGREEMENTS["examples"]}
    assert not new
    assert DISAGREEMENTS["examples"].keys() - refused.keys() == set()


def test_every_case_is_run_or_has_a_reason_that_is_about_the_case():
    manifest = cases.manifest()
    names = [one["name"] for one in (*manifest["runs"], *manifest["excluded"])]
    assert len(manifest["runs"]) == 396
    assert {one["class"] for one in manifest["excluded"]} <= manifest["classes"].keys()
    assert len(names) > 1200


def test_every_disagreement_has_a_reason():
    assert all(reason.strip() for names in DISAGREEMENTS.values() for reason in names.values())
