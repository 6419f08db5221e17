"""What each program is told of a recipe and a network (docs/contract.md), without the paths."""

from typing import Any

from configuration.experiments import drawn_seed, run_epochs, trained_activation, value_of
from shared.networks import hidden_size


def network_settings(recipe: dict, network: str, inputs: int) -> dict[str, Any]:
    """Return the settings that describe a network as a recipe has it, e.g. of ``tanh-3x100``."""
    activation = trained_activation(recipe, network)
    return {"inputs": inputs, **hidden_size(network), "activation": activation}


def train_settings(recipe: dict, network: str, inputs: int, seed: int) -> dict[str, Any]:
    """Return the settings of a training program."""
    optimizer = dict(recipe["optimizer"])
    # Only a value other than the default is written, because programs refuse unknown settings.
    module = value_of(recipe, "activation_module")
    return {
        **network_settings(recipe, network, inputs),
        **({} if module == "separate" else {"activation_module": module}),
        "optimizer": optimizer.pop("name"),
        **optimizer,
        "batch_size": recipe["batch_size"],
        "partial_batch": recipe["partial_batch"],
        "epochs": run_epochs(recipe, seed),
        "shuffle": recipe["shuffle"],
        "seed": drawn_seed(recipe, seed),
        "precision": recipe["precision"],
    }


def predict_settings(recipe: dict, network: str, inputs: int, repeats: int) -> dict[str, Any]:
    """Return the settings of a prediction program that predicts ``repeats`` times."""
    return {
        **network_settings(recipe, network, inputs),
        "batch_size": recipe["batch_size"],
        "repeats": repeats,
        "precision": recipe["precision"],
    }


def weights_settings(recipe: dict, network: str, inputs: int, seed: int) -> dict[str, Any]:
    """Return what weights/draw.py is told.

    The draw does not depend on the activation, so that tanh and ReLU start alike.
    """
    initialisation = recipe["initialisation"]
    return {
        **initialisation,
        "inputs": inputs,
        **hidden_size(network),
        "seed": drawn_seed(recipe, seed),
    }
