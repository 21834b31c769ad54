"""One part each: web, worker, scheduler. `stonehand start` runs all three."""

from __future__ import annotations

import signal
import threading

import click

from stonehand.cli.behind import background_options, say_ready

POOLS = ("prefork", "solo", "threads")
GEVENT = (
    "the pools gevent and eventlet are not supported: our jobs wait inside database drivers and models written in "
    "C, which green threads cannot interrupt. For many jobs that wait for the network use --pool threads -c 32; "
    "the fetcher already asks STONEHAND_FETCH_CONCURRENCY pages at once within one job"
)
LIMITS = {
    "solo": "pool solo: one job at a time in the worker itself; one beyond its hard limit ends the whole worker",
    "threads": (
        "pool threads: soft limits are not kept, and a job beyond its hard limit or a crash ends the whole worker "
        "with all that it runs; what it held is run again"
    ),
}


class AutoScale(click.ParamType[tuple[int, int]]):
    """`MAX,MIN`, as Celery writes it."""

    name = "MAX,MIN"

    def convert(
        self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        try:
            most, _, least = value.partition(",")
            found = int(most), int(least or 1)
        except ValueError:
            self.fail(f"{value!r} is not like 10,3: the most processes, then the fewest", param, ctx)
        if not 1 <= found[1] <= found[0] <= 64:
            self.fail(f"{value!r}: the most must be the greater number, and both from 1 to 64", param, ctx)
        return found


class Pool(click.Choice[str]):
    """A kind of pool that can run our jobs."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in ("gevent", "eventlet"):
            self.fail(GEVENT, param, ctx)
        return super().convert(value, param, ctx)


def _queues(names: tuple[str, ...]) -> list[str]:
    from stonehand.jobs.declaration import QUEUES
    from stonehand.jobs.service import check_queue

    wanted = [name.strip() for group in names for name in group.split(",") if name.strip()]
    return list(dict.fromkeys(check_queue(name) for name in wanted)) or list(QUEUES)


def _set_level(level: str | None) -> None:
    from stonehand import config

    if level:
        config.override("log_level", level.upper())


log_level_option = click.option(
    *("--loglevel", "-l", "level"),
    type=click.Choice(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), case_sensitive=False),
    help="How much it logs; STONEHAND_LOG_LEVEL if not given.",
)


@click.command()
@click.option(
    *("--queue", "--queues", "-Q", "names"),
    multiple=True,
    metavar="NAME[,NAME]",
    help="Serve only these queues; several times, or with commas. All if not given.",
)
@click.option("--concurrency", "-c", type=click.IntRange(1, 64), help="Processes (or threads) that run jobs.")
@click.option("--pool", "-P", type=Pool(POOLS), default="prefork", show_default=True, help="Who runs the jobs.")
@click.option("--autoscale", type=AutoScale(), help="Between MIN and MAX processes, as there is work.")
@log_level_option
@background_options("worker")
def worker(
    names: tuple[str, ...],
    concurrency: int | None,
    pool: str,
    autoscale: tuple[int, int] | None,
    level: str | None,
) -> None:
    """Run jobs until told to stop.

    `prefork` runs each job in a process that can be ended, so it alone keeps hard time limits without ending the
    worker. `solo` runs them one by one in the worker itself, `threads` in threads of it.
    """
    from stonehand.cli import footing

    if autoscale and pool != "prefork":
        raise click.UsageError(f"--autoscale needs the pool prefork; {pool} has a fixed size, see --concurrency")
    _set_level(level)
    queues = _queues(names)
    footing.check()  # before anything large is loaded
    from stonehand import worker as part

    most, least = autoscale or (concurrency, 1)
    if pool in LIMITS:
        click.echo(f"stonehand: {LIMITS[pool]}", err=True)
    if autoscale and not part.can_scale():
        click.echo(
            f"stonehand: the built-in broker cannot change the number of processes; {most} stay. "
            "With Redis or RabbitMQ (CELERY_BROKER_URL) the worker grows and shrinks.",
            err=True,
        )
    part.run(queues, 1 if pool == "solo" else most, least, pool, lambda: say_ready("worker"))


@click.command()
@log_level_option
@background_options("scheduler")
def scheduler(level: str | None) -> None:
    """Fire what is due, and sweep up after what died, until told to stop. `beat` is the same."""
    from stonehand.cli import footing

    _set_level(level)
    footing.check()
    from stonehand import config, log

    log.configure(config.settings().log_level, config.settings().log_format)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    thread = _scheduler(stop)
    thread.start()
    say_ready("scheduler")
    thread.join()


beat = scheduler


def _scheduler(stop: threading.Event) -> threading.Thread:
    """The scheduler as a thread, its table of schedules installed. Raises if the database is away."""
    from stonehand import db, pipeline
    from stonehand.jobs.broker import engine
    from stonehand.jobs.clock import scheduler as part

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
    from stonehand.cli import doorplate, footing, listening

    footing.check()
    settings = config.settings()
    door = fd if fd is not None else listening.listen(host or settings.host, settings.port if port is None else port)
    from stonehand import log, pipeline
    from stonehand.jobs.broker import engine
    from stonehand.web import server
    from stonehand.web.app import create_app

    log.configure(settings.log_level, settings.log_format)
    pipeline.install()
    engine.connect()
    stop = threading.Event()
    if with_scheduler:
        _scheduler(stop).start()
    with doorplate.hung_out(door):
        server.serve(create_app(), door if isinstance(door, int) else door.fileno())
    stop.set()
