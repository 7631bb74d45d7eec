"""The alert rules speak of metrics that there are, and lead to a page that says what to do."""

import re
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

import shared.anchoring.taking
import shared.sweeping.sweeping
import shared.viewing.keeping
import shared.viewing.parking
from deploy.embedded.launcher import ROOT
from shared.viewing.parked import REASONS

GROUPS = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text("utf-8"))["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
LABELS = {
    metric._name: set(metric._labelnames)
    for metric in (
        shared.viewing.keeping.set_aside,
        shared.viewing.keeping.oldest_aside,
        shared.viewing.parking.discarded_total,
        shared.sweeping.sweeping.last_success,
        shared.sweeping.sweeping.failing_seconds,
        shared.anchoring.taking.last_anchor,
    )
}


def test_there_is_a_rule_for_a_failure_and_for_a_gap() -> None:
    assert {"SikuFactFailed", "SikuFactMissing"} <= {rule["alert"] for rule in RULES}


def test_a_sweep_that_stands_rings_after_ten_minutes_and_one_that_fails_after_a_day() -> None:
    found = {rule["alert"]: rule for rule in RULES}
    assert found["SikuSweepStands"]["expr"].endswith("> 600")
    assert found["SikuSweepSilent"]["for"] == "10m"
    assert found["SikuSweepFailing"]["expr"].endswith("> 86400")


def test_a_journal_without_an_anchor_for_26_hours_rings() -> None:
    found = {rule["alert"]: rule["expr"] for rule in RULES}
    assert found["SikuAnchorOld"].endswith(f"> {26 * 3600}")
    assert "absent" in found["SikuAnchorSilent"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_asks_for_metrics_that_there_are(rule: dict[str, Any]) -> None:
    known = {metric.name for metric in REGISTRY.collect()}
    asked = re.findall(r"siku_\w+", rule["expr"])
    assert asked
    for name in asked:
        assert name.removesuffix("_total") in known
        labels = LABELS[name.removesuffix("_total")]
        assert set(re.findall(r"by \((\w+)\)", rule["expr"])) <= labels
        assert set(re.findall(r"[{,](\w+)=", rule["expr"])) <= labels
    for reason in re.findall(r'reason="(\w+)"', rule["expr"]):
        assert reason in REASONS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_leads_to_the_page_that_says_what_to_do(rule: dict[str, Any]) -> None:
    path, _, anchor = rule["annotations"]["runbook"].partition("#")
    titles = re.findall(r"^#+ (.+)$", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    assert anchor in {title.lower().replace(" ", "-") for title in titles}
