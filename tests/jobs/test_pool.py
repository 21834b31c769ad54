"""The processes of a worker's pool: when one may be born, and when one is replaced."""

from __future__ import annotations

import gc
import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import billiard.pool
import psutil
import pytest

from stonehand import config
from stonehand.jobs.broker import engine
from stonehand.jobs.worker import presence, serving, starvation, watchdog


def test_no_process_is_born_while_the_pulse_beats() -> None:
    """It would inherit locks that the beat holds, such as that of a module being loaded, and wait for them for ever."""
    beats, ended = threading.Event(), list[bool]()

    def beat() -> None:
        with serving._still:
            beats.set()
            threading.Event().wait(0.2)
            ended.append(True)

    pulse = threading.Thread(target=beat)
    pulse.start()
    beats.wait()
    child = os.fork()
    if child == 0:
        os._exit(0 if ended and serving._still.acquire(blocking=False) else 1)
    pulse.join()
    assert os.waitpid(child, 0)[1] == 0
    assert serving._still.acquire(blocking=False)
    serving._still.release()


def test_one_at_leisure_is_replaced_for_what_it_has_put_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for what it weighed from the start: its heir would weigh as much, and be replaced in its turn."""
    runner = SimpleNamespace(is_at_leisure=lambda: False)
    monkeypatch.setattr(serving, "_runner", runner)
    monkeypatch.setattr(serving, "_at_birth", serving._rss())
    work = b"x" * (engine.HEAVY * 1024 + 2**23)
    assert serving._weight() == 1
    runner.is_at_leisure = lambda: True
    assert serving._weight() > engine.HEAVY
    del work
    monkeypatch.setattr(serving, "_at_birth", serving._rss())
    assert serving._weight() < engine.HEAVY


def test_one_that_holds_more_than_the_settings_allow_is_replaced_while_there_is_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "_runner", SimpleNamespace(is_at_leisure=lambda: False))
    monkeypatch.setattr(serving, "_at_birth", 0)
    most = config.settings().worker_max_memory_mb * 1024
    monkeypatch.setattr(serving, "_rss", lambda: most * 2)
    monkeypatch.setattr(serving, "_own", lambda: most - 1)  # the rest are files that others have mapped, too
    assert serving._weight() == 1
    monkeypatch.setattr(serving, "_own", lambda: most)
    assert serving._weight() > engine.HEAVY


@pytest.mark.parametrize(
    ("own", "files", "count"),
    [
        ("4:memory:/a/b\n0::/\n", {"memory/a/b/memory.oom_control": "under_oom 0\noom_kill 4\n"}, 4),
        ("4:memory:/docker/x\n0::/\n", {"memory/memory.oom_control": "oom_kill 2\n"}, 2),
        ("0::/system.slice/x.service\n", {"system.slice/x.service/memory.events": "oom 9\noom_kill 3\n"}, 3),
        ("0::/\n", {"memory.events": "oom_kill 1\noom_group_kill 7\n"}, 1),
        ("0::/\n", {}, 0),
    ],
)
def test_what_the_system_ends_for_lack_of_memory_is_counted(
    own: str, files: dict[str, str], count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "own").write_text(own)
    monkeypatch.setattr(starvation, "OWN", tmp_path / "own")
    monkeypatch.setattr(starvation, "ROOT", tmp_path)
    assert starvation._killed() == count


def test_a_worker_that_was_told_to_stop_ends_when_its_pool_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal to the group ends the pool at once; Celery would wait for bells that it held."""
    busy, dead = (SimpleNamespace(status=lambda state=state: state) for state in ("sleeping", psutil.STATUS_ZOMBIE))
    steps, found = list[object](), [[busy, dead], [busy], [dead]]
    monkeypatch.setattr(psutil.Process, "children", lambda _: found.pop(0))
    monkeypatch.setattr(time, "sleep", steps.append)
    monkeypatch.setattr(os, "_exit", lambda code: steps.append(f"exit {code}"))
    serving.end_when_alone()
    assert steps == [1, 1, serving.LINGERING, "exit 0"]


def test_a_pool_that_is_being_born_is_not_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine that takes longer than the looks of the watchdog, which ended one worker after the other."""
    ages = [watchdog.YOUTH * presence.EVERY + 5]
    monkeypatch.setattr(
        psutil.Process,
        "children",
        lambda _: [SimpleNamespace(create_time=lambda age=age: time.time() - age) for age in ages],
    )
    assert not watchdog.is_being_born()
    ages.append(watchdog.YOUTH * presence.EVERY - 5)
    assert watchdog.is_being_born()


def test_one_that_ends_does_not_wait_long_for_a_worker_that_has_stopped_listening(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bell that was handed over in the moment of the stop is answered, but nobody reads that it was."""
    waited = list[float]()
    for name in ("mem_rss", "GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT"):
        monkeypatch.setattr(billiard.pool, name, getattr(billiard.pool, name))
    monkeypatch.setattr(billiard.pool.time, "sleep", waited.append)
    serving._adapt_pool()
    process = billiard.pool.Worker.__new__(billiard.pool.Worker)
    process.on_ready_counter = SimpleNamespace(value=0)
    assert not process._ensure_messages_consumed(completed=1)
    assert 0 < sum(waited) <= 1.5


def test_the_collector_leaves_alone_what_was_loaded() -> None:
    child = os.fork()
    if child == 0:
        gc.unfreeze()
        serving._settle_memory()
        os._exit(0 if gc.get_freeze_count() > 1000 and gc.get_threshold()[0] == serving.YOUNG else 1)
    assert os.waitpid(child, 0)[1] == 0
