"""A process that holds a lane. It has its own module, because a new process imports all of it."""

import os

from launcher import lanes


def hold(folder, queue, done):
    os.environ["TMPDIR"] = folder
    with lanes.reserved(1) as cores:
        queue.put(cores)
        done.wait(30)
