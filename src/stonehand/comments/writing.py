"""Has a comment written by a language model, and lets only what holds come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from stonehand import config
from stonehand.comments import questions, wording
from stonehand.comments.subjects import Subject, Written
from stonehand.comments.wording import CommentUnusable
from stonehand.drafts.prompts import again
from stonehand.llm import asking
from stonehand.llm.asking import Answer
from stonehand.llm.errors import AnswerInvalid
from stonehand.llm.payers import Payer
from stonehand.llm.prices import Message
from stonehand.prompts import injection
from stonehand.prompts.library import PromptText

PURPOSE = "comments.write"
MOST_TOKENS = 1500
LONGEST_REASONING = 4000


class WrittenComment(BaseModel):
    """What the model is asked for: words, and nothing else."""

    model_config = ConfigDict(extra="forbid")

    reasoning: Annotated[str, Field(max_length=LONGEST_REASONING)] = ""
    comment: Annotated[str, Field(min_length=1, max_length=6000)]


@dataclass(frozen=True)
class _Round:
    """One answer; None if it had no shape. `html` is empty then."""

    answer: Answer[WrittenComment] | None
    html: str
    faults: tuple[str, ...]

    @property
    def plain(self) -> Any:
        """The answer as plain data."""
        return None if self.answer is None else self.answer.value.model_dump(mode="json")


def write(subject: Subject, prompt: PromptText, payer: Payer, model_id: str = "") -> Written:
    """A comment on the subject. The model is asked once more if its first answer has faults.

    Waits for the model, so call it with no transaction open. Raises `CommentUnusable`, `TemplateInvalid`,
    `TemplateTooMuch`, and what stands in the way of asking.
    """
    asked = questions.messages(subject, prompt, config.settings().comment_min_length)
    rounds = [_asked(subject, asked, payer, model_id)]
    if rounds[0].faults:
        more = again(asked, rounds[0].plain, rounds[0].faults)
        rounds.append(_asked(subject, more, payer, model_id))
    return _written(subject, prompt, rounds)


def _asked(subject: Subject, messages: list[Message], payer: Payer, model_id: str) -> _Round:
    try:
        answer = asking.ask(
            messages, WrittenComment, purpose=PURPOSE, max_tokens=MOST_TOKENS, payer=payer, model_id=model_id
        )
    except AnswerInvalid as error:
        return _Round(None, "", (f"it is not the JSON object that was described: {error}",))
    language = questions.language_of(subject)
    disclosure = wording.disclosure_of(subject.disclosure, language)
    html = wording.normalised(answer.value.comment, disclosure)
    return _Round(answer, html, tuple(wording.faults(html, disclosure, language, f"{subject.title}\n{subject.text}")))


def _written(subject: Subject, prompt: PromptText, rounds: list[_Round]) -> Written:
    last = rounds[-1]
    if last.faults or last.answer is None:
        raise CommentUnusable(f"the language model's comment cannot be used, asked twice: {'; '.join(last.faults[:3])}")
    answers = [each.answer for each in rounds if each.answer is not None]
    return Written(
        html=last.html,
        language=questions.language_of(subject),
        reasoning=injection.visible(last.answer.value.reasoning),
        warnings=tuple(_warnings(subject, rounds)),
        model=last.answer.model,
        prompt_label=prompt.label,
        cost_micro=sum(each.cost_micro for each in answers),
        input_tokens=sum(each.input_tokens or 0 for each in answers),
        output_tokens=sum(each.output_tokens or 0 for each in answers),
    )


def _warnings(subject: Subject, rounds: list[_Round]) -> list[dict[str, str]]:
    found = []
    reasons = dict.fromkeys(one.reason for one in injection.suspicions(f"{subject.title}\n{subject.text}"))
    if reasons:
        said = (
            f"The article {', '.join(reasons)}. Such sentences were not shown to the model; read the comment with care."
        )
        found.append({"kind": "injection", "text": said})
    if len(rounds) > 1:
        text = f"The model was asked twice. Its first comment was not used: {'; '.join(rounds[0].faults[:3])}."
        found.append({"kind": "mended", "text": text})
    return found
