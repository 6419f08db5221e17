"""An axis of accuracies that is logarithmic in the error: 90 to 99 % is as far as 99 to 99.9 %."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, Locator, MaxNLocator, NullLocator


def to_error_scale(percent: np.ndarray) -> np.ndarray:
    """Accuracies in percent as -log10 of the error, in which 90 to 99 is as far as 99 to 99.9."""
    return -np.log10(np.clip(100 - np.asarray(percent, dtype=float), 1e-3, None))


def from_error_scale(scaled: np.ndarray) -> np.ndarray:
    """Undo `to_error_scale`."""
    return 100 - 10 ** -np.asarray(scaled, dtype=float)


class EnoughTicks(Locator):
    """The usual numbers of an axis, or closer ones where fewer than two of these can be seen.

    Several locators are tried in their order.
    """

    def __init__(self, *usual: Locator) -> None:
        self.usual = usual

    def __call__(self) -> list[float]:
        low, high = self.axis.get_view_interval()
        return self.tick_values(low, high)

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        for locator in self.usual:
            ticks = [tick for tick in locator.tick_values(vmin, vmax) if vmin <= tick <= vmax]
            if len(ticks) > 1:
                return ticks
        return list(MaxNLocator(4).tick_values(vmin, vmax))


def set_error_scale(axes: Axes, which: str = "y") -> None:
    """Make axes (``y`` or ``xy``), of accuracies in per cent, logarithmic in the error.

    Their numbers are plain ones.
    """
    ticks = [10, 50, 70, 80, 85, 90, 95, 96, 97, 98, 99, 99.5]
    for name in which:
        getattr(axes, f"set_{name}scale")("function", functions=(to_error_scale, from_error_scale))
        axis = getattr(axes, f"{name}axis")
        axis.set_major_locator(EnoughTicks(FixedLocator(ticks)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_locator(NullLocator())
