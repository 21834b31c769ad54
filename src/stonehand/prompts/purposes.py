"""What a language model can be asked for: what each purpose is given, and what it must answer.

The names of a template hold what people of the house said, never what a source said: that goes beside it, in fences.
A placeholder stands for such a text: the template is given a pointer to its fence, and never the words.
"""

from __future__ import annotations

from dataclasses import dataclass

from stonehand.prompts.errors import PromptInvalid

WRITE, REWRITE, HEADLINE, DIGEST, COMMENT = "write", "rewrite", "headline", "digest", "comment"


@dataclass(frozen=True)
class Name:
    """A name that a template may use: what it holds, and a value to try it with. A placeholder points to a fence."""

    name: str
    what: str
    example: str | int | tuple[str, ...]
    is_placeholder: bool = False


@dataclass(frozen=True)
class Purpose:
    """`data` is what our code adds in fences; `task` and `form` are told to the model, whatever the template says."""

    key: str
    title: str
    names: tuple[Name, ...]
    data: str
    answer: str
    task: str
    form: str

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names that stand for what strangers wrote."""
        return tuple(each.name for each in self.names if each.is_placeholder)


LANGUAGE = Name("language", "the language to write in, in English words", "English")
HOUSE = (
    LANGUAGE,
    Name("words", "how many words are wished for; 0 if nobody said", 400),
    Name("persona", "who the writer is, from the agent", "a harbour reporter who knows every pilot"),
    Name("tone", "how it should sound, from the agent", "calm and exact"),
    Name("expertise", "what the agent knows about", "shipping and ports"),
    Name("brief", "what the agent is for", "what changes for people who cross the harbour"),
    Name("keyword", "the word that people should find the piece by", "harbour bridge"),
    Name("keywords", "the same, split at commas: a list for a loop", ("harbour bridge", "closure")),
    Name("note", "what a reviewer asked for; empty at first", "Say first what it costs."),
    Name("sources", "how many sources stand in the next message", 3),
    Name("today", "the date, such as 2026-05-03", "2026-05-03"),
)
STORIES = Name("stories", "how many stories the digest has", 5)


def _placeholder(name: str, what: str) -> Name:
    return Name(name, what, f"<{name}>", is_placeholder=True)


ARTICLE = (
    LANGUAGE,
    _placeholder("article_title", "the article's title"),
    _placeholder("article_content", "what the article says, without its markup"),
    _placeholder("article_author", "who wrote it"),
    _placeholder("article_category", "its category at the platform"),
    _placeholder("article_task", "the task that it answers, if the platform names one"),
    _placeholder("article_published_at", "when it was published"),
    _placeholder("article_edited_at", "when it was changed last"),
    _placeholder("article_url", "its address"),
    _placeholder("article_raw_html", "the first 5,000 characters of its HTML, as far as a reader sees them"),
    _placeholder("login_name", "what the platform calls the login that comments"),
    Name("today", "the date, such as 2026-05-03", "2026-05-03"),
)

_METAS = '"meta_title": string, "meta_description": string, "keywords": [string, ...]'
_SENTENCE = '{"text": string, "sources": [number, ...]}'
_PIECE = (
    f'Answer with one JSON object: {{"title": string, {_METAS}, "sentences": [{_SENTENCE}, ...]}}.\n'
    'For a text of more than 400 words, give "sections" instead of "sentences": '
    f'[{{"heading": string, "level": 2 or 3, "form": "prose" or "list", "sentences": [{_SENTENCE}, ...]}}, ...].'
)

PURPOSES = {
    each.key: each
    for each in (
        Purpose(
            WRITE,
            "Write a piece",
            HOUSE,
            "the topic and up to eight numbered sources",
            "a title, sentences with the numbers of their sources, perhaps under subheadings, and the metas",
            "You write for an editor who checks every sentence against the numbered sources that follow.",
            _PIECE,
        ),
        Purpose(
            REWRITE,
            "Rewrite with notes",
            HOUSE,
            "the topic, the numbered sources, and the text as it was",
            "the same as for a piece",
            "You rewrite a text for an editor who checks every sentence against the numbered sources that follow.",
            _PIECE,
        ),
        Purpose(
            HEADLINE,
            "Headline and metas",
            HOUSE,
            "the text, and the numbered sources that it rests on",
            "three to five titles, the best first, and the metas",
            "You find titles for a finished text, for an editor who checks every one of them against it.",
            f'Answer with one JSON object: {{"titles": [string, ...], {_METAS}}}.',
        ),
        Purpose(
            DIGEST,
            "Digest",
            (*HOUSE, STORIES),
            "the stories with the numbers of their sources, and the numbered sources",
            "for each story its number and a few sentences with the numbers of their sources, and the metas",
            "You sum up stories for an editor who checks every sentence against the numbered sources that follow.",
            f'Answer with one JSON object: {{"title": string, {_METAS}, '
            f'"stories": [{{"number": number, "sentences": [{_SENTENCE}, ...]}}, ...]}}.',
        ),
        Purpose(
            COMMENT,
            "Comment on an article",
            ARTICLE,
            "the article's title, author, category, task and text, and what else the template names",
            "its reasons, which are never sent, and the comment in paragraphs",
            "You write a comment that stands under an article on a platform, after a person has read it.",
            'Answer with one JSON object: {"reasoning": string, "comment": string}.\n'
            '"reasoning" says in a few sentences what you saw in the article and why you say what you say; no reader of'
            ' the platform sees it. "comment" is HTML of paragraphs only: <p>...</p>, inside them at most <strong>,'
            " <em> and <br>.",
        ),
    )
}


def purpose(key: str) -> Purpose:
    """A purpose by its word. Raises `PromptInvalid`."""
    if key not in PURPOSES:
        raise PromptInvalid(f"there is no purpose {key!r}; choose one of {', '.join(PURPOSES)}")
    return PURPOSES[key]
