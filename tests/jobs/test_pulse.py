"""A worker's sign of life, given by a thread of the process whose pool forks."""

from __future__ import annotations

import os
import threading

from stonehand.jobs.worker import serving


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
