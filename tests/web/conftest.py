"""The web application, for all of its tests."""

from tests.web.api.conftest import app  # noqa: F401  a fixture
