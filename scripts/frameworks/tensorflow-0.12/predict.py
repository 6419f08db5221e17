"""Score the MNIST test images with a network that train.py has saved."""

import argparse
import os

import numpy as np
import tensorflow as tf

ACTIVATIONS = ["tanh", "relu", "sigmoid"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--test-images", required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--hidden-layers", type=int, required=True)
    parser.add_argument("--hidden-units", type=int, required=True)
    parser.add_argument("--activation", choices=ACTIVATIONS, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    args = parser.parse_args()
    print("ready", flush=True)

    test_images = np.fromfile(args.test_images, dtype="<f4").reshape(-1, args.inputs)
    test_images = test_images.astype(args.precision, copy=False)
    print("loaded", flush=True)

    # As in train.py: TensorFlow 0.12 would take all cores.
    threads = int(os.environ.get("OMP_NUM_THREADS", 0))
    config = tf.ConfigProto(
        intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads
    )
    session = tf.Session(config=config)
    checkpoint = os.path.join(args.model, "model.ckpt")
    saver = tf.train.import_meta_graph(checkpoint + ".meta")
    saver.restore(session, checkpoint)
    images = session.graph.get_tensor_by_name("images:0")
    logits = session.graph.get_tensor_by_name("logits:0")
    print("built", flush=True)

    for repeat in range(1, args.repeats + 1):
        batches = [
            session.run(logits, feed_dict={images: test_images[start : start + args.batch_size]})
            for start in range(0, len(test_images), args.batch_size)
        ]
        scores = np.concatenate(batches)
        print("predicted", repeat, flush=True)

    scores.astype("<f4").tofile(args.scores)
    print("saved", flush=True)


if __name__ == "__main__":
    main()
