"""Train a network with a framework's own program, timed by the launcher."""

from runs.measure import train
from shared.script import run

if __name__ == "__main__":
    run(train)
