"""What a person writes, and the name that is kept."""

from __future__ import annotations

import pytest

from stonehand.limits import names
from stonehand.limits.errors import TargetUnknown


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("host:Example.org", "host:example.org:443"),
        ("host:example.org:8080", "host:example.org:8080"),
        ("host:http://example.org/a?b", "host:example.org:80"),
        ("host:[2001:DB8::1]:80", "host:[2001:db8::1]:80"),
        ("provider:https://api.example.com/v1", "provider:api.example.com:443"),
        ("provider:127.0.0.1:11434", "provider:127.0.0.1:11434"),
        (" channel:0190-AB ", "channel:0190-AB"),
    ],
)
def test_a_name(written: str, name: str) -> None:
    assert names.named(written) == name
    assert names.named(name) == name


@pytest.mark.parametrize(
    "written", ["", "host:", "hosts:x", "host:a b", "host:x:99999", "queue:fetch", "host:" + "x" * 300]
)
def test_what_names_nothing(written: str) -> None:
    with pytest.raises(TargetUnknown, match="host:"):
        names.named(written)


def test_in_words() -> None:
    assert names.shown("host:example.org:443") == "host example.org"
    assert names.shown("host:example.org:8080") == "host example.org:8080"
    assert names.shown("provider:127.0.0.1:11434") == "provider 127.0.0.1:11434"
    assert names.shown("channel:c1") == "channel c1"
