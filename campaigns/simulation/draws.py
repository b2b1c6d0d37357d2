"""Chance as a profile writes it: spans of time and shares."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Annotated, Generic, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from campaigns.policy.durations import Duration

_P95_SIGMAS = 1.6448536
"""The 95th percentile of the normal distribution, in standard deviations."""

Share = Annotated[float, Field(ge=0, le=1)]

T = TypeVar("T")


class Settings(BaseModel):
    """Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(Settings):
    """A span that varies: half are shorter than the median, one in twenty is longer than ``p95`` (log-normal)."""

    median_s: Duration = Field(alias="median")
    p95_s: Duration = Field(alias="p95")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 < self.median_s <= self.p95_s:
            raise ValueError("median must be above 0 and at most p95")
        return self

    @cached_property
    def _sigma(self) -> float:
        return math.log(self.p95_s / self.median_s) / _P95_SIGMAS

    def draw(self, chance: Random) -> float:
        """Seconds."""
        return self.median_s * math.exp(self._sigma * chance.gauss(0.0, 1.0))


def _sum_to_one(shares: Mapping[T, float]) -> Mapping[T, float]:
    total = sum(shares.values())
    if not math.isclose(total, 1.0, abs_tol=1e-6):
        raise ValueError(f"the shares come to {total:g}; make them come to 1")
    return shares


class Choice(Generic[T]):
    """Draws one of several by their weights."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._values = list(weights)
        self._sums = list(accumulate(weights.values()))

    def draw(self, chance: Random) -> T:
        """One of them."""
        place = bisect(self._sums, chance.random() * self._sums[-1])
        return self._values[min(place, len(self._values) - 1)]


K = TypeVar("K")
Shares = Annotated[Mapping[K, Share], AfterValidator(_sum_to_one)]
"""Shares that come to 1."""


def derived(*parts: int) -> Random:
    """A source of chance of its own for each combination of whole numbers, the same in every run."""
    seed = 0
    for part in parts:
        seed = (seed << 32) ^ part
    return Random(seed)
