"""The assessment: its questions, its scores, and what they unlock. Pure.

Be-Do-Have: BE is identity and mindset, DO skills and actions, HAVE results and management. A score of 80 is Advanced,
of 60 Intermediate, below that Beginner. Scores alone decide, in lists as for a single article.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stonehand.reading.errors import AnswersUnfit
from stonehand.reading.states import Difficulty, Phase

VERSION = 1  # of the questions
HIGHEST = 4  # of an answer: 0 "not at all" to 4 "entirely"
REQUIRED = {Difficulty.BEGINNER: 0, Difficulty.INTERMEDIATE: 60, Difficulty.ADVANCED: 80}
ANSWERS = ("Not at all", "A little", "Half", "Mostly", "Entirely")


@dataclass(frozen=True)
class Question:
    """One statement that a reader agrees with, more or less."""

    key: str
    phase: Phase
    words: str


QUESTIONS = (
    Question("be_values", Phase.BE, "I know what I want to be good at, and why."),
    Question("be_habits", Phase.BE, "My habits fit the person I want to become."),
    Question("be_setbacks", Phase.BE, "After a setback I look for what it teaches me, and go on."),
    Question("be_community", Phase.BE, "I have people around me from whom I learn."),
    Question("do_skills", Phase.DO, "I practise the skills that my goals ask for, week by week."),
    Question("do_plan", Phase.DO, "I have a plan with dates, and I follow it."),
    Question("do_ask", Phase.DO, "I ask for what I need: advice, money, time."),
    Question("do_measure", Phase.DO, "I measure whether what I do works, and change it if not."),
    Question("have_results", Phase.HAVE, "I can point to results that I reached by myself."),
    Question("have_keep", Phase.HAVE, "I look after what I have: money, health, time."),
    Question("have_grow", Phase.HAVE, "What I have works for me, for example by savings or by others' work."),
    Question("have_share", Phase.HAVE, "I can pass on what I have learned and earned."),
)


@dataclass(frozen=True)
class Scores:
    """0 to 100 in each phase."""

    be: int
    do: int
    have: int

    def of(self, phase: Phase) -> int:
        """The score of one phase."""
        return {Phase.BE: self.be, Phase.DO: self.do, Phase.HAVE: self.have}[phase]

    @property
    def mean(self) -> int:
        """Of the three, rounded down, so that no level is unlocked by rounding."""
        return (self.be + self.do + self.have) // 3

    @property
    def weakest(self) -> Phase:
        """The phase with the lowest score; of equals the earlier one."""
        return min(Phase, key=self.of)


def level(score: int) -> Difficulty:
    """The hardest articles that a score unlocks."""
    return max((each for each in Difficulty if REQUIRED[each] <= score), key=lambda each: REQUIRED[each])


def allows(scores: Scores | None, phase: Phase, difficulty: Difficulty) -> bool:
    """Whether an article is unlocked. Without an assessment only Beginner's articles are."""
    return difficulty == Difficulty.BEGINNER if scores is None else scores.of(phase) >= REQUIRED[difficulty]


def scored(answers: Mapping[str, int]) -> Scores:
    """The scores of answers, 0 to 4, to all questions. Raises `AnswersUnfit`."""
    known = {question.key for question in QUESTIONS}
    if unknown := sorted(set(answers) - known):
        raise AnswersUnfit(f"there is no question {unknown[0]!r}; the questions are {', '.join(sorted(known))}")
    if missing := [question.key for question in QUESTIONS if question.key not in answers]:
        raise AnswersUnfit(
            f"{len(missing)} answers are missing, the first of them {missing[0]!r}; answer every question"
        )
    for key, answer in answers.items():
        if not 0 <= answer <= HIGHEST:
            raise AnswersUnfit(f"the answer to {key!r} is {answer}; answers go from 0 to {HIGHEST}")
    return Scores(*(_score(phase, answers) for phase in Phase))


def given(be: int, do: int, have: int) -> Scores:
    """Scores that were found out elsewhere. Raises `AnswersUnfit`."""
    for name, value in (("be", be), ("do", do), ("have", have)):
        if not 0 <= value <= 100:
            raise AnswersUnfit(f"the score {name!r} is {value}; scores go from 0 to 100")
    return Scores(be, do, have)


def _score(phase: Phase, answers: Mapping[str, int]) -> int:
    mine = [answers[question.key] for question in QUESTIONS if question.phase == phase]
    return round(100 * sum(mine) / (HIGHEST * len(mine)))
