"""A prepared database, and verbs as an operator types them."""

from tests.cli.conftest import cli, prepared  # noqa: F401  fixtures
