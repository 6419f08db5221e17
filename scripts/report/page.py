"""Write the report's page: a second Snakemake does it, by its --report of the results."""

import json
import os
import subprocess
import sys
import tempfile

from shared.script import InputError, Job, run


def main(job: Job) -> None:
    # The folder of scripts/ is for the scripts, not for Snakemake itself.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as configuration:
        # In its own order, which the order of frameworks in tables and figures follows.
        json.dump(job.params.config, configuration)
        configuration.flush()
        command = [sys.executable, "-m", "snakemake", *job.input.shown, "--nolock"]
        command += ["--workflow-profile", "none", "--configfile", configuration.name]
        # What there is to show can depend on the number of cores.
        command += ["--cores", str(job.params.cores), "--report", job.output[0]]
        if subprocess.run(command, env=environment).returncode:
            raise InputError("Snakemake did not write the report; the lines above say why.")


if __name__ == "__main__":
    run(main)
