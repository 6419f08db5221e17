"""Draw figures 2 and 3: the configured networks, as they grow in depth and in width."""

import math
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from shared.figure_style import INK, MUTED, WIDTH, footer, panel, save, title
from shared.labels import ACTIVATION_LABELS
from shared.networks import CLASSES, activation_of, hidden_size, layer_sizes
from shared.script import Job, run
from shared.study import plural

LAYER_COLORS = {"input": "#ffffff", "hidden": "#8fb8de", "output": "#2b4c7e"}

# All in the unit of the distance between two neighbouring neurons of a layer.
RADIUS = 0.34
LAYER_GAP = 4.2
MARGIN = 1.9
PANELS_A_ROW = 4


class Network(NamedTuple):
    """A fully connected network without its activation."""

    hidden_layers: int
    hidden_units: int


def parse_networks(names: list[str]) -> dict[Network, list[str]]:
    """The activations that each network is configured with.

    ``names`` are like ``tanh-3x100``: activation, hidden layers, hidden units. Raises InputError
    for others.
    """
    networks: dict[Network, list[str]] = defaultdict(list)
    for name in names:
        activations = networks[Network(**hidden_size(name))]
        if activation_of(name) not in activations:
            activations.append(activation_of(name))
    return dict(networks)


def in_depth(networks: list[Network]) -> list[Network]:
    """The networks of the commonest number of units, the shallowest first."""
    units = [network.hidden_units for network in set(networks)]
    commonest = max(sorted(set(units)), key=units.count)
    return sorted(network for network in set(networks) if network.hidden_units == commonest)


def in_width(networks: list[Network]) -> list[Network]:
    """The networks of the commonest number of layers, the narrowest first.

    Without those that belong to the growth in depth, as in the paper, unless there are no others.
    """
    rest = set(networks) - set(in_depth(networks)) or set(networks)
    layers = [network.hidden_layers for network in rest]
    commonest = max(sorted(set(layers)), key=layers.count)
    return sorted(network for network in rest if network.hidden_layers == commonest)


def drawn_neurons(neurons: int) -> int:
    """How many circles show a layer: all of a small one, otherwise two more for each doubling."""
    if neurons <= CLASSES:
        return neurons
    return min(16, max(4, 2 * math.floor(math.log2(neurons)) - 6))


def neuron_heights(neurons: int) -> list[float]:
    """The heights of a layer's circles, from the top down, centred at 0.

    A wider gap in the middle shows where circles are left out.
    """
    count = drawn_neurons(neurons)
    gap = 0 if count == neurons else 1.6
    heights = [index + (gap if index >= count / 2 else 0) for index in range(count)]
    return [height - heights[-1] / 2 for height in reversed(heights)]


def draw_network(
    axes: Axes, network: Network, inputs: int, heading: str, half_height: float
) -> None:
    """Draw one network from left to right, its layers' sizes under them."""
    sizes = layer_sizes(inputs, network.hidden_layers, network.hidden_units)
    kinds = ["input", *["hidden"] * network.hidden_layers, "output"]
    layers = [
        [(column * LAYER_GAP, height) for height in neuron_heights(size)]
        for column, size in enumerate(sizes)
    ]
    connections = [
        (left, right) for here, after in pairwise(layers) for left in here for right in after
    ]
    axes.add_collection(LineCollection(connections, colors="#b5b5b5", linewidths=0.3, zorder=1))
    for neurons, kind, size in zip(layers, kinds, sizes, strict=True):
        for x, y in neurons:
            axes.add_patch(
                Circle(
                    (x, y), RADIUS, facecolor=LAYER_COLORS[kind], edgecolor=INK, lw=0.7, zorder=2
                )
            )
        x = neurons[0][0]
        if len(neurons) < size:
            # The dots that stand for the neurons left out, on white so that they are seen.
            axes.add_patch(Circle((x, 0), 0.8, facecolor="white", edgecolor="none", zorder=2))
            for y in (-0.4, 0, 0.4):
                axes.add_patch(Circle((x, y), 0.1, color=INK, zorder=3))
        axes.text(x, -half_height - 0.7, size, ha="center", va="top", size=9)
    for digit, (x, y) in enumerate(layers[-1]):
        axes.text(x + 0.65, y, digit, ha="left", va="center", size=7, color=MUTED)
    middle = (len(layers) - 1) * LAYER_GAP / 2
    axes.text(middle, half_height + 0.9, heading, ha="center", va="bottom", weight="bold")
    axes.set_xlim(-MARGIN, (len(layers) - 1) * LAYER_GAP + MARGIN)
    axes.set_ylim(-half_height - 2, half_height + 2.2)
    axes.set_axis_off()
    axes.set_aspect("equal")


