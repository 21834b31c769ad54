"""One part each: web, worker, scheduler. `stonehand start` runs all three."""

from __future__ import annotations

import signal
import threading

import click


def _queues(names: tuple[str, ...]) -> list[str]:
    from stonehand.jobs.declaration import QUEUES
    from stonehand.jobs.service import check_queue

    wanted = [name for group in names for name in group.split(",") if name]
    return [check_queue(name) for name in wanted] or list(QUEUES)


@click.command()
@click.option("--queue", "-Q", "names", multiple=True, help="Serve only this queue; may be given several times.")
@click.option("--concurrency", "-c", type=click.IntRange(1, 64), help="Processes that run jobs.")
def worker(names: tuple[str, ...], concurrency: int | None) -> None:
    """Run jobs until told to stop."""
    from stonehand.cli import footing

    footing.check()  # before anything large is loaded
    from stonehand import worker as part

    part.run(_queues(names), concurrency)


@click.command()
def scheduler() -> None:
    """Fire what is due, and sweep up after what died, until told to stop."""
    from stonehand.cli import footing

    footing.check()
    from stonehand import config, log

    log.configure(config.settings().log_level, config.settings().log_format)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    thread = _scheduler(stop)
    thread.start()
    thread.join()


def _scheduler(stop: threading.Event) -> threading.Thread:
    """The scheduler as a thread, its table of schedules installed. Raises if the database is away."""
    from stonehand import db, pipeline
    from stonehand.jobs import engine
    from stonehand.jobs import scheduler as part

    engine.connect()
    with db.database().transaction() as session:
        pipeline.install_schedules(session)
    return threading.Thread(target=part.run, args=(db.database(), stop), name="scheduler", daemon=True)


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--fd", type=int, help="A listening socket inherited from the parent process.")
@click.option("--with-scheduler", is_flag=True, help="Be the scheduler too, which spares a process; `start` does so.")
def web(host: str | None, port: int | None, fd: int | None, with_scheduler: bool) -> None:
    """Serve the desk and the API until told to stop."""
    from stonehand import config
    from stonehand.cli import footing, listening

    footing.check()
    settings = config.settings()
    door = fd if fd is not None else listening.listen(host or settings.host, settings.port if port is None else port)
    import uvicorn

    from stonehand import log, pipeline
    from stonehand.jobs import engine
    from stonehand.web.app import create_app

    log.configure(settings.log_level, settings.log_format)
    pipeline.install()
    engine.connect()
    stop = threading.Event()
    if with_scheduler:
        _scheduler(stop).start()
    uvicorn.run(
        create_app(),
        fd=door if isinstance(door, int) else door.fileno(),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    stop.set()
