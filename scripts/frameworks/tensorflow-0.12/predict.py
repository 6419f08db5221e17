"""Score the MNIST test images with a network that train.py has saved."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

ACTIVATIONS = ["tanh", "relu", "sigmoid"]


def predict(
    model, test_images, scores, inputs, hidden_layers, hidden_units, activation,
    batch_size, repeats, precision, **unknown
):  # fmt: skip
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    if activation not in ACTIVATIONS or precision not in ("float32", "float64"):
        sys.exit(f"cannot compute {activation} in {precision}")
    print("ready", flush=True)

    test_images = np.fromfile(test_images, dtype="<f4").reshape(-1, inputs)
    test_images = test_images.astype(precision, copy=False)
    print("loaded", flush=True)

    # As in train.py: TensorFlow 0.12 would take all cores.
    threads = int(os.environ.get("OMP_NUM_THREADS", 0))
    config = tf.ConfigProto(
        intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads
    )
    session = tf.Session(config=config)
    checkpoint = os.path.join(model, "model.ckpt")
    saver = tf.train.import_meta_graph(checkpoint + ".meta")
    saver.restore(session, checkpoint)
    images = session.graph.get_tensor_by_name("images:0")
    logits = session.graph.get_tensor_by_name("logits:0")
    print("built", flush=True)

    for repeat in range(1, repeats + 1):
        batches = [
            session.run(logits, feed_dict={images: test_images[start : start + batch_size]})
            for start in range(0, len(test_images), batch_size)
        ]
        log_probabilities = np.concatenate(batches)
        print("predicted", repeat, flush=True)

    log_probabilities.astype("<f4").tofile(scores)
    print("saved", flush=True)


predict(**json.loads(Path(sys.argv[1]).read_text()))
