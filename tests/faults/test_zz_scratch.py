import time, psutil
import pytest
from tests.faults.test_slow_hosts import *
from tests.faults.test_slow_hosts import _parts
import sqlalchemy as sa
from stonehand.jobs.models import Attempt
pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

def cpu(p):
    t = 0
    for q in [p, *p.children(recursive=True)]:
        c = q.cpu_times(); t += c.user + c.system
    return t

@on("sqlite-filesystem")
def test_it(gatherers, web, stack):
    w = gatherers.start_worker(2)
    P = psutil.Process(w.pid); W = psutil.Process(web.process.pid)
    good, bad = web.urls(PAGES)
    gatherers.seconds_for([good.pop()])
    def snap(): 
        with gatherers.database.read() as s:
            n = s.scalar(sa.select(sa.func.count()).select_from(Attempt))
            b = s.scalar(sa.select(sa.func.count(sa.distinct(Attempt.started_at))).select_from(Attempt))
        return cpu(P), cpu(W), n, b
    parts = iter(_parts(good, 2))
    a = snap(); t1 = gatherers.seconds_for(next(parts)); b = snap()
    t2 = gatherers.seconds_for(next(parts), bad); c = snap()
    print("alone", t1, [y-x for x, y in zip(a, b)], "beside", t2, [y-x for x, y in zip(b, c)])
    for u, tr in list(gatherers.failures().items())[:24]: print(u, [round(x,1) for x in tr])

import subprocess
@on("sqlite-filesystem")
def test_prof(gatherers, web, stack):
    w = gatherers.start_worker(2)
    good, bad = web.urls(PAGES)
    gatherers.seconds_for([good.pop()])
    P = psutil.Process(w.pid)
    parts = iter(_parts(good, 2))
    for name, args in (("alone", (next(parts),)), ("beside", (next(parts), bad))):
        procs = [subprocess.Popen(["/tmp/pyspy/bin/py-spy", "record", "-s", "-f", "raw", "-r", "50", "-d", "25", "-o", f"/tmp/prof-{name}.txt", "--pid", str(w.pid)], stdout=subprocess.DEVNULL)]
        gatherers.seconds_for(*args)
        for p in procs: p.wait()
