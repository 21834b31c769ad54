"""The service files are read by the tools that they are for, or parsed, and hold commands that exist."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from stonehand import __version__, config
from stonehand.cli import containers, services
from stonehand.cli.installation import Installation, roles
from stonehand.jobs.declaration import QUEUES
from tests.cli.conftest import Cli
from tests.docs.test_guide import complain

ROOT = Path(__file__).parents[2]
PLAIN = Installation("python", Path(), Path("/data"), "stonehand", "stonehand", "127.0.0.1", 8000, 2)
HERE = replace(
    PLAIN,
    python="/opt/stone hand/.venv/bin/python",
    data_dir=Path("/var/lib/stone%hand"),
    settings={"STONEHAND_CONTACT": "ada@example.org # 50%", "STONEHAND_BACKUP_DIR": "/backups"},
    secrets=("STONEHAND_DATABASE_URL", "STONEHAND_LLM_API_KEY"),
)


def served(commands: list[str]) -> set[str]:
    """The queues that these commands' workers serve together."""
    found: set[str] = set()
    for command in commands:
        words = command.split()
        if "worker" in words:
            found.update(words[words.index("--queue") + 1].split(",") if "--queue" in words else QUEUES)
    return found


@pytest.fixture
def secretive(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    """An installation with settings, secrets among them."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:hunter22@db/stonehand")
    monkeypatch.setenv("STONEHAND_LLM_API_KEY", "sk-very-secret-indeed")
    monkeypatch.setenv("STONEHAND_PORT", "8123")
    monkeypatch.setenv("STONEHAND_SAMPLE", "false")
    config.settings.cache_clear()


@pytest.mark.usefixtures("secretive")
@pytest.mark.parametrize("verb", ["systemd", "supervisor", "compose"])
def test_a_generator_names_settings_and_no_secret(cli: Cli, tmp_path: Path, data_dir: Path, verb: str) -> None:
    assert cli(verb, "--output", str(tmp_path / "out")).code == 0
    written = {path.name: path for path in (tmp_path / "out").iterdir()}
    text = "".join(path.read_text() for path in written.values())
    assert "hunter22" not in text + cli(verb).out
    assert "very-secret" not in text
    assert "STONEHAND_LLM_API_KEY" in text
    assert "STONEHAND_SAMPLE" in text
    assert "8123" in text
    if verb != "compose":
        assert f"STONEHAND_DATA_DIR={data_dir}" in text
        assert "# STONEHAND_DATABASE_URL=" in text
        assert written["stonehand.env"].stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("split", [False, True])
def test_the_workers_serve_every_queue(split: bool) -> None:
    assert served([role.arguments for role in roles(split)]) == set(QUEUES)


@pytest.mark.parametrize("split", [False, True])
def test_every_command_line_exists(split: bool) -> None:
    for role in roles(split):
        assert complain(role.arguments.split()) == ""


def test_units_are_sound(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    here = replace(HERE, python=shutil.which("python3") or "/usr/bin/python3", user="root", group="root")
    for name, text in services.systemd(here, roles(split=True)).items():
        (tmp_path / name).write_text(text)
        if name.endswith(".service"):
            unit = configparser.RawConfigParser(strict=False)
            unit.optionxform = str  # type: ignore[assignment,method-assign]
            unit.read_string(text)
            assert unit["Service"]["ProtectSystem"] == "strict"
            assert unit["Service"]["OOMPolicy"] == "continue"  # one process goes, not the worker with all its work
            assert unit["Service"]["ReadWritePaths"] == "/var/lib/stone%%hand /backups"
    if tool:
        units = [str(path) for path in [*tmp_path.glob("*.service"), *tmp_path.glob("*.target")]]
        done = subprocess.run([tool, "verify", *units], capture_output=True, text=True, check=False)
        assert "stonehand" not in done.stderr, done.stderr


def test_the_settings_survive_a_shell() -> None:
    text = services.environment(HERE)
    shell = f'set -a\n{text}\nprintf \'%s\\n\' "$STONEHAND_CONTACT" "$STONEHAND_DATA_DIR"'
    said = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["ada@example.org # 50%", "/var/lib/stone%hand"]


def test_supervisord_reads_its_file(tmp_path: Path) -> None:
    options = pytest.importorskip("supervisor.options")
    (tmp_path / "logs").mkdir()
    here = replace(HERE, data_dir=tmp_path, user="root", python="/bin/true")
    text = services.supervisord(here, roles(split=True))["supervisor-stonehand.conf"]
    file = tmp_path / "supervisord.conf"
    file.write_text(f"[supervisord]\nnodaemon=true\nuser=root\n{text}")
    server = options.ServerOptions()
    server.realize(["-c", str(file)])
    (group,) = server.process_group_configs
    assert group.name == "stonehand"
    assert {each.name for each in group.process_configs} == {f"stonehand-{role.name}" for role in roles(split=True)}
    words = shlex.split(group.process_configs[0].command)
    assert words[:2] == ["/bin/sh", "-c"]
    assert "exec" in words[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def test_the_compose_file_is_what_the_generator_makes() -> None:
    assert (ROOT / "compose.yaml").read_text() == containers.compose(PLAIN, __version__)


def test_compose_commands_exist_and_serve_every_queue(compose: dict[str, Any]) -> None:
    ours = {name: each for name, each in compose["services"].items() if each["image"].startswith("stonehand:")}
    assert set(ours) == {"prepare", "web", "scheduler", "worker", "worker-writing"}
    for each in ours.values():
        assert complain(list(each["command"])) == ""
        check = each["healthcheck"].get("test", [])
        assert check[1:2] != ["stonehand"] or complain(check[2:]) == ""
    assert served([" ".join(each["command"]) for each in ours.values()]) == set(QUEUES)


def test_compose_settings_exist_and_secrets_have_no_default(compose: dict[str, Any]) -> None:
    web = compose["services"]["web"]["environment"]
    assert set(web) <= config.known_names()
    text = (ROOT / "compose.yaml").read_text()
    assert re.findall(r"\$\{\w*(?:PASSWORD|KEYS)(?::-)[^}]+\}", text) == []
    assert compose["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_compose_servers_keep_what_they_are_given(compose: dict[str, Any]) -> None:
    redis, rabbit = compose["services"]["redis"], compose["services"]["rabbitmq"]
    words = redis["command"]
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"
    assert words[words.index("--appendonly") + 1] == "yes"
    assert rabbit["profiles"] == ["rabbitmq"]
    for name in ("postgres", "redis", "rabbitmq"):
        service = compose["services"][name]
        assert service["healthcheck"]["test"]
        assert service["volumes"][0].partition(":")[0] in compose["volumes"]


def test_backups_are_kept_on_the_host() -> None:
    made = yaml.safe_load(containers.compose(replace(HERE, settings={"STONEHAND_BACKUP_DIR": "/mnt/backups"}), "1"))
    assert made["services"]["worker"]["volumes"] == ["data:/data", "/mnt/backups:/mnt/backups"]


def test_settings_of_an_installation_stand_in_its_compose_file() -> None:
    made = yaml.safe_load(containers.compose(replace(HERE, settings={"STONEHAND_CONTACT": 'a "b" $c'}), "1"))
    environment = made["services"]["worker"]["environment"]
    assert environment["STONEHAND_CONTACT"] == 'a "b" $$c'
    assert environment["STONEHAND_LLM_API_KEY"] == "${STONEHAND_LLM_API_KEY:?write it into .env}"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile, line by line."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_runs_as_nobody_special_from_locked_requirements() -> None:
    found = instructions()
    assert [rest for word, rest in found if word == "USER"] == ["10001:10001"]
    installs = [rest for word, rest in found if word == "RUN" and "pip install" in rest and ".txt" in rest]
    assert len(installs) == 2
    assert all("--require-hashes" in rest for rest in installs)
    assert "://" not in "".join(rest for word, rest in found if word != "HEALTHCHECK")  # no package host is named
    assert complain(["start", "--no-sample"]) == ""
    assert ("CMD", '["start", "--no-sample"]') in found


def test_everything_that_the_image_copies_is_there_and_not_ignored() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            for name in rest.split()[:-1]:
                assert (ROOT / name).exists(), name
                assert any(Path(name).match(pattern) for pattern in kept), name


def test_hadolint_finds_nothing() -> None:
    tool = shutil.which("hadolint", path=f"{ROOT / '.venv/bin'}:/usr/local/bin:/usr/bin")
    if tool is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([tool, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
