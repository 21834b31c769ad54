"""The sandbox of templates: what is refused, where it says so, and that nothing gets out or takes long."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stonehand.prompts import sandbox, service
from stonehand.prompts.errors import PromptInvalid, TemplateInvalid, TemplateTooMuch
from stonehand.prompts.library import builtins
from stonehand.prompts.purposes import PURPOSES

NAMES: dict[str, Any] = {"language": "English", "words": 400, "keywords": ["bridge", "closure"], "note": ""}


@pytest.mark.parametrize(
    ("template", "line", "what", "mend"),
    [
        ("Hello\n{{ nobody }}", 2, "no name nobody", "there are"),
        ("{{ langauge }}", 1, "no name langauge", "did you mean language"),
        ("a\nb\n{{ language.__class__ }}", 3, "a part .__class__", "loop"),
        ("{{ language['x'] }}", 1, "square brackets", "names, conditions"),
        ("{{ language.upper() }}", 1, "called", "names"),
        ("{{ range(9) }}", 1, "called", "names"),
        ("{{ 10 ** 10 ** 10 }}", 1, "arithmetic", "simple filters"),
        ("{{ 'a' * 999999999 }}", 1, "arithmetic", "simple filters"),
        ("{% set x = 1 %}", 1, "set", "names"),
        ("{% include 'x' %}", 1, "included", "names"),
        ("{% import 'x' as y %}", 1, "imported", "names"),
        ("{% macro m() %}x{% endmacro %}", 1, "macros", "names"),
        ("{% block b %}x{% endblock %}", 1, "cannot be used", "names"),
        ("{{ language is defined }}", 1, "tests", "names"),
        ("{{ language|attr('__class__') }}", 1, "attr", "use one of"),
        ("{{ language|replace('', 'aaaa') }}", 1, "replace", "use one of"),
        ("{{ (keywords|join('aaa'))|join('aaa') }}", 1, "join", "keywords|join"),
        ("{{ keywords|join('" + "a" * 30 + "') }}", 1, "join", "at most 20"),
        ("{{ language|default(note) }}", 1, "plain words", "quotation marks"),
        ("{% for a in keywords %}{% for b in keywords %}x{% endfor %}{% endfor %}", 1, "inside a loop", "take one"),
        ("{% for a in keywords recursive %}x{% endfor %}", 1, "loop", "{% for each in keywords %}"),
        ("{% for a in keywords if a %}x{% endfor %}", 1, "loop", "{% for each in keywords %}"),
        ("one\n{% if words %}\ntwo", 3, "no template", "endif"),
        ("{{ words", 1, "no template", "close every"),
        ("", 1, "empty", "say what"),
        ("x" * 8001, 1, "8,001 characters", "8,000"),
        ("a\x07b", 1, "control character", "take it out"),
        ("{{ " + "(" * 400 + "words" + ")" * 400 + " }}", 1, "nested", "simpler"),
        ("{{ " + "not " * 200 + "words }}", 1, "nested", "simpler"),
        ("{% if words %}" * 30 + "{% endif %}" * 30, 1, "nested", "simpler"),
        ("{{ " + "9" * 6000 + " }}", 1, "", "simpler"),
        ("{{ loop.index }}", 1, "no name loop", "there are"),
    ],
)
def test_what_is_refused_says_where_and_how_to_mend_it(template: str, line: int, what: str, mend: str) -> None:
    with pytest.raises(TemplateInvalid) as refused:
        sandbox.check(template, NAMES)
    assert refused.value.line == line
    assert what in refused.value.what
    assert mend in refused.value.mend


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Write in {{ language }}{% if words > 300 and words < 500 %}, long{% endif %}.", "Write in English, long."),
        ("{% for each in keywords %}{{ loop.index }} {{ each|upper }}{{ '' if loop.last else ', ' }}{% endfor %}",
         "1 BRIDGE, 2 CLOSURE"),
        ("{{ keywords|join(' and ') }} ({{ keywords|length }})", "bridge and closure (2)"),
        ("{{ note|default('nothing', true) }}", "nothing"),
        ("{{ language ~ '!' }}", "English!"),
        ("{# a remark #}{{ keywords|first }}", "bridge"),
    ],
)  # fmt: skip
def test_what_is_allowed_works(template: str, said: str) -> None:
    assert sandbox.render(template, NAMES) == said


def test_a_value_is_never_a_template() -> None:
    values = NAMES | {"note": "{{ language.__class__ }}{% for x in keywords %}"}
    assert sandbox.render("{{ note }}", values) == values["note"]


def test_what_it_makes_is_bounded() -> None:
    with pytest.raises(TemplateTooMuch, match="12,000"):
        sandbox.render("{% for each in keywords %}" + "x" * 7000 + "{% endfor %}", NAMES)
    with pytest.raises(TemplateTooMuch):
        sandbox.render("{{ note }}{{ note }}", NAMES | {"note": "x" * 7000})
    rounds = sandbox.render("{% for each in keywords %}x{% endfor %}", NAMES | {"keywords": ["a"] * 1000})
    assert rounds == "x" * sandbox.MOST_ROUNDS


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", " if ", " for ", " in ", "else", "endif", "endfor", "loop", ".", "__class__", "__mro__",
     "(", ")", "[", "]", "|", "join", "attr", "'", '"', "0", "9" * 9, "*", "**", "~", "+", " not ", " and ", "language",
     "words", "keywords", "each", "self", "cycler", "namespace", "lipsum", "\n", "{#", "#}", ",", "=", ":", "x", " "]
)  # fmt: skip


@settings(max_examples=400)
@example(template="{{ cycler.__init__.__globals__.os }}")
@example(template="{{ self.__init__ }}")
@example(template="{{ lipsum.__globals__ }}")
@example(template="{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}")
@given(template=st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=200))
def test_any_template_is_refused_with_a_line_or_makes_little_in_little_time(template: str) -> None:
    began = time.thread_time()
    try:
        said = sandbox.render(template, NAMES)
    except TemplateInvalid as error:
        refused: TemplateInvalid | None = error
    except TemplateTooMuch:
        refused = None
    else:
        refused = None
        assert len(said) <= sandbox.LONGEST_OUTPUT
        assert "<class" not in said
        assert "object at 0x" not in said
        assert "built-in" not in said
    assert refused is None or (1 <= refused.line <= template.count("\n") + 1 and refused.mend)
    assert time.thread_time() - began < sandbox.SECONDS


@settings(max_examples=100)
@given(
    reach=st.lists(
        st.sampled_from([".__class__", ".__mro__", "[0]", "['x']", ".upper", "()", ".__globals__", ".__init__"]),
        min_size=1, max_size=6,
    ),
    name=st.sampled_from(["language", "words", "keywords", "loop", "self", "cycler", "x", "true", "none", "''", "1"]),
)  # fmt: skip
def test_nothing_can_be_reached_into(reach: list[str], name: str) -> None:
    with pytest.raises(TemplateInvalid):
        sandbox.check("{{ " + name + "".join(reach) + " }}", NAMES)


def test_every_built_in_prompt_may_be_saved_and_every_purpose_has_one() -> None:
    for each in builtins().values():
        assert service.check(each.purpose, each.template) == each.template
    assert {each.purpose for each in builtins().values()} == set(PURPOSES)


def test_a_template_that_says_nothing_is_refused() -> None:
    with pytest.raises(PromptInvalid, match="says nothing"):
        service.check("write", "{% if not language %}x{% endif %}")
