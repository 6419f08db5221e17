"""Names as figures and sentences write them, in place of those of the configuration."""

import re

from shared.networks import activation_of, hidden_size

ACTIVATION_LABELS = {"tanh": "tanh", "relu": "ReLU"}


def recipe_label(recipe: str, of: str | None, frameworks: dict[str, str]) -> str:
    """Write a recipe: ``Torch7 2016 (later)`` for ``torch7-2016-later``.

    Args:
        of: the framework that the recipe is of, if any.
        frameworks: the label of each framework. Versions are dropped: they are not the recipe's.
    """
    found = of and re.fullmatch(rf"{re.escape(of)}-(\d+)(?:-(.+))?", recipe)
    if of is None or not found:
        return recipe.replace("-", " ")
    name = re.sub(r" (\(.*\)|[\d.]+)$", "", frameworks[of])
    extra = f" ({found[2].replace('-', ' ')})" if found[2] else ""
    return f"{name} {found[1]}{extra}"


def network_label(network: str) -> str:
    """Write a network: ``4 tanh layers of 100`` for ``tanh-4x100``."""
    layers, units = hidden_size(network).values()
    activation = ACTIVATION_LABELS.get(activation_of(network), activation_of(network))
    return f"{layers} {activation} layer{'s' if layers > 1 else ''} of {units}"


def dashed(low: float, high: float) -> str:
    """Write the ends of a range of whole numbers, ``2`` or ``2-4`` with a dash."""
    return f"{low:.0f}" if low == high else f"{low:.0f}\N{EN DASH}{high:.0f}"


def listed(names: list[str], word: str = "and") -> str:
    """Write ``a``, ``a and b`` or ``a, b and c``, with another ``word`` before the last one."""
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), names[-1] if names else ""]))
