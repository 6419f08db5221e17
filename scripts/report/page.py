"""Write the report's page and its opening. A second Snakemake makes the page (--report)."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from report.opening import opening
from shared.remarks import on_runs
from shared.script import InputError, Job, run, whole_file


def write_opening(job: Job) -> None:
    """Write what the page begins with. report/workflow.rst includes it."""
    remarks = on_runs(Path(job.input.left_out_runs), Path(job.input.runs), job.params.labels)
    sentence = Path(job.input.sentence).read_text() if job.input.sentence else ""
    with whole_file(job.output.opening) as path:
        path.write_text(opening(sentence, job.params.skipped, remarks), encoding="utf-8")


def main(job: Job) -> None:
    write_opening(job)
    # The folder of scripts/ is for the scripts, not for Snakemake itself.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as configuration:
        # The keys keep their order, because it is the order of the frameworks in tables and
        # figures.
        json.dump(job.params.config, configuration)
        configuration.flush()
        command = [sys.executable, "-m", "snakemake", *job.input.shown, "--nolock"]
        command += ["--workflow-profile", "none", "--configfile", configuration.name]
        # What there is to show can depend on the number of cores.
        command += ["--cores", str(job.params.cores), "--report", job.output.page]
        if subprocess.run(command, env=environment).returncode:
            raise InputError("Snakemake did not write the report; the lines above say why.")


if __name__ == "__main__":
    run(main)
