"""Refusals: one code each, named after the class, said in Chinese."""

import re
from collections import Counter

from shared.refusals import Refusal
from tests.architecture.tree import modules


def refusals() -> list[type[Refusal]]:
    """Every named refusal of the system; private ones word what a library said."""
    for _ in modules("shared", "services"):
        pass
    found, queue = [], [Refusal]
    while queue:
        kinds = queue.pop().__subclasses__()
        queue += kinds
        found += [k for k in kinds if k.__module__.startswith(("shared.", "services."))]
    return [kind for kind in found if not kind.__name__.startswith("_")]


def test_there_are_refusals_of_several_services() -> None:
    owners = {kind.__module__.split(".")[1] for kind in refusals()}
    assert {"refusals", "intake", "identity"} <= owners


def test_no_code_is_used_twice() -> None:
    counted = Counter(kind.code for kind in refusals())
    assert [code for code, times in counted.items() if times > 1] == []


def test_a_code_is_the_name_of_its_class() -> None:
    for kind in refusals():
        assert kind.code == re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(), kind


def test_every_refusal_has_a_title_in_chinese_and_says_what_it_means() -> None:
    for kind in refusals():
        assert re.fullmatch(r"[\u4e00-\u9fff≠、，]+", kind.title), kind
        assert kind.__doc__, kind


def test_a_refusal_answers_with_an_error_status() -> None:
    for kind in refusals():
        assert kind.status in {401, 403, 404, 409, 410, 412, 413, 422, 429, 503}, kind
