"""How a statement is decided: by checks, which are numbers and the bounds that they must be in.

A statement is one function, registered by the id that it has in reference/statements.yaml. It
returns checks: a number for each framework that the statement speaks of, and the bounds. A
statement holds where all numbers are in their bounds, and does not hold where one is not. It is
ambiguous where all known numbers are in their bounds, but a framework, a recipe or a measurement is
missing. It is not run where no number is known, because there are no runs with the data and the
size of 2016.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from verdicts.basis import AMBIGUOUS, NOT_RUN, NotDecidable, NotRun
from verdicts.setting import Numbers, Setting

HOLDS, DOES_NOT_HOLD = "holds", "does not hold"


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
    def missing(self) -> list[NotDecidable]:
        """Why numbers are missing."""
        return [value for value in self.numbers.values() if isinstance(value, NotDecidable)]

    def passes(self, number: float) -> bool:
        # Means of decimals are not exact in binary.
        return self.low - 1e-9 <= number <= self.high + 1e-9

    def written(self) -> str:
        """Return the numbers, ``quantity: framework number, ...``."""
        numbers = ", ".join(f"{name} {value:.3g}" for name, value in self.known.items())
        return f"{self.quantity.rstrip(',')}: {numbers or 'none'}"

    def sentence(self) -> str:
        """Return a clause that says which known numbers are in their bounds and which are not."""
        if np.isinf(self.high):
            bounds = f"at least {self.low:.3g}"
        elif np.isinf(self.low):
            bounds = f"at most {self.high:.3g}"
        else:
            bounds = f"{self.low:.3g} to {self.high:.3g}"
        inside, outside = (
            ", ".join(f"{k} ({v:.3g})" for k, v in self.known.items() if self.passes(v) is passed)
            for passed in (True, False)
        )
        if not inside:
            return f"{self.quantity} is not {bounds} in {outside}"
        return f"{self.quantity} is {bounds} in {inside}{outside and f', but not in {outside}'}"


Statement = Callable[[Setting], list[Check]]
STATEMENTS: dict[str, Statement] = {}


def statement(name: str) -> Callable[[Statement], Statement]:
    """Register the function that decides the statement of this id."""

    def register(function: Statement) -> Statement:
        assert name not in STATEMENTS, name
        STATEMENTS[name] = function
        return function

    return register


def decide(checks: list[Check]) -> tuple[str, str, str]:
    """Return the verdict on a statement, the numbers that it rests on, and one sentence."""
    missing = [reason for check in checks for reason in check.missing]
    reasons = list(dict.fromkeys(map(str, missing)))
    failed = any(not check.passes(value) for check in checks for value in check.known.values())
    numbers = "; ".join(check.written() for check in checks)
    sentences = [check.sentence() for check in checks if check.known]
    if failed:
        verdict = DOES_NOT_HOLD
    elif not sentences and all(isinstance(reason, NotRun) for reason in missing):
        verdict, sentences = NOT_RUN, reasons
    elif reasons:
        verdict, sentences = AMBIGUOUS, [*reasons, *sentences]
    else:
        verdict = HOLDS
    explanation = "; ".join(sentences)
    return verdict, numbers, f"{explanation[0].upper()}{explanation[1:]}."
