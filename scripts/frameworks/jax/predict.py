"""Score the MNIST test images with a network that train.py has saved."""

import json
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from network import ACTIVATIONS, forward


def predict(
    model, test_images, scores, inputs, hidden_layers, hidden_units, activation,
    batch_size, repeats, precision, **unknown
):  # fmt: skip
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    if activation not in ACTIVATIONS or precision not in ("float32", "float64"):
        sys.exit(f"cannot compute {activation} in {precision}")
    jax.config.update("jax_enable_x64", precision == "float64")
    print("ready", flush=True)

    images = np.fromfile(test_images, dtype="<f4").reshape(-1, inputs)
    images = jnp.asarray(images, precision)
    print("loaded", flush=True)

    arrays = [jnp.asarray(array) for array in np.load(Path(model, "parameters.npz")).values()]
    layers = list(zip(arrays[::2], arrays[1::2]))
    print("built", flush=True)

    @jax.jit
    def logits_of(layers, images):
        return jax.lax.map(
            lambda image: forward(layers, image, activation), images, batch_size=batch_size
        )

    logits_of = logits_of.lower(layers, images).compile()
    print("compiled", flush=True)

    for repeat in range(1, repeats + 1):
        logits = logits_of(layers, images).block_until_ready()
        print("predicted", repeat, flush=True)

    np.asarray(logits, "<f4").tofile(scores)
    print("saved", flush=True)


predict(**json.loads(Path(sys.argv[1]).read_text()))
