"""How a statement is decided: by checks, which are numbers and the bounds that they must be in.

A statement is one function, registered by the id that it has in reference/statements.yaml. It
returns checks: a number for each framework that the statement speaks of, and the bounds. A
statement holds where all numbers are in their bounds, and does not hold where one is not. It is
ambiguous where all known numbers are in their bounds, but a framework, a recipe or a measurement is
missing. It is also ambiguous where the errors of the means make the verdict less than 95 % probable
(`probability`). It is not run where no number is known, because there are no runs with the data and
the size of 2016.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from verdicts.basis import AMBIGUOUS, NOT_RUN, NotDecidable, NotRun
from verdicts.estimated import Draw, Impossible
from verdicts.setting import Numbers, Setting

HOLDS, DOES_NOT_HOLD = DECIDED = "holds", "does not hold"
# A verdict that rests on our runs is given if it is so probable.
SURE = 0.95
# A probability is a share of this number of draws. Near `SURE`, its standard error is 0.7 %. So a
# share that differs from `SURE` by no more than `NEAR` is taken again, of many draws.
DRAWS, MANY_DRAWS, NEAR = 1000, 10_000, 0.02


def written(value: float) -> str:
    """Write a number with three digits, ``0.956``, or with all before its point, ``60,000``."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


@dataclass(frozen=True)
class Check:
    """Numbers by what they belong to, the bounds that they must be in, and what they are."""

    quantity: str
    numbers: Numbers
    low: float = -np.inf
    high: float = np.inf

    @property
    def known(self) -> dict[str, float]:
        return {k: v for k, v in self.numbers.items() if not isinstance(v, NotDecidable)}

    @property
    def fails(self) -> bool:
        """Whether a known number is out of the bounds."""
        return not all(map(self.passes, self.known.values()))

    @property
    def missing(self) -> list[NotDecidable]:
        """Why numbers are missing."""
        return [value for value in self.numbers.values() if isinstance(value, NotDecidable)]

    def passes(self, number: float) -> bool:
        # Means of decimals are not exact in binary.
        return self.low - 1e-9 <= number <= self.high + 1e-9

    def written(self) -> str:
        """Return the numbers, ``quantity: framework number, ...``."""
        numbers = ", ".join(f"{name} {written(value)}" for name, value in self.known.items())
        return f"{self.quantity.rstrip(',')}: {numbers or 'none'}"

    def sentence(self) -> str:
        """Return a clause that says which known numbers are in their bounds and which are not."""
        if np.isinf(self.high):
            bounds, opposite = f"at least {written(self.low)}", f"less than {written(self.low)}"
        elif np.isinf(self.low):
            bounds, opposite = f"at most {written(self.high)}", f"more than {written(self.high)}"
        else:
            ends = dict.fromkeys((written(self.low), written(self.high)))
            bounds = " to ".join(ends)
            opposite = f"not {bounds}"
        inside, outside = (
            ", ".join(
                f"{name} ({written(value)})"
                for name, value in self.known.items()
                if self.passes(value) is passed
            )
            for passed in (True, False)
        )
        if not inside:
            return f"{self.quantity} is {opposite} in {outside}"
        return f"{self.quantity} is {bounds} in {inside}{outside and f', but not in {outside}'}"


@dataclass(frozen=True)
class Either:
    """Two checks of the same names. For each name, it is enough if one of them passes."""

    first: Check
    second: Check

    def _outcomes(self, name: str) -> list[bool]:
        """Return whether a name's known numbers pass."""
        checks = (self.first, self.second)
        return [check.passes(check.known[name]) for check in checks if name in check.known]

    @property
    def known(self) -> dict[str, float]:
        return {**self.second.known, **self.first.known}

    @property
    def fails(self) -> bool:
        """Whether neither passes for a name."""
        return any(self._outcomes(name) == [False, False] for name in self.first.numbers)

    @property
    def missing(self) -> list[NotDecidable]:
        """Why numbers are missing of names for which no known one passes."""
        return [
            number
            for name in self.first.numbers
            if not any(self._outcomes(name))
            for number in (self.first.numbers[name], self.second.numbers[name])
            if isinstance(number, NotDecidable)
        ]

    def written(self) -> str:
        return f"{self.first.written()}; {self.second.written()}"

    def sentence(self) -> str:
        known = [check for check in (self.first, self.second) if check.known]
        return "; ".join(check.sentence() for check in known)


Statement = Callable[[Setting], Sequence[Check | Either]]
STATEMENTS: dict[str, Statement] = {}
# The statements on the authors' files: no run can decide them.
BY_FILES: set[str] = set()


def statement(name: str, *, by_files: bool = False) -> Callable[[Statement], Statement]:
    """Register the function that decides the statement of this id.

    With ``by_files``, the function reads nothing of a setting but its evidence.
    """

    def register(function: Statement) -> Statement:
        assert name not in STATEMENTS, name
        STATEMENTS[name] = function
        if by_files:
            BY_FILES.add(name)
        return function

    return register


def decide(checks: Sequence[Check | Either]) -> tuple[str, str, str]:
    """Return the verdict on a statement, the numbers that it rests on, and one sentence."""
    verdict = outcome(checks)
    missing = [reason for check in checks for reason in check.missing]
    reasons = list(dict.fromkeys(map(str, missing)))
    failed = [check for check in checks if check.fails]
    numbers = "; ".join(check.written() for check in checks)
    sentences = [check.sentence() for check in failed or checks if check.known]
    if verdict == AMBIGUOUS:
        if not sentences and any(isinstance(reason, NotRun) for reason in missing):
            verdict = NOT_RUN
        sentences = [*reasons, *sentences]
    explanation = "; ".join(sentences)
    return verdict, numbers, f"{explanation[0].upper()}{explanation[1:]}."


def outcome(checks: Sequence[Check | Either]) -> str:
    """Return whether a statement holds or does not hold, or that it is ambiguous."""
    if any(check.fails for check in checks):
        return DOES_NOT_HOLD
    return AMBIGUOUS if any(check.missing for check in checks) else HOLDS


def probable(verdict: str, probability: float) -> str:
    """Write the probability of a verdict that decides; empty for others and where there is none."""
    if verdict not in DECIDED or math.isnan(probability):
        return ""
    return "more than 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def with_probability(row: dict) -> str:
    """Write the verdict of a row of verdicts-statements with its probability, ``holds, 97 %``."""
    return ", ".join(filter(None, [row["verdict"], probable(row["verdict"], row["probability"])]))


def probability(decided_by: Statement, setting: Setting, verdict: str) -> float:
    """Return how probable a verdict is: the share of `DRAWS` settings that give it.

    Each is drawn from the posterior distribution of the means (estimated.py). If the share is
    `NEAR` to `SURE`, it is that of `MANY_DRAWS`. Not a number where hardly any draw is possible.
    """
    random = np.random.default_rng(1)
    found: list[bool] = []
    for wanted in (DRAWS, MANY_DRAWS):
        for _ in range(10 * wanted):
            with suppress(Impossible):
                found.append(outcome(decided_by(setting.drawn(Draw(random)))) == verdict)
            if len(found) == wanted:
                break
        else:
            return math.nan
        share = sum(found) / wanted
        if abs(share - SURE) > NEAR:
            break
    return share
