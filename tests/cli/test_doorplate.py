"""Where the desk is, for whoever asks for a link to it."""

from __future__ import annotations

import socket

import pytest

from stonehand import db
from stonehand.cli import doorplate
from tests.cli.conftest import Cli


def test_a_setup_link_leads_to_where_the_desk_is_served(cli: Cli, prepared: db.Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        with doorplate.hung_out(door):
            assert cli("setup-link", "--json").json["url"].startswith(f"{address}/setup?key=")
            doorplate._path().write_text(f"{address}\n1\n0\n")  # as a process leaves it that was killed
            assert doorplate.read() == ""
            doorplate._path().write_text("")
            assert doorplate.read() == ""
    found = cli("setup-link")
    assert found.out.startswith("http://127.0.0.1:8000/setup?key=")
    assert "Nothing is served from here now" in found.err


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "http://127.0.0.1:1"), ("::", "http://[::1]:1"), ("10.1.0.2", "http://10.1.0.2:1")],
)
def test_what_listens_everywhere_is_reached_here(host: str, address: str) -> None:
    assert doorplate.address_of(host, 1) == address
