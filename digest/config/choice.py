"""The tables of a newsletter's file that say what is chosen: `[ranking]` and `[[sections]]`."""

from __future__ import annotations

import difflib
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from digest.config.toml import Line, Strict
from digest.errors import ConfigError
from digest.models import Ranking, SectionRule
from digest.select.rules import built_in, rule_named

_SHOW_OR_LEAVE = ("keep", "drop")
_Names = tuple[Annotated[str, Field(min_length=1)], ...]


class SectionConfig(Strict):
    """`[[sections]]`: a heading and the posts that stand below it."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    heading: Line
    categories: _Names = ()
    tags: _Names = ()
    authors: _Names = ()
    sources: _Names = ()
    languages: _Names = ()
    weight: Annotated[float, Field(ge=0, le=1)] = 1.0
    minimum: Annotated[int, Field(ge=0, le=100)] = 0
    maximum: Annotated[int, Field(ge=1, le=100)] = 4
    order: Literal["score", "newest", "oldest"] = "score"
    when_thin: str = "keep"

    @field_validator("key")
    @classmethod
    def _no_policy(cls, key: str) -> str:
        if key in _SHOW_OR_LEAVE:
            raise ValueError(f"cannot be '{key}': `when_thin` gives that word another meaning")
        return key

    @model_validator(mode="after")
    def _takes_something(self) -> SectionConfig:
        if not (self.categories or self.tags or self.authors or self.sources or self.languages):
            raise ValueError("the section takes no post: give it categories, tags, authors, sources or languages")
        if self.minimum > self.maximum:
            raise ValueError(f"the section's minimum ({self.minimum}) is above its maximum ({self.maximum})")
        return self

    @property
    def by_category_alone(self) -> bool:
        """Whether nothing but its category leads a post here."""
        return not (self.tags or self.authors or self.sources or self.languages)

    def model(self) -> SectionRule:
        """Return the noun."""
        return SectionRule(**self.model_dump())


def check_sections(sections: tuple[SectionConfig, ...], max_posts: int) -> None:
    """Raise `ValueError` where sections contradict each other."""
    keys = [section.key for section in sections]
    if doubled := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(f"two sections have the same key '{doubled[0]}'")
    names = [name for section in sections if section.by_category_alone for name in section.categories]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"the category '{twice[0]}' stands in two sections; a post goes into one")
    if (kept := sum(section.minimum for section in sections)) > max_posts:
        raise ValueError(f"the sections keep {kept} places (their minimums), and the issue has {max_posts} (max_posts)")
    for section in sections:
        others = [key for key in keys if key != section.key]
        if section.when_thin not in (*_SHOW_OR_LEAVE, *others):
            near = difflib.get_close_matches(section.when_thin, (*_SHOW_OR_LEAVE, *others), n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"allowed: {', '.join((*_SHOW_OR_LEAVE, *others))}"
            raise ValueError(f"the section '{section.key}' cannot go to '{section.when_thin}' when it is thin; {hint}")


class RankingConfig(Strict):
    """`[ranking]`: how much each rule counts, and what the rules measure by."""

    half_life_days: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Ranking().half_life_days
    reading_minutes: Annotated[int, Field(ge=1, le=120)] = Ranking().reading_minutes
    weights: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(default_factory=dict)

    @field_validator("weights")
    @classmethod
    def _known_rules(cls, weights: dict[str, float]) -> dict[str, float]:
        for name in weights:
            if "." in name:
                try:
                    rule_named(name)
                except ConfigError as error:
                    raise ValueError(f"{error.message}; {error.fix}") from error
            elif name not in built_in():
                near = difflib.get_close_matches(name, built_in(), n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(built_in())}, or a.module of yours"
                raise ValueError(f"there is no rule '{name}'; {hint}")
        return weights

    def model(self) -> Ranking:
        """Return the noun: rules that are not named have their usual weight."""
        weights = MappingProxyType({**Ranking().weights, **self.weights})
        return Ranking(weights, self.half_life_days, self.reading_minutes)
