"""What figures 4 to 12 of the paper measure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A measured quantity: its column in the table and how a figure shows it."""

    column: str
    title: str
    axis: str
    # From the unit of the tables to the unit of the axis.
    factor: float = 1


METRICS = {
    metric.column: metric
    for metric in (
        Metric("train_seconds", "Training time", "training time (s), logarithmic"),
        Metric(
            "predict_seconds",
            "Prediction time",
            "prediction time of 10,000 images (s), logarithmic",
        ),
        Metric("accuracy", "Accuracy", "accuracy (%), logarithmic in the error", factor=100),
    )
}
