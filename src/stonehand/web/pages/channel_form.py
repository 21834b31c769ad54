"""The form of one channel, made of what its kind says of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stonehand.channels.interfaces import Setting
from stonehand.channels.kinds import Kind
from stonehand.channels.models import Channel
from stonehand.web.pages.parts import BLANK, Field

NAME = "channel_name"  # of a field; no kind has a setting of this name


@dataclass(frozen=True)
class Row:
    """One field of the form. `choices` are words to choose from; empty for what is typed."""

    name: str
    label: str
    hint: str
    sort: str
    required: bool
    choices: tuple[str, ...]
    field: Field


@dataclass(frozen=True)
class ChannelForm:
    """A new channel of a kind, or one that is changed: then `id` is set, and secrets that are left empty stay."""

    title: str
    action: str
    name: Field
    rows: tuple[Row, ...]
    id: str = ""
    error: str = ""
    """What is wrong, if it belongs to no field."""


def blank(kind: Kind) -> ChannelForm:
    """The form of a new channel."""
    return ChannelForm(kind.title, f"/channels/add/{kind.kind}", BLANK, _rows(kind, {}, False))


def filled(kind: Kind, channel: Channel) -> ChannelForm:
    """The form of a channel with what is kept of it."""
    rows = _rows(kind, channel.config, True)
    return ChannelForm(kind.title, f"/channels/{channel.id}/edit", Field(channel.name), rows, channel.id)


def typed(kind: Kind, form: Mapping[str, str], error: str, wrong: str, channel_id: str = "") -> ChannelForm:
    """The form as it was sent, with what is wrong beside its field. Secrets have to be typed again."""
    rows = tuple(_marked(row, error) if row.name == wrong else row for row in _rows(kind, form, bool(channel_id)))
    name = Field(form.get(NAME, ""), error if wrong == NAME else "")
    action = f"/channels/{channel_id}/edit" if channel_id else f"/channels/add/{kind.kind}"
    belongs = wrong == NAME or any(row.name == wrong for row in rows)
    return ChannelForm(kind.title, action, name, rows, channel_id, "" if belongs else error)


def _rows(kind: Kind, values: Mapping[str, Any], is_old: bool) -> tuple[Row, ...]:
    return tuple(
        _row(each, "" if each.sort == "password" else str(values.get(each.name) or ""), is_old)
        for each in kind.settings
    )


def _row(setting: Setting, value: str, is_old: bool) -> Row:
    is_secret = setting.sort == "password"
    hint = (
        f"{setting.hint} {'Empty: as before.' if is_old else 'It is kept sealed and never shown.'}"
        if is_secret
        else setting.hint
    )
    required = setting.required and not (is_secret and is_old)
    label = setting.label if setting.required or setting.choices else f"{setting.label} (optional)"
    return Row(setting.name, label, hint.strip(), setting.sort, required, setting.choices, Field(value))


def _marked(row: Row, error: str) -> Row:
    return Row(row.name, row.label, row.hint, row.sort, row.required, row.choices, Field(row.field.value, error))
