"""What a rubric is made of: criteria with measures and weights, bands, gauges, a reader's profile. Pure data."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stonehand.rubrics.errors import RubricInvalid

Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f|]+$")]
Words = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Keyword = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00\n]+$")]
Keywords = Annotated[list[Keyword], Field(max_length=400)]
MOST_CRITERIA = 20


class Part(BaseModel):
    """A part of a definition; what we do not know in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Band(Part):
    """A name for scores from `from_score` on, up to the next band's."""

    name: Name
    from_score: float = Field(ge=0, le=100)


class Criterion(Part):
    """One thing that is judged.

    `measure` names how (`label` for a choice); a label is told by its description, its examples, its keywords by
    language and `features` of style with their weights, below 0 if they speak against it.
    """

    name: Name
    description: Words = ""
    weight: float = Field(default=1.0, gt=0, le=1000)
    measure: str = Field(default="label", max_length=60)
    options: dict[str, float | str | bool] = Field(default_factory=dict, max_length=20)
    keywords: dict[str, Keywords] = Field(default_factory=dict, max_length=20)
    examples: list[Words] = Field(default_factory=list, max_length=20)
    features: dict[str, float] = Field(default_factory=dict, max_length=20)


class Gauge(Criterion):
    """Something that is told beside the score, such as difficulty; its own bands name it."""

    bands: list[Band] = Field(default_factory=list, max_length=20)


class Profile(Part):
    """Whom the texts are for: what a reader cares about, in words, names, places and languages."""

    description: Words = ""
    topic: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""
    keywords: Keywords = Field(default_factory=list)
    places: Keywords = Field(default_factory=list)
    names: Keywords = Field(default_factory=list)
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = Field(default_factory=list, max_length=20)


class Confidence(Part):
    """From when on a choice is sure, and below which a person should look (both 0 to 1)."""

    high: float = Field(default=0.8, ge=0, le=1)
    review: float = Field(default=0.7, ge=0, le=1)


class Definition(Part):
    """A whole rubric. `choice`: the criterion that fits best is the label. `sum`: their weighted mean is the score.

    `access` says which score of a reader in the label's phase opens a difficulty, such as {"Advanced": 80}.
    """

    kind: Literal["choice", "sum"]
    criteria: list[Criterion] = Field(min_length=1, max_length=MOST_CRITERIA)
    gauges: list[Gauge] = Field(default_factory=list, max_length=MOST_CRITERIA)
    bands: list[Band] = Field(default_factory=list, max_length=20)
    confidence: Confidence = Confidence()
    access: dict[str, float] = Field(default_factory=dict, max_length=20)
    profile: Profile = Profile()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        names = [each.name for each in (*self.criteria, *self.gauges)]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two criteria or gauges are called {min(twice)!r}; rename one")
        if self.kind == "choice" and len(self.criteria) < 2:
            raise ValueError("a choice needs two criteria at least; add one, or make it a sum")
        return self

    @property
    def names(self) -> list[str]:
        """Of its criteria."""
        return [each.name for each in self.criteria]


def read(data: Any, measures: frozenset[str], features: frozenset[str]) -> Definition:
    """A definition from plain data. Raises `RubricInvalid` with the place that does not fit and how to mend it."""
    try:
        found = Definition.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        places = {".".join(map(str, each["loc"])): each["msg"].removeprefix("Value error, ") for each in wrong}
        said = "; ".join(f"{place or 'its top'}: {words}" for place, words in list(places.items())[:3])
        raise RubricInvalid(f"the rubric does not fit at {said}", places) from None
    for list_name, parts in (("criteria", found.criteria), ("gauges", found.gauges)):
        for at, each in enumerate(parts):
            try:
                _check(found, each, measures, features)
            except RubricInvalid as error:
                raise RubricInvalid(str(error), {f"{list_name}.{at}": str(error)}) from None
    return found


def _check(whole: Definition, each: Criterion, measures: frozenset[str], features: frozenset[str]) -> None:
    is_label = each.measure == "label"
    if is_label and isinstance(each, Gauge):
        raise RubricInvalid(f"the gauge {each.name!r} needs a measure; they are {', '.join(sorted(measures))}")
    if not is_label and each.measure not in measures:
        known = ", ".join(sorted(measures))
        raise RubricInvalid(f"{each.name!r}: there is no measure {each.measure!r}; they are label, {known}")
    if whole.kind == "choice" and not is_label and not isinstance(each, Gauge):
        raise RubricInvalid(f"{each.name!r}: in a choice every criterion is a label; make it a gauge")
    if is_label and not (each.description.strip() or each.keywords or each.examples):
        raise RubricInvalid(f"{each.name!r} needs a description, keywords or examples, or it fits nothing")
    unknown = set(each.features) - features
    if unknown:
        raise RubricInvalid(
            f"{each.name!r}: there is no feature {min(unknown)!r}; they are {', '.join(sorted(features))}"
        )


def band(bands: list[Band], score: float) -> str:
    """The name of the highest band that a score reaches; empty below all of them."""
    reached = [each for each in bands if score >= each.from_score]
    return max(reached, key=lambda each: each.from_score).name if reached else ""
