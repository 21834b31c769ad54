"""Who is given which file, where several processes share the tests."""

from __future__ import annotations

from collections import OrderedDict
from types import SimpleNamespace
from typing import Any

from tests.lanes import Lanes

FILES = ["tests/faults/test_a.py", "tests/acceptance/test_b.py", "tests/jobs/test_c.py", "tests/web/test_d.py"]


class Node:
    """One process."""

    def __init__(self, name: str) -> None:
        self.gateway, self.given = SimpleNamespace(id=name), list[str]()

    def send_runtest_some(self, numbers: list[int]) -> None:
        self.given += [FILES[number] for number in numbers]


def shared(*turns: Node) -> None:
    """Give each node a file in these turns."""
    lanes: Any = Lanes.__new__(Lanes)
    lanes.workqueue = OrderedDict((file, {f"{file}::test": False}) for file in FILES)
    lanes.assigned_work = {}
    lanes.registered_collections = {node: [f"{file}::test" for file in FILES] for node in turns}
    for node in turns:
        lanes._assign_work_unit(node)


def test_the_first_waits_and_the_others_do_the_rest() -> None:
    first, other = Node("gw0"), Node("gw1")
    shared(other, first, other, first)
    assert (first.given, other.given) == (FILES[:2], FILES[2:])


def test_who_has_nothing_left_helps_the_others() -> None:
    first, other = Node("gw0"), Node("gw1")
    shared(first, first, first, other)
    assert (first.given, other.given) == (FILES[:3], FILES[3:])
    shared(other, other, other)
    assert other.given[-3:] == [FILES[2], FILES[3], FILES[0]]


def test_only_long_tests_are_given_one_by_one() -> None:
    lanes: Any = Lanes.__new__(Lanes)
    assert lanes._split_scope("tests/jobs/test_c.py::test_it[a]") == "tests/jobs/test_c.py"
    assert lanes._split_scope("tests/faults/test_a.py::test_it[a]") == "tests/faults/test_a.py::test_it[a]"
