"""The form of a platform: what was typed, what is wrong with it, and what it asks for."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic import Field as PydanticField

from stonehand.errors import Rejected, StonehandError
from stonehand.platforms.errors import AddressUnfit, DisclosureUnfit, PermissionUnknown, PlatformNameTaken
from stonehand.platforms.interfaces import ConfigUnfit
from stonehand.platforms.models import Platform
from stonehand.platforms.schemas import PlatformChange, PlatformIn
from stonehand.web.pages import toml
from stonehand.web.pages.parts import Field
from stonehand.web.pages.platforms import CAPS, PACE

NO_NUL = r"^[^\x00]*$"
Word = Annotated[str, PydanticField(max_length=300, pattern=NO_NUL)]
Text = Annotated[str, PydanticField(max_length=20_000, pattern=NO_NUL)]
Shape = TypeVar("Shape", bound=BaseModel)
WRONG = {
    AddressUnfit: "base_url",
    PermissionUnknown: "permission",
    PlatformNameTaken: "name",
    DisclosureUnfit: "disclosure",
    ConfigUnfit: "config",
}


class FieldUnfit(Rejected):
    """A field of the form does not fit."""

    def __init__(self, words: str, name: str) -> None:
        super().__init__(words)
        self.name = name


class Typed(BaseModel):
    """The form as it was sent."""

    name: Word = ""
    base_url: Word = ""
    preset: Word = ""
    config: Text = ""
    permission: Text = ""
    interval: Word = PACE
    language: Word = ""
    disclosure: Word = ""
    most_per_login_a_day: Word = ""
    most_a_day: Word = ""
    most_per_article: Word = ""

    def wish(self) -> PlatformIn:
        """A new platform. Raises `FieldUnfit`, `ConfigUnfit`."""
        return self._told(PlatformIn, {"base_url": self.base_url})

    def change(self) -> PlatformChange:
        """All that can be changed of one. Raises `FieldUnfit`, `ConfigUnfit`."""
        return self._told(PlatformChange, {})

    def _told(self, shape: type[Shape], more: dict[str, Any]) -> Shape:
        try:
            differing: dict[str, Any] = tomllib.loads(self.config)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ConfigUnfit(f"this is no TOML: {error}") from error
        told = {name: getattr(self, name).strip() for name in ("name", "permission", "language", "disclosure")}
        told |= {name: given for name in CAPS if (given := getattr(self, name).strip())}
        preset = {"preset": self.preset} if self.preset else {}
        try:
            return shape.model_validate(
                {**told, **more, "config": preset | differing, "interval": self.interval or PACE}
            )
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise FieldUnfit(f"{first['loc'][0]}: {first['msg']}", str(first["loc"][0])) from None

    def fields(self, error: StonehandError | None = None) -> dict[str, Field]:
        """The form again, with what is wrong beside the field that it is about."""
        form = {name: Field(str(value)) for name, value in self.model_dump().items()}
        if error:
            wrong = error.name if isinstance(error, FieldUnfit) else WRONG.get(type(error), "config")
            form[wrong] = replace(form[wrong], error=said(error))
        return form


def of(platform: Platform) -> Mapping[str, Field]:
    """The form of a platform as it is."""
    names = ("name", "base_url", "permission", "language", "disclosure", *CAPS)
    form = {name: Field(str(getattr(platform, name))) for name in names}
    config = {name: value for name, value in platform.config.items() if name != "preset"}
    form["preset"] = Field(str(platform.config.get("preset") or ""))
    return form | {"config": Field(toml.written(config)), "interval": Field(f"{platform.interval:g}")}


def said(error: StonehandError) -> str:
    """An error as a sentence."""
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
