"""Predict the test images with a framework's own program, timed by the launcher."""

from runs.measure import predict
from shared.script import run

if __name__ == "__main__":
    run(predict)
