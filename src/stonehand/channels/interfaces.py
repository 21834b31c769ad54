"""What a channel plugin gets and what it provides.

Nothing tells apart an answer that was lost from a request that was. So a delivery that can be done in two steps makes
something hidden first, writes down what the target calls it (`Notes.remember`), and then shows that very thing; a
repeat goes on with what was written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from stonehand.errors import Rejected, Unavailable

Config = Mapping[str, Any]


class ConfigUnfit(Rejected):
    """A channel cannot work with this configuration."""


class LoginRefused(Rejected):
    """The target does not let us in: its channel is switched off, and its pieces wait until a person mends it."""


class ArrivalUnknown(Unavailable):
    """It was sent, and the target neither confirms nor denies that it arrived: it is asked again for a while."""


class ArrivalDisputed(Rejected):
    """What the target shows cannot be explained by what was sent, so only a person can say whether it arrived."""


@dataclass(frozen=True)
class Reference:
    """A source that a piece rests on. `quotes` are its words, verbatim; `number` counts from 1."""

    number: int
    title: str
    url: str
    outlet: str = ""
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """An approved text as it goes out. `markdown` ends with its list of sources; it is untrusted and may say anything.

    `label` tells readers how the text was written and must be visible; `generator` says it to machines (`offline`,
    `model`, `person`, perhaps with a name behind a colon). `at` is the time of publication, `corrected_at` that of the
    last correction that readers are told of; both are aware.
    """

    id: str
    title: str
    slug: str
    excerpt: str
    markdown: str
    language: str
    label: str
    generator: str
    at: datetime
    references: tuple[Reference, ...] = ()
    is_sample: bool = False
    meta_title: str = ""
    meta_description: str = ""
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image_url: str = ""
    corrected_at: datetime | None = None
    image_alt: str = ""

    @property
    def digital_source(self) -> str:
        """How it was made, in the words of the IPTC that schema.org has for `digitalSourceType`."""
        by = self.generator.partition(":")[0]
        kind = {"model": "TrainedAlgorithmicMedia", "person": "HumanEdits"}.get(by, "AlgorithmicMedia")
        return f"https://schema.org/{kind}DigitalSource"


@dataclass(frozen=True)
class Target:
    """One channel. `home` is a folder of its own, `<data>/published/<slug>`, which may not exist yet.

    `secrets` are the settings that the plugin names in `secret_names`, opened; it is empty where a channel is shown.
    """

    name: str
    home: Path
    config: Config
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Delivery:
    """Where a delivered piece can be seen, and what the target calls it."""

    url: str
    remote_id: str


@dataclass(frozen=True)
class Leftover:
    """Something hidden at the target that was made for `key` and never shown, perhaps because an answer was lost."""

    key: str
    remote_id: str


class Notes(Protocol):
    """What the deliveries of one key have written down so far."""

    @property
    def kept(self) -> Mapping[str, Any]:
        """Everything so far, also by tries that died."""

    def remember(self, **facts: Any) -> None:
        """Keep these as well, before going on: they are committed when it returns.

        `remote_id` among them says which hidden thing will be shown, so that its twins can be removed. Raises if
        another worker delivers by now; let that pass, and touch the target no more.
        """


class ChannelKind(Protocol):
    """A kind of channel, without state. Its methods may wait for the world; nobody calls them in a transaction.

    They raise `Unavailable` for what may pass (it is tried again) and `Rejected` for what will not; and `deliver` may
    raise `LoginRefused`, `ArrivalUnknown` and `ArrivalDisputed`.
    """

    @property
    def kind(self) -> str:
        """Its name: `folder`."""

    def validate(self, target: Target) -> dict[str, Any]:
        """The configuration as it should be kept, without secrets. Raises `ConfigUnfit`, saying how to mend it."""

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Make the piece visible once for this `key`, however often it is called, also after a crash half-way."""

    def verify(self, key: str, target: Target) -> Delivery | None:
        """Look at the target itself for what was delivered under `key`; None if it is not there in full."""


@dataclass(frozen=True)
class Setting:
    """One setting of a kind as people see it: in a form, on the command line, in the API.

    `sort` is `text`, `url`, `password` (sealed and never shown) or `choice` (one of `choices`, the first unless said).
    `hint` says where to find it.
    """

    name: str
    label: str
    hint: str = ""
    sort: str = "text"
    required: bool = True
    choices: tuple[str, ...] = ()


@runtime_checkable
class Described(Protocol):
    """A kind whose settings are described, so that the desk has a form for it."""

    @property
    def title(self) -> str:
        """What people call it: `Ghost site`."""

    @property
    def settings(self) -> Sequence[Setting]:
        """In the order of the form."""


@runtime_checkable
class NeedsSecrets(Protocol):
    """A kind with settings that are sealed in the vault and never shown."""

    @property
    def secret_names(self) -> Sequence[str]:
        """Which of its settings these are."""

    def address(self, config: Config) -> str:
        """Where the secrets may be sent. They are sealed for it: pointed elsewhere, a channel needs them again."""


@runtime_checkable
class LeavesDrafts(Protocol):
    """A kind whose deliveries can leave something hidden behind."""

    def leftovers(self, target: Target, before: datetime) -> Sequence[Leftover]:
        """What is hidden there, of any key, and was last changed before that time."""

    def discard(self, leftover: Leftover, target: Target) -> None:
        """Remove it, unless it has been shown meanwhile. It is no error if it is gone."""


@runtime_checkable
class CanUpdate(Protocol):
    """A kind that can replace what it has shown."""

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        """Show this text where `delivery` is seen, once for this `key`. Raises what `deliver` raises, and `NotFound`
        in the sense of `Rejected` if nothing is there any more."""


@runtime_checkable
class CanRetract(Protocol):
    """A kind that can take back what it has shown."""

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Take it from the public. It is no error if it is gone already. Raises what `deliver` raises."""


@runtime_checkable
class CanTest(Protocol):
    """A kind whose target can be asked whether it would let us in."""

    def test(self, target: Target) -> str:
        """Who we are there and what we may do, in words. Changes nothing. Raises what `deliver` raises."""


@runtime_checkable
class CanPreview(Protocol):
    """A kind that knows what its pages will look like."""

    def preview(self, piece: Piece, target: Target) -> str:
        """A whole page in HTML as people would see the piece there. Asks nobody and changes nothing.

        It is shown in a frame that runs no script and loads nothing from elsewhere.
        """


@runtime_checkable
class ShowsPiece(Protocol):
    """A kind that can say what it would show, without asking anybody. The gate looks whether the label is in it, and a
    dry run shows it to people."""

    def shown(self, piece: Piece, target: Target) -> Mapping[str, str]:
        """The texts that readers would see, by what they are called: `page`, `post`, `mail`. Each holds the label.

        `target` comes without secrets, perhaps without an address, and nothing is changed.
        """
