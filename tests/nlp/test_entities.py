"""Names, dates and sums by rules, with their places."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.nlp import entities

ENGLISH = """The Harbour Bridge in Port Ellis was closed on Monday after engineers found a crack.
Mayor Ruth Okafor said it would stay shut for six weeks. Yesterday Angela Merkel met Okafor at the Bank of England.
It costs $3.5 million or 2 million euros. NATO and the Ministry of Defence agreed on 3 March 2024.
Dr. J. Smith works for Acme Corp. In Springfield, people sang. Okafor agreed."""
GERMAN = """Die Bundesregierung hat am 3. März 2024 beschlossen, 2,5 Milliarden Euro auszugeben. Kanzler Olaf Scholz
sagte in Berlin, die SPD und das Finanzministerium seien sich einig. Der Hund von Angela Merkel biss den Briefträger.
Scholz reiste nach Frankreich. Die Siemens AG warnte."""


def named(text: str, language: str) -> set[tuple[str, str]]:
    return {(each.kind, each.text) for each in entities.find(text, language).found}


def test_english() -> None:
    assert named(ENGLISH, "en") >= {
        ("place", "Harbour Bridge"),
        ("place", "Port Ellis"),
        ("person", "Ruth Okafor"),
        ("person", "Angela Merkel"),
        ("organisation", "Bank of England"),
        ("organisation", "NATO"),
        ("organisation", "Ministry of Defence"),
        ("organisation", "Acme Corp"),
        ("money", "$3.5 million"),
        ("money", "2 million euros"),
        ("date", "3 March 2024"),
        ("person", "J. Smith"),
        ("place", "Springfield"),
    }


def test_german_nouns_are_no_names() -> None:
    assert named(GERMAN, "de") == {
        ("organisation", "Bundesregierung"),
        ("date", "3. März 2024"),
        ("money", "2,5 Milliarden Euro"),
        ("person", "Olaf Scholz"),
        ("place", "Berlin"),
        ("organisation", "SPD"),
        ("organisation", "Finanzministerium"),
        ("person", "Angela Merkel"),
        ("place", "Frankreich"),
        ("organisation", "Siemens AG"),
    }


@pytest.mark.parametrize(("text", "language", "name"), [(ENGLISH, "en", "Ruth Okafor"), (GERMAN, "de", "Olaf Scholz")])
def test_a_last_name_alone_is_the_same_person(text: str, language: str, name: str) -> None:
    person = next(each for each in entities.find(text, language).found if each.text == name)
    assert person.count == text.count(name.split()[1])
    assert {span.text for span in person.spans} == {name, name.split()[1]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It was 2024-05-01.", ("date", "2024-05-01")),
        ("Am 1.5.2024 war es so.", ("date", "1.5.2024")),
        ("On May 4, 2023 it rained.", ("date", "May 4, 2023")),
        ("They paid 2,000 dollars.", ("money", "2,000 dollars")),
        ("It cost €45.", ("money", "€45")),
        ("Er zahlte 300 Franken.", ("money", "300 Franken")),
    ],
)
def test_dates_and_sums(text: str, found: tuple[str, str]) -> None:
    assert found in named(text, "en")


@pytest.mark.parametrize(
    "text", ["", "nothing is named here at all", "What now? Then go. Dogs bark.", "$2024 or 2024%"]
)
def test_what_names_nothing(text: str) -> None:
    assert not {each for each in named(text, "en") if each[0] != "money"}


def test_density_counts_mentions_in_a_hundred_words() -> None:
    found = entities.find("Berlin and Paris " + "talk about it " * 9, "en")
    assert (found.mentions, found.per_hundred_words) == (2, round(100 * 2 / 30, 2))


@given(st.text(alphabet=st.sampled_from("AaBc Dr.,\n'&é7$ ")) | st.text(), st.sampled_from(["en", "de"]))
def test_places_are_true(text: str, language: str) -> None:
    found = entities.find(text, language)
    assert all(text[span.start : span.end] == span.text for each in found.found for span in each.spans)
    assert found.mentions == sum(each.count for each in found.found)


def test_cost_grows_with_the_text_and_no_faster() -> None:
    def seconds(text: str) -> float:
        start = time.process_time()
        entities.find(text, "en")
        return time.process_time() - start

    seconds(ENGLISH)
    assert seconds("Aa " * 9000) < 40 * max(seconds("Aa " * 900), 0.001)
