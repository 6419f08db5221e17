"""Train a fully connected network on MNIST with PyTorch."""

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch
from network import ACTIVATIONS, FullyConnected
from torch import nn


def build_optimizer(model, args):
    if args.optimizer == "sgd":
        return torch.optim.SGD(
            model.parameters(),
            lr=args.learning_rate,
            momentum=args.momentum,
            dampening=args.dampening,
            nesterov=args.nesterov,
            weight_decay=args.weight_decay,
            fused=True,
        )
    optimizer = torch.optim.Adam(
        model.parameters(),
        lr=args.learning_rate,
        betas=(args.beta1, args.beta2),
        weight_decay=args.weight_decay,
        fused=True,
    )
    steps = itertools.count(1)

    def set_epsilon(optimizer, *_):
        # PyTorch adds epsilon to the root of the second moment after its bias correction.
        [group] = optimizer.param_groups
        group["eps"] = args.epsilon / (1 - args.beta2 ** next(steps)) ** 0.5

    optimizer.register_step_pre_hook(set_epsilon)
    return optimizer


def lower_learning_rate(scheduler):
    [rate] = scheduler.get_last_lr()
    scheduler.step()
    [next_rate] = scheduler.get_last_lr()
    # PyTorch would multiply the whole velocity by the new rate; each gradient in it keeps its own.
    for state in scheduler.optimizer.state.values():
        if state.get("momentum_buffer") is not None:
            state["momentum_buffer"] *= rate / next_rate


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-images", required=True)
    parser.add_argument("--train-labels", required=True)
    parser.add_argument("--initial-weights", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--hidden-layers", type=int, required=True)
    parser.add_argument("--hidden-units", type=int, required=True)
    parser.add_argument("--activation", choices=ACTIVATIONS, required=True)
    parser.add_argument("--optimizer", choices=["sgd", "adam"], required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--learning-rate-gamma", type=float, default=0.0)
    parser.add_argument("--learning-rate-power", type=float, default=1.0)
    parser.add_argument("--momentum", type=float, default=0.0)
    parser.add_argument("--dampening", type=float, default=0.0)
    parser.add_argument("--nesterov", action="store_true")
    parser.add_argument("--beta1", type=float, default=0.9)
    parser.add_argument("--beta2", type=float, default=0.999)
    parser.add_argument("--epsilon", type=float, default=1e-8)
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--partial-batch", choices=["keep", "drop", "wrap"], default="keep")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--shuffle", action="store_true")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    args = parser.parse_args()
    if args.nesterov and (args.momentum == 0 or args.dampening != 0):
        parser.error("PyTorch cannot take Nesterov's step without momentum or with dampening")
    if args.dampening != 0 and args.momentum == 0:
        parser.error("PyTorch cannot dampen the gradient without momentum")
    precision = getattr(torch, args.precision)
    torch.manual_seed(args.seed)
    print("ready", flush=True)

    images = np.fromfile(args.train_images, dtype="<f4").reshape(-1, args.inputs)
    images = torch.from_numpy(images).to(precision)
    labels = torch.from_numpy(np.fromfile(args.train_labels, dtype=np.uint8)).long()
    print("loaded", flush=True)

    model = FullyConnected(args.inputs, args.hidden_layers, args.hidden_units, args.activation)
    model.to(precision)
    model.set_weights(torch.from_numpy(np.fromfile(args.initial_weights, dtype="<f4")))
    loss_function = nn.CrossEntropyLoss()
    optimizer = build_optimizer(model, args)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: (1 + args.learning_rate_gamma * step) ** -args.learning_rate_power,
    )
    print("built", flush=True)

    model.train()
    order = torch.arange(len(images))
    left_over = order[:0]
    for epoch in range(1, args.epochs + 1):
        if args.shuffle:
            order = torch.randperm(len(images))
        *batches, last = torch.cat([left_over, order]).split(args.batch_size)
        left_over = order[:0]
        if len(last) == args.batch_size or args.partial_batch == "keep":
            batches.append(last)
        elif args.partial_batch == "wrap":
            left_over = last
        for batch in batches:
            loss = loss_function(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            if args.learning_rate_gamma:
                lower_learning_rate(scheduler)
        print("epoch", epoch, flush=True)

    args.model.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), args.model / "model.pt")
    print("saved", flush=True)


if __name__ == "__main__":
    main()
