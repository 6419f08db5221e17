"""Train a fully connected network on MNIST with PyTorch."""

import argparse
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
    return torch.optim.Adam(
        model.parameters(),
        lr=args.learning_rate,
        betas=(args.beta1, args.beta2),
        eps=args.epsilon,
        weight_decay=args.weight_decay,
        fused=True,
    )


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
    parser.add_argument("--partial-batch", choices=["keep", "drop"], default="keep")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--shuffle", action="store_true")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    args = parser.parse_args()
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
    for epoch in range(1, args.epochs + 1):
        if args.shuffle:
            order = torch.randperm(len(images))
        for batch in order.split(args.batch_size):
            if len(batch) < args.batch_size and args.partial_batch == "drop":
                break
            loss = loss_function(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            if args.learning_rate_gamma:
                scheduler.step()
        print("epoch", epoch, flush=True)

    args.model.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), args.model / "model.pt")
    print("saved", flush=True)


if __name__ == "__main__":
    main()
