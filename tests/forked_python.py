"""A Python that has imported large modules, and forks itself for each program that the tests start.

The tests use Snakemake and TensorFlow hundreds of times, and importing them usually takes longer
than the work itself. A fork has the modules already. In other respects it is like a Python that was
just started. It has its own command line, folder, variables and output, and no module of tests/ or
scripts/.

Started as a program with the names of modules, this file reads one line of JSON for each fork and
answers with the exit status. It must run in the Pythons of all environments, from 3.6 on.
"""

import importlib
import json
import os
import runpy
import subprocess
import sys


class ForkedPython:
    """A running Python that forks.

    ``command`` starts Python, ``modules`` are those that it imports, and ``variables`` are its
    environment variables, by default those of this process.
    """

    def __init__(self, command, modules, variables=None):
        self.process = subprocess.Popen(
            [*command, __file__, *modules],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments, folder, variables, output):
        """Run `python ARGUMENTS` in a folder with these variables; return the exit status.

        All that it prints goes to the file ``output``.
        """
        request = [list(map(str, arguments)), str(folder), variables, str(output)]
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def fork_for_each_request():
    """Return a request in a process of its own; end when no more requests can come."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            return json.loads(line)
        status = os.waitpid(child, 0)[1]
        killed = os.WIFSIGNALED(status)
        print(-os.WTERMSIG(status) if killed else os.WEXITSTATUS(status), flush=True)
    sys.exit()


def main():
    # The folder of this file.
    del sys.path[0]
    for name in sys.argv[1:]:
        importlib.import_module(name)
    arguments, folder, variables, output = fork_for_each_request()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666), 1)
    os.dup2(1, 2)
    if arguments[0] == "-m":
        sys.path.insert(0, folder)
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.path.insert(0, os.path.dirname(arguments[0]))
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main()
