"""What every index of vectors must do, whoever holds it: the same tests for each kind, from three processes at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from uuid import UUID

import numpy as np
import pytest

from stonehand.db import new_id
from stonehand.vectors.errors import VectorUnfit
from tests.vectors.conftest import Told, opened, rows

READER = """
import json, os, sys
from tests.vectors.conftest import opened, rows
index, given = opened(json.loads(sys.argv[1])), rows(300)
first = [index.nearest(each, 1)[0].id for each in given[:20]]
print(json.dumps({"pid": os.getpid(), "count": index.count(), "first": first}))
"""
WRITER = """
import json, sys, uuid
from tests.vectors.conftest import opened, rows
index, start = opened(json.loads(sys.argv[1])), int(sys.argv[2])
for at in range(start, start + 40, 8):
    index.put([str(uuid.UUID(int=number + 1)) for number in range(at, at + 8)], rows(300)[at : at + 8])
"""


def ids(count: int) -> list[str]:
    return [str(UUID(int=number + 1)) for number in range(count)]


def run(program: str, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.getcwd()})


def test_the_closest_come_first(told: Told) -> None:
    index, given = opened(told), rows(50)
    assert index.put(ids(50), given) == 50
    wanted = (given[7] + 0.3 * given[9]).astype(np.float32)
    found = index.nearest(wanted, 3)
    assert [each.id for each in found[:2]] == [ids(50)[7], ids(50)[9]]
    assert [each.cosine for each in found] == sorted((each.cosine for each in found), reverse=True)
    exact = float(given[7] @ wanted / np.linalg.norm(wanted))
    assert found[0].cosine == pytest.approx(exact, abs=0.002)
    assert index.nearest(wanted, 0) == []
    assert len(index.nearest(wanted, 500)) == 50


def test_an_empty_index_answers(told: Told) -> None:
    index = opened(told)
    assert (index.count(), index.nearest(rows(1)[0], 5), index.remove([new_id()])) == (0, [], 0)
    index.clear()
    assert index.put([], rows(0)) == 0


def test_putting_again_replaces(told: Told) -> None:
    index, given = opened(told), rows(4)
    one, other = new_id(), new_id()
    index.put([one, other], given[:2])
    index.put([one], given[2:3])
    assert index.count() == 2
    assert index.nearest(given[2], 1)[0].id == one
    assert index.nearest(given[0], 2)[0].cosine < 0.5


def test_what_is_removed_is_gone(told: Told) -> None:
    index, given = opened(told), rows(3)
    one, other, third = new_id(), new_id(), new_id()
    index.put([one, other, third], given)
    assert index.remove([one, new_id()]) == 1
    assert index.count() == 2
    assert one not in [each.id for each in index.nearest(given[0], 10)]
    index.clear()
    assert (index.count(), index.nearest(given[1], 10)) == (0, [])
    index.put([one], given[:1])
    assert [each.id for each in index.nearest(given[0], 10)] == [one]


def test_what_is_no_vector_is_refused(told: Told) -> None:
    index = opened(told)
    with pytest.raises(VectorUnfit, match="384"):
        index.put([new_id()], np.ones((1, 12), dtype=np.float32))
    with pytest.raises(VectorUnfit):
        index.put([new_id()], np.full((1, 384), np.nan, dtype=np.float32))
    with pytest.raises(VectorUnfit, match="384"):
        index.nearest(np.ones(12, dtype=np.float32), 1)


def test_three_processes_read_at_once(told: Told) -> None:
    opened(told).put(ids(300), rows(300))
    readers = [run(READER, json.dumps(told)) for _ in range(3)]
    said = [json.loads(each.communicate(timeout=120)[0]) for each in readers]
    assert len({each["pid"] for each in said}) == 3
    assert [each["count"] for each in said] == [300] * 3
    assert all(each["first"] == ids(300)[:20] for each in said)


def test_three_processes_write_at_once_and_a_fourth_sees_all(told: Told) -> None:
    index = opened(told)
    index.put(ids(300)[200:], rows(300)[200:])
    writers = [run(WRITER, json.dumps(told), str(start)) for start in (0, 40, 80)]
    for each in writers:
        each.communicate(timeout=120)
        assert each.returncode == 0
    assert index.count() == 220
    given = rows(300)
    assert [index.nearest(given[at], 1)[0].id for at in (0, 45, 90, 119, 250)] == [
        ids(300)[at] for at in (0, 45, 90, 119, 250)
    ]
