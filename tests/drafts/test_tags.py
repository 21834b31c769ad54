"""Tags of drafts that no model has read: what a person would tag, and nothing that is only a phrase."""

from __future__ import annotations

import pytest

from stonehand.drafts import tags

PORTERS = (
    "TARNHOLM (Kestrel) - Porters and cleaners employed by a contractor at Tarnholm Infirmary held a one-day strike.",
    "The workers were transferred to Brightway Services, which does not pay wages for the first three days.",
    "Brightway Services said the porters had been told of the change.",
    "Cleaners stopped work at six and stood before Tarnholm Infirmary until noon.",
)
MUSEUM = (
    "Aus dem Kurmuseum sind in der Nacht 64 Goldmünzen gestohlen worden.",
    "Die Täter kamen durch ein Dachfenster und blieben sechs Minuten.",
)


def test_names_and_what_the_title_is_about() -> None:
    found = tags.find("Porters and cleaners stop work for a day at Tarnholm Infirmary", PORTERS, "en")
    assert found[0] == "Tarnholm Infirmary"
    assert set(found) == {"Tarnholm Infirmary", "Brightway Services", "porters", "cleaners"}


def test_datelines_agencies_and_numbers_are_no_tags() -> None:
    text = (
        "PORT MERRIN (Kestrel) - The battery of Merrin Tidal holds 40 MWh.",
        "Merrin Tidal says its battery is new.",
    )
    found = tags.find("Merrin Tidal starts a 40 MWh battery", text, "en")
    assert {"Merrin Tidal", "battery", "Port Merrin"} <= set(found)
    assert not {"Kestrel", "PORT MERRIN", "MWh"} & set(found)


def test_german_nouns_are_no_names_but_those_of_the_title_are_tags() -> None:
    assert set(tags.find("Einbruch ins Kurmuseum: 64 Goldmünzen gestohlen", MUSEUM, "de")) == {
        "Goldmünzen",
        "Kurmuseum",
    }


@pytest.mark.parametrize("words", [(), ("",), ("?! 12 …",), ("a" * 5000,)])
def test_nothing_comes_of_nothing(words: tuple[str, ...]) -> None:
    assert tags.find("", words, "xx") == []
