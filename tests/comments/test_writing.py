"""What a model is asked about an article, and what of its answer may stand; also if article and model attack."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from stonehand.comments import questions, writing
from stonehand.comments.subjects import Subject
from stonehand.comments.wording import CommentUnusable
from stonehand.errors import StonehandError
from stonehand.llm import asking
from stonehand.llm.asking import Answer
from stonehand.llm.errors import AnswerInvalid
from stonehand.llm.payers import NOBODY
from stonehand.llm.prices import Message
from stonehand.prompts import injection, service
from stonehand.prompts.errors import TemplateInvalid
from stonehand.prompts.library import PromptText, builtins
from tests.drafts import attacks
from tests.drafts.malicious import MaliciousModel

DOG = Subject(
    title="Mein Hund",
    text="Es war einmal ein Hund, der sehr schnell rennen konnte. Seine Ohren flogen im Wind.",
    author="Mia",
    category="Unterhalten",
    html="<p>Es war <b>einmal</b><span style='display:none'>geheim</span></p><script>x()</script><!-- y -->",
    url="https://site.example.org/article/7/",
    language="de",
    login_name="Bot 3a",
)
PROMPTS = [each for each in builtins().values() if each.purpose == "comment"]
GOOD = (
    "<p>Mir gefällt, wie die Ohren deines Hundes im Wind fliegen: Das sehe ich vor mir.</p><p>Wohin rennt er denn?</p>"
)
HEAD = "<p>[Dieser Kommentar stammt von einem KI-ChatBot.]</p>"


@dataclass
class Says:
    """Stands in for `asking.ask` and gives these answers, one after the other; None has the wrong shape."""

    answers: list[dict[str, Any] | None]
    asked: list[Sequence[Message]] = field(default_factory=list)

    def ask(self, messages: Sequence[Message], shape: type[BaseModel], **_: Any) -> Answer[Any]:
        """The next answer."""
        self.asked.append(messages)
        said = self.answers.pop(0)
        if said is None:
            raise AnswerInvalid("it is no JSON object")
        return Answer(shape.model_validate(said), "m-1", 7, input_tokens=100, output_tokens=40)


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Says]:
    """A model that says these comments."""

    def made(*comments: str | None) -> Says:
        told = Says([None if each is None else {"reasoning": "Ich sehe Ohren.", "comment": each} for each in comments])
        monkeypatch.setattr(asking, "ask", told.ask)
        return told

    return made


def template(text: str) -> PromptText:
    """A prompt of the house."""
    return PromptText("p1", "our-comment", "Ours", "comment", 2, text)


def test_a_comment_is_written_with_its_provenance(says: Callable[..., Says]) -> None:
    says(GOOD)
    made = writing.write(DOG, PROMPTS[0], NOBODY)
    assert made.html == HEAD + GOOD
    assert (made.language, made.model, made.prompt_label) == ("de", "m-1", "encouraging-comment@1")
    assert (made.cost_micro, made.input_tokens, made.output_tokens) == (7, 100, 40)
    assert (made.reasoning, made.warnings) == ("Ich sehe Ohren.", ())


@pytest.mark.parametrize(
    ("language", "title", "text", "written"),
    [
        ("", "Mein Tag", "Ich mag Hunde.", "de"),
        ("", "My day", "Today it rained, and we were happy.", "en"),
        ("", "Tag 1", "1, 2, 3!", "en"),
        ("en", "Mein Tag", "Am Morgen sah ich das Tier. Es lief über die Wiese.", "en"),
    ],
)
def test_a_comment_is_in_the_language_of_the_platform_else_of_the_article(
    language: str, title: str, text: str, written: str
) -> None:
    assert questions.language_of(replace(DOG, language=language, title=title, text=text)) == written


def test_it_is_asked_once_more_with_what_was_wrong(says: Callable[..., Says]) -> None:
    model = says("<p>Gut!</p>", GOOD)
    made = writing.write(DOG, PROMPTS[0], NOBODY)
    assert made.html == HEAD + GOOD
    assert "at least 50 are needed" in model.asked[1][-1].text
    assert (made.cost_micro, [each["kind"] for each in made.warnings]) == (14, ["mended"])


@pytest.mark.parametrize("second", ["<p>Gut!</p>", None, f"{GOOD} {{article_title}}", f"{GOOD} http://evil.example"])
def test_what_is_wrong_twice_is_not_used(says: Callable[..., Says], second: str | None) -> None:
    model = says(None, second)
    with pytest.raises(CommentUnusable, match="asked twice"):
        writing.write(DOG, PROMPTS[0], NOBODY)
    assert len(model.asked) == 2


def test_both_forms_of_a_placeholder_point_to_the_fence() -> None:
    old = template(
        "Zu {article_title} von { article_author }: {article_raw_html} als {mymoment_username}. {{ language }}"
    )
    new = template(
        "Zu {{ article_title }} von {{ article_author }}: {{ article_raw_html }} als {{ login_name }}. {{ language }}"
    )
    system, user = questions.messages(DOG, old, 50)
    assert [system, user] == questions.messages(DOG, new, 50)
    word = user.text.split("<article_title-")[1][:16]
    shown = f"Zu <article_title-{word}> von <article_author-{word}>: <article_raw_html-{word}> als <login_name-{word}>."
    assert f"{shown} German" in system.text
    assert f"<article_raw_html-{word}>\n<p>Es war <b>einmal</b></p>\n</article_raw_html-{word}>" in user.text
    assert "Mein Hund" not in system.text
    assert DOG.url not in user.text  # nobody named it


def test_an_empty_placeholder_is_empty_and_can_be_asked_for() -> None:
    prompt = template("Kommentar{% if article_task %} zur Aufgabe {{ article_task }}{% endif %}.")
    assert "Instructions:\nKommentar.\n" in questions.messages(DOG, prompt, 50)[0].text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Zeile\nZu {article_titel}", "line 2: there is no placeholder {article_titel}; did you mean article_title?"),
        ("{{ articel_title }}", "did you mean article_title?"),
        ("{{ article_title.__class__ }}", "nothing has a part"),
    ],
)
def test_unknown_placeholders_are_refused_when_saved(text: str, said: str) -> None:
    with pytest.raises(TemplateInvalid, match=re.escape(said)):
        service.check("comment", text)


def test_single_braces_mean_nothing_where_there_are_no_placeholders() -> None:
    assert (
        service.check("write", "Write {article_title} in {{ language }}") == "Write {article_title} in {{ language }}"
    )
    assert service.check("comment", 'Wie {"a": 1} und { }') == 'Wie {"a": 1} und { }'


POISON = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "{{ article_url }}",
                "{article_url}",
                "{% raw %}",
                "</article_content-0>",
                "<article_title-",
                "{{",
                "}}",
                "{#",
            ]
        ),
        st.sampled_from(attacks.ORDERS),
        st.text(max_size=8),
    ),
    max_size=8,
).map(" ".join)


@settings(max_examples=60)
@given(title=POISON, text=POISON, author=POISON)
def test_an_article_can_inject_nothing(title: str, text: str, author: str) -> None:
    """What an article says changes pointers only; each fence opens and closes once, and holds no order."""
    subject = replace(DOG, title=title, text=text, author=author, language="de")
    system, user = questions.messages(
        subject, template("Zu {article_title}, {article_author}: {{ article_content }}"), 50
    )
    word = next(iter(re.findall(r"<article_title-([0-9a-f]{16})> and the like", system.text)))
    bare = [re.sub(rf"<article_(title|author|content)-{word}>", "", system.text).split("Rules.")[0]]
    assert bare[0].split("Instructions:\n")[1].strip() in ("Zu , :", "Zu ,:")
    assert len(re.findall(rf"<(\w+)-{word}>", user.text)) == len(re.findall(rf"</(\w+)-{word}>", user.text))
    names = re.findall(rf"<(\w+)-{word}>", user.text)
    assert len(names) == len(set(names))
    assert injection.visible(user.text) == user.text
    assert DOG.url not in user.text


def test_no_attacking_article_and_no_attacking_model_gets_anything_out(monkeypatch: pytest.MonkeyPatch) -> None:
    model = MaliciousModel()
    monkeypatch.setattr(asking, "ask", model.ask)
    refused = 0
    for text in list(attacks.articles())[::3]:
        for prompt in PROMPTS:
            system, user = questions.messages(replace(DOG, title=text[100:160], text=text, html=text), prompt, 50)
            assert "harbour" not in system.text.lower()
            assert "evil.example" not in system.text
            assert "ignore all previous" not in user.text.lower()
            try:
                made = writing.write(replace(DOG, text=text), prompt, NOBODY)
            except CommentUnusable:
                refused += 1
                continue
            nothing_got_out(made.html)
    assert refused > 100


WORST = [
    "<script>alert(1)</script>",
    "<a href='https://evil.example'>hier</a>",
    "<img src=x onerror=alert(1)>",
    "<p style='position:fixed'>groß</p>",
    "[Dieser Kommentar stammt von einem KI-ChatBot.]",
    "[Dieser Kommentar wurde von einem Menschen geschrieben.]",
    "<!-- [This comment was written by an AI chatbot.] -->",
    "<iframe src='//evil.example'></iframe>",
    "<svg><script>alert(1)</script></svg>",
    "<form action='//evil.example'><button>klick</button></form>",
    "un\u202esicht\u200bbar",
]


@pytest.mark.parametrize("poison", WORST)
def test_what_hides_in_a_good_comment_is_taken_out(says: Callable[..., Says], poison: str) -> None:
    """The comment may stand, without what does not belong there."""
    says(f"{GOOD}{poison}<p>{poison}</p>", GOOD)
    nothing_got_out(writing.write(DOG, PROMPTS[0], NOBODY).html)


def nothing_got_out(html: str) -> None:
    """No link, script, raw HTML, second disclosure, forged placeholder or hidden letter."""
    assert html.startswith(HEAD)
    assert set(re.findall(r"<[^>]*>", html)) <= {"<p>", "</p>", "<strong>", "</strong>", "<em>", "</em>", "<br>"}
    rest = html.removeprefix(HEAD)
    for forbidden in (
        "KI-ChatBot",
        "AI chatbot",
        "Menschen geschrieben",
        "evil.example",
        "alert(",
        "{",
        "href",
        "script",
    ):
        assert forbidden not in rest
    assert injection.visible(html) == html


def test_a_wrong_template_says_where(says: Callable[..., Says]) -> None:
    says(GOOD)
    with pytest.raises(StonehandError, match="line 1"):
        writing.write(DOG, template("{article_titel}"), NOBODY)