def heading(network: Network, figure_number: int) -> str:
    """What a network is called in the figure: by what grows in it."""
    if figure_number == 2:
        return plural(f"{network.hidden_layers}", "hidden layer")
    return plural(f"{network.hidden_units}", "hidden unit")


def draw(networks: dict[Network, list[str]], figure_number: int, image_size: int) -> Figure:
    """Draw figure 2 (in depth) or 3 (in width) of the networks of `parse_networks`."""
    chosen = (in_depth if figure_number == 2 else in_width)(list(networks))
    inputs = image_size**2
    rows = [chosen[at : at + PANELS_A_ROW] for at in range(0, len(chosen), PANELS_A_ROW)]
    half_height = max(
        neuron_heights(size)[0] for size in [inputs, CLASSES, *[net.hidden_units for net in chosen]]
    )
    # One scale for all rows, so that a circle is the same size everywhere.
    widths = [[(net.hidden_layers + 1) * LAYER_GAP + 2 * MARGIN for net in row] for row in rows]
    scale = (WIDTH - 0.4) / max(max(sum(row) for row in widths), 34)
    row_height = (2 * half_height + 4.2) * scale
    top, bottom = 0.6, 0.72
    figure = Figure(figsize=(WIDTH, top + bottom + row_height * len(rows)))
    total = figure.get_figheight()
    for row, (row_networks, row_widths) in enumerate(zip(rows, widths, strict=True)):
        left = (WIDTH - sum(row_widths) * scale) / 2
        for network, width in zip(row_networks, row_widths, strict=True):
            lower = total - top - (row + 1) * row_height
            axes = panel(figure, left, lower, width * scale, row_height)
            draw_network(axes, network, inputs, heading(network, figure_number), half_height)
            left += width * scale
    activations = list(dict.fromkeys(name for net in chosen for name in networks[net]))
    words = " or ".join(ACTIVATION_LABELS.get(name, name) for name in activations)
    if figure_number == 2:
        subject = f"Each hidden layer has {chosen[0].hidden_units} units"
        title(figure, "Figure 2. The networks that grow in depth", f"{subject}, {words}")
    else:
        layers = chosen[0].hidden_layers
        subject = f"{plural(str(layers), 'hidden layer')}, {words}"
        title(figure, "Figure 3. The networks that grow in width", subject)
    names = {
        "input": f"input: the {image_size} by {image_size} pixels of an image",
        "hidden": f"hidden units ({words})",
        "output": "output: the ten digits (softmax)",
    }
    handles = [
        Line2D(
            [], [], ls="", marker="o", ms=8, mfc=LAYER_COLORS[kind], mec=INK, mew=0.7, label=name
        )
        for kind, name in names.items()
    ]
    figure.legend(
        handles=handles, loc="lower center", ncols=3, bbox_to_anchor=(0.5, 0.33 / total),
        borderaxespad=0, handletextpad=0.3, columnspacing=3,
    )  # fmt: skip
    footer(
        figure,
        "Each unit is connected to all units of the next layer. The numbers are the true "
        "sizes; dots stand for units that are not drawn.",
    )
    return figure


def main(job: Job) -> None:
    params = job.params
    figure = draw(parse_networks(params.networks), params.number, params.image_size)
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
