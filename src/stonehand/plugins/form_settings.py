"""How a site of forms is laid out: its settings, as data. Pure.

Settings are those of a preset, with what is given laid over them: `{"preset": "mymoment", "index": {"path": "/a/"}}`.
Selectors are the part of CSS that `watch_selectors` knows. An address or mark with `{id}` tells an id apart.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from stonehand.platforms.interfaces import ConfigUnfit, Preset
from stonehand.plugins import watch_selectors

PRESETS = ("mymoment", "wordpress")


def _selector(given: str) -> str:
    if given:
        watch_selectors.compiled(given.replace("{tab}", "tab"))
    return given


def _path(given: str) -> str:
    if not given.startswith("/") or given.startswith("//"):
        raise ValueError("a path of the site begins with one slash")
    return given


def _template(given: str) -> str:
    if given.count("{id}") != 1:
        raise ValueError("it must hold {id} once")
    return given


def _zone(given: str) -> str:
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"there is no time zone {given!r}") from error
    return given


Selector = Annotated[str, Field(max_length=watch_selectors.LONGEST), AfterValidator(_selector)]
Path = Annotated[str, Field(max_length=300), AfterValidator(_path)]
Template = Annotated[str, Field(max_length=300), AfterValidator(_template)]
Name = Annotated[str, Field(max_length=100)]
Values = dict[Name, Annotated[str, Field(max_length=300)]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SignIn(_Part):
    """The form that lets us in."""

    path: Path
    form: Selector = "form"
    username: Name = "username"
    password: Name = "password"  # noqa: S105  the name of a field
    extra: Values = {}
    errors: Selector = ""
    captcha: Selector = ""


class SignedIn(_Part):
    """Whether a page takes us for who we are. `name` is where it says what it calls us."""

    path: Path = "/"
    mark: Selector
    name: Selector = ""


class CardRule(_Part):
    """Where a list shows an article. The first rule that finds anything counts."""

    item: Selector
    link: Selector = "a"
    ids: Annotated[list[Template], Field(min_length=1)]
    id_attribute: Name = ""
    """Of the item, where the id stands; empty takes the address of its link."""
    title: Selector = ""
    author: Selector = ""
    date: Selector = ""
    visibility: Selector = ""
    state: Selector = ""


class Index(_Part):
    """The list of articles. What filters has a name in its address; empty where the site cannot."""

    path: Path
    tab: Name = ""
    category: Name = ""
    task: Name = ""
    search: Name = ""
    page: Name = ""
    tabs: Selector = ""
    tab_id: Name = "id"
    tab_ids: list[Template] = []
    categories: Selector = ""
    tasks: Selector = ""
    panel: Selector = ""
    """What holds the articles of a tab, where all of them are in one page; `{tab}` is the tab."""
    cards: Annotated[list[CardRule], Field(min_length=1)]
    states: Values = {}


class Page(_Part):
    """An article's page."""

    path: Template
    title: Selector = "h1"
    splits: str = ""
    """What stands between title and author in the title."""
    author: Selector = ""
    edited: Selector = ""
    edited_after: str = ""
    facts: Selector = ""
    category: str = ""
    """How the fact begins that names the category."""
    task: str = ""
    body: Selector


class Comments(_Part):
    """The form for a comment, and where the page shows those that are there."""

    form: Selector
    text: Name
    extra: Values = {}
    hide: Name = ""
    """The box that hides a comment; empty where there is none."""
    hide_value: str = "on"
    errors: Selector = ""
    item: Selector
    author: Selector
    author_after: str = ""
    words: Selector
    link: Selector = ""
    ids: list[Template] = []
    id_attribute: Name = ""
    answer_ids: list[Template] = []
    """In the address that the site sends us on to, where it names the new comment."""
    pending: Selector = ""
    pending_answer: str = ""
    edit_path: str = ""
    edit_form: Selector = ""
    plain: bool = False
    """The site takes plain words, and no markup."""
    settle_seconds: float = Field(default=120.0, ge=0, le=3600)
    """After so long, a comment that was sent without an answer and is not there was never heard."""


class Dates(_Part):
    """How the site writes times: forms of `strptime`, or `iso`, in its language and time zone."""

    forms: list[str] = ["iso"]
    months: list[str] = []
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    attribute: Name = ""


class Settings(_Part):
    """A site, as a whole. `csrf` is the hidden field that its forms carry, which must be there."""

    preset: str = ""
    language: str = Field(default="en", max_length=20)
    csrf: Name = ""
    sign_in: SignIn
    signed_in: SignedIn
    index: Index
    article: Page
    comments: Comments
    dates: Dates = Dates()


@cache
def preset(name: str) -> dict[str, Any]:
    """The settings of a preset. Raises `ConfigUnfit`."""
    if name not in PRESETS:
        raise ConfigUnfit(f"there is no preset {name!r}; there are: {', '.join(PRESETS)}")
    text = resources.files("stonehand.plugins").joinpath(f"presets/{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def presets() -> tuple[Preset, ...]:
    """What comes with us."""
    return tuple(_described(name, preset(name)) for name in PRESETS)


def _described(name: str, said: dict[str, Any]) -> Preset:
    return Preset(name, said["title"], said["hint"], said.get("language", ""))


def settings(config: Mapping[str, Any]) -> Settings:
    """The whole settings. Raises `ConfigUnfit`, naming the setting."""
    name = config.get("preset") or ""
    base = {key: value for key, value in preset(str(name)).items() if key not in ("title", "hint")} if name else {}
    try:
        return Settings.model_validate(_laid_over(base, config))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the configuration"
        raise ConfigUnfit(f"{where}: {first['msg']}; see docs/platforms.md for what a form-site needs") from None
    except RecursionError:
        raise ConfigUnfit("the configuration is nested too deep") from None


def _laid_over(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    laid = dict(base)
    for name, value in given.items():
        old = laid.get(name)
        laid[name] = _laid_over(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return laid


@lru_cache(256)
def _pattern(template: str) -> re.Pattern[str]:
    before, after = template.split("{id}")
    return re.compile(f"{re.escape(before)}([A-Za-z0-9_-]{{1,64}}){re.escape(after)}(?![A-Za-z0-9_-])")


def id_in(text: str, templates: list[str]) -> str:
    """The id in an address or mark, by the first of these that fits; empty if none does."""
    for template in templates:
        found = _pattern(template).search(text)
        if found:
            return found[1]
    return ""
