"""The built-in prompts, which are data of the package, and what a prompt is once it is chosen."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

BUILT_IN = "Stonehand"


@dataclass(frozen=True)
class PromptText:
    """One version of a prompt: all that is needed to ask."""

    id: str
    slug: str
    name: str
    purpose: str
    version: int
    template: str
    description: str = ""
    is_builtin: bool = False

    @property
    def label(self) -> str:
        """Such as `news-piece@2`."""
        return f"{self.slug}@{self.version}"

    @property
    def sha256(self) -> str:
        """Of the template, so that a copy elsewhere can be told to be the same."""
        return hashlib.sha256(self.template.encode()).hexdigest()


@cache
def builtins() -> dict[str, PromptText]:
    """Every built-in prompt by its slug; the first one of a purpose is used where nobody chose another."""
    found = tomllib.loads((files("stonehand.prompts") / "builtin" / "prompts.toml").read_text(encoding="utf-8"))
    made = [
        PromptText(
            id=each["slug"],
            slug=each["slug"],
            name=each["name"],
            purpose=each["purpose"],
            version=each["version"],
            template=each["template"].strip(),
            description=each["description"],
            is_builtin=True,
        )
        for each in found["prompt"]
    ]
    return {each.slug: each for each in made}


def builtin_for(purpose: str) -> PromptText:
    """The built-in prompt that is used where nobody chose another."""
    return next(each for each in builtins().values() if each.purpose == purpose)
