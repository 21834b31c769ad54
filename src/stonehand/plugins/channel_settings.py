"""Reading the settings of a channel: what it knows, what it needs, and addresses to which a secret may travel."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from stonehand.channels.interfaces import ConfigUnfit, LoginRefused, Setting, Target


def secret_names(settings: Sequence[Setting]) -> tuple[str, ...]:
    """Which settings are sealed."""
    return tuple(each.name for each in settings if each.sort == "password")


def given(title: str, settings: Sequence[Setting], target: Target, found: Sequence[str] = ()) -> dict[str, str]:
    """The settings that were given, without secrets and spaces at their ends; a choice is made where none was given.

    `found` are names that the kind adds by itself. Raises `ConfigUnfit`, saying what is unknown, missing or no choice.
    """
    known = {each.name: each for each in settings}
    unknown = sorted(set(target.config) - known.keys() - set(found))
    if unknown:
        raise ConfigUnfit(f"a {title} has no setting {unknown[0]!r}; it has {', '.join(known)}")
    kept = {name: str(value).strip() for name, value in target.config.items() if name in known}
    for each in settings:
        _check(title, each, kept, target)
    return {name: value for name, value in kept.items() if value}


def _check(title: str, setting: Setting, kept: dict[str, str], target: Target) -> None:
    name = setting.name
    if setting.sort == "choice":
        kept[name] = kept.get(name) or setting.choices[0]
        if kept[name] not in setting.choices:
            raise ConfigUnfit(f"{name} is one of {', '.join(setting.choices)}, not {kept[name]!r}")
    if setting.required and not kept.get(name) and not target.secrets.get(name):
        raise ConfigUnfit(f"a {title} needs its {name}")


def secret(target: Target, name: str) -> str:
    """A secret of the channel. Raises `LoginRefused` if it is gone."""
    found = target.secrets.get(name)
    if not found:
        raise LoginRefused(f"the {name.replace('_', ' ')} of this channel is missing; enter it again")
    return found


def address(wish: str, example: str) -> str:
    """An address as it is kept, without a slash at its end. A secret goes unsealed only within the own network.

    Raises `ConfigUnfit`.
    """
    try:
        parts = urlsplit(wish if "://" in wish else f"https://{wish}")
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        fits = False
    if not fits or parts.query or parts.fragment:
        raise ConfigUnfit(f"url must be an address such as {example}, without a question mark or #")
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        raise ConfigUnfit("the secret would travel in the open; use the https address")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def origin(url: object) -> str:
    """Scheme and host of an address, for which secrets are sealed."""
    parts = urlsplit(str(url or ""))
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"
