"""Runs with the recipes of a setting, as what a statement is judged on (setting.py)."""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache

import pandas as pd
from shared.networks import hidden_size
from shared.study import Facts
from shared.time_model import TimeModel
from verdicts.basis import Basis, NotDecidable, NotRun, repeated_runs, timed_runs
from verdicts.differences import Spread, spread_of
from verdicts.draws import draws, fresh
from verdicts.estimated import Deviation, Estimated
from verdicts.setting import DL4J, DL4J_SUCCESSOR, UNKNOWN, Evidence, Setting


def recipe_of_2016(basis: Basis, evidence: Evidence) -> Callable[[str], str]:
    """Return a function: a framework to the recipe that its published numbers had.

    Torch's public script is not the one of the published run, and is not used here.
    Deeplearning4j's successor has its ancestor's recipe.
    """

    def recipe(framework: str) -> str:
        original = original_of(framework)
        own = basis.own.get(original, [])
        if not own:
            raise NotRun(f"no recipe of the configuration is of {original}")
        published = evidence.of(original).get("published_recipe", own[0])
        if published == UNKNOWN:
            raise NotDecidable(f"the script of {original}'s published run is not public")
        return published

    return recipe


def original_of(framework: str) -> str:
    """Return the framework of the paper whose recipe and facts count for a framework."""
    return DL4J if framework == DL4J_SUCCESSOR else framework


def of_runs(
    name: str,
    runs: pd.DataFrame,
    times: pd.DataFrame,
    recipe_of: Callable[[str], str],
    facts_of: Callable[[str], Facts],
    lines: dict[str, int],
    evidence: Evidence,
    basis: Basis,
    initialisation_only: Mapping[str, str],
    with_right_gradients: Mapping[str, str | None],
) -> Setting:
    """Return runs as a setting.

    A framework that has runs with a recipe computes what the reference program computes
    (docs/equivalence.md). If it has none of a network, or of fewer epochs, the accuracy of the
    reference program with the same recipe stands in.

    Args:
        runs: The workflow's runs table (schemas/runs.schema.yaml), of any experiments together.
        times: The table of timed runs (schemas/times.schema.yaml). Means of times are geometric.
        recipe_of: Framework to the recipe whose runs count.
        facts_of: Framework to what its runs must have been trained and tested with.
        initialisation_only: For a recipe, the one in which nothing is changed but the initial
            weights.
        with_right_gradients: For a recipe that makes the reference's gradients wrong, the one in
            which nothing else is changed; None where there is none.
    """
    of_times, basis = basis.on(times), basis.on(runs)
    # The reference's gradients are known to be right.
    reference = basis.reference
    times = times[times["length"] == "short"]
    stand_ins: set[tuple[str, str, int]] = set()

    def recipe_in(framework: str) -> str:
        if basis.no_run:
            raise NotRun(basis.no_run)
        return recipe_of(framework)

    @cache
    def spread(framework: str, recipe: str, facts: Facts) -> Spread:
        return spread_of(runs, framework, recipe, basis, facts)

    def estimated(
        found: pd.DataFrame, of: tuple[str, str, int], like: tuple[str, str], facts: Facts
    ) -> Estimated:
        """Return the mean accuracy of draws (`draws`) of a recipe, a network and epochs.

        ``like`` is the framework and the recipe whose deviation they have, and ``facts`` theirs.
        """
        network = of[1]
        deviations = spread(*like, facts)
        known = deviations.of(network)
        if found["diverged"].all() or (found["diverged"].any() and known is None):
            raise NotDecidable(f"so few runs cannot tell how often {network} diverges")
        if known is None:
            raise NotDecidable("no seed was repeated, so that our accuracies have no error")
        alone = network if network in deviations.alone else ""
        names = [(*of, each.framework, each.Index) for each in found.itertuples()]
        return Estimated(found["accuracy"].mean(), names, Deviation((*like, alone), *known))

    # Most numbers are needed by several statements.
    @cache
    def accuracy_by(framework: str, network: str, epochs: int) -> tuple[Estimated, bool]:
        """Return an accuracy, and whether the framework has run it itself."""
        recipe, facts = recipe_in(framework), replace(facts_of(framework), epochs=epochs)
        found = draws(runs, framework, recipe, network, basis, facts)
        own = framework in set(found["framework"])
        # After fewer epochs, the deviation is taken to be that after ten.
        like, usual = (framework, recipe), facts_of(framework)
        return estimated(found, (recipe, network, epochs), like, usual), own

    def accuracy(framework: str, network: str, epochs: int) -> Estimated:
        found, own = accuracy_by(framework, network, epochs)
        if not own:
            stand_ins.add((framework, network, epochs))
        return found

    @cache
    def model(measure: str) -> TimeModel:
        recipes = {}
        for framework in times["framework"].unique():
            with suppress(NotDecidable):
                recipes[framework] = recipe_of(framework)
        return TimeModel(times[times["recipe"] == times["framework"].map(recipes)], measure)

    @cache
    def seconds(framework: str, network: str, measure: str) -> Estimated:
        if of_times.no_run:
            raise NotRun(of_times.no_run)
        if why := of_times.other_clocks.get((framework, measure)):
            raise NotDecidable(f"{framework}: {why}")
        recipe, facts = recipe_of(framework), facts_of(framework)
        found = timed_runs(times, framework, recipe, network, facts, of_times)
        fitted = model(measure)
        deviation, freedom = fitted.deviation(framework, network)
        if not freedom:
            raise NotDecidable("nothing was repeated, so that our times have no error")
        alone = network if (framework, network) in fitted.alone else ""
        return Estimated(
            math.exp(fitted.level(framework, [network]).value),
            [(framework, network, block) for block in found["block"]],
            Deviation((framework, measure, alone), deviation, freedom),
            relative=True,
            blocks=[(framework, block) for block in found["block"]],
            in_block=fitted.in_block,
        )

    def mean(framework: str, network: str, measure: str) -> Estimated:
        if measure == "accuracy":
            return accuracy(framework, network, facts_of(framework).epochs)
        return seconds(framework, network, measure)

    @cache
    def by_reference(framework: str, network: str, recipe: str, other: str | None) -> Estimated:
        facts = facts_of(framework)
        # A stand-in tells nothing about the framework's own gradients.
        repeated_runs(runs, framework, recipe, network, facts, basis)
        if other is None:
            raise NotDecidable(f"{recipe} has no recipe in which only the tried cause is changed")
        chosen = repeated_runs(runs, reference, other, network, facts, basis)
        # A recipe with one change may have been run with one seed.
        repeated = spread(reference, other, facts).pooled
        like = (reference, other) if repeated else (framework, recipe)
        of = (other, network, facts.epochs)
        return estimated(fresh(chosen, other, basis), of, like, facts)

    def right_gradients(framework: str, network: str) -> Estimated:
        recipe = recipe_in(framework)
        # A network with one hidden layer shares no module.
        one_layer = hidden_size(network)["hidden_layers"] == 1
        other = recipe if one_layer else with_right_gradients.get(recipe, recipe)
        return by_reference(framework, network, recipe, other)

    def other_weights(framework: str, network: str) -> Estimated:
        recipe = recipe_in(framework)
        return by_reference(framework, network, recipe, initialisation_only.get(recipe))

    return Setting(
        name, mean, lines, evidence, accuracy, right_gradients, other_weights, reference, stand_ins
    )
