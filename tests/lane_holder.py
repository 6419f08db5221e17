"""A process that holds a lane, in a module of its own: a new process imports all of its module."""

import os

from launcher import lanes


def hold(folder, queue, done):
    os.environ["TMPDIR"] = folder
    with lanes.reserved(1) as cores:
        queue.put(cores)
        done.wait(30)
