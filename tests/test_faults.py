"""Faults, for real, on small runs of NumPy: after each, one more Snakemake leaves whole results."""

import contextlib
import csv
import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
from test_moved import untimed
from tiny import FLAGS, NETWORKS, edit, jobs, snakemake

RUN = "results/runs/numpy/harmonised/relu-1x64"
TABLE = "results/runs/numpy/harmonised/runs.csv"
# What must be the same bytes whenever a run is run again.
CERTAIN = [f"{RUN}/1/{name}" for name in ("model/parameters.npy", "scores.f32", "score.json")]
PROGRAM = "scripts/frameworks/numpy"


def start(folder, *flags, prefix=(), target=TABLE):
    """Start Snakemake, by default for the table of NumPy's runs; return its process."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON"))}
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "snakemake", *FLAGS, *flags, "--", target],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def fail(folder, *flags, prefix=(), target=TABLE):
    """Run Snakemake, which must fail without a traceback of ours; return what it said."""
    if prefix:
        process = start(folder, *flags, prefix=prefix, target=target)
        output = process.communicate()[0]
    else:
        process = snakemake(*FLAGS, *flags, "--", target, folder=folder, check=False)
        output = process.stdout
    assert process.returncode != 0, output
    return output


def forget(folder):
    """Remove a run of NumPy and its table."""
    shutil.rmtree(folder / RUN, ignore_errors=True)
    (folder / TABLE).unlink(missing_ok=True)


def assert_same(folder, finished):
    for file in CERTAIN:
        assert (folder / file).read_bytes() == (finished / file).read_bytes(), file
    assert untimed(folder / TABLE) == untimed(finished / TABLE)


def assert_whole(folder, finished):
    """After one more Snakemake, all is there and as in the workflow that nothing happened to."""
    snakemake(*FLAGS, "--", TABLE, folder=folder)
    assert_same(folder, finished)
    assert jobs(folder, "--", TABLE) == {}
    # Nothing half made is left beside the results.
    assert not list((folder / "results").rglob(".*.part"))


# --- killed


def children(process):
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def programs(process):
    """Return a Snakemake's running framework programs: Python with one of their files."""
    found = []
    for child in children(process):
        try:
            # Asked once: it is empty as soon as the process has ended.
            command = child.cmdline()
            if len(command) > 1 and command[1].startswith(PROGRAM):
                found.append(child)
        except psutil.Error:
            continue
    return found


def kill(victims):
    for victim in victims:
        try:
            victim.kill()
        except (psutil.NoSuchProcess, ProcessLookupError):
            continue


def kill_program(process):
    while process.poll() is None and not (found := programs(process)):
        time.sleep(0.01)
    if process.poll() is None:
        kill(found[:1])
        assert process.wait() != 0


def servers(process):
    """Return the running Python that a Snakemake's scripts are forks of, in a list."""
    found = []
    for child in children(process):
        with contextlib.suppress(psutil.Error):
            if any("multiprocessing.forkserver" in word for word in child.cmdline()):
                found.append(child)
    return found


def kill_server(process):
    while process.poll() is None and not (found := servers(process)):
        time.sleep(0.01)
    if process.poll() is None:
        kill(found[:1])
        process.wait()


def kill_snakemake(process):
    process.kill()


def kill_all(process):
    kill([psutil.Process(process.pid), *children(process)])


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_killed_whenever(changed, finished, seed):
    """Seven or eight kills that meet something, one after the other and at random moments."""
    chance = random.Random(seed)
    kinds = [kill_program, kill_snakemake, kill_all] * 2
    kinds.append(chance.choice([kill_snakemake, kill_all]))
    if seed == 0:
        # In calls as short as these, scripts are forks only if a few are enough.
        forks = changed / "scripts" / "common" / "forked_scripts.py"
        edit(forks, "ENOUGH_SCRIPTS = 10", "ENOUGH_SCRIPTS = 1")
        kinds.append(kill_server)
    chance.shuffle(kinds)
    forget(changed)
    while kinds:
        process = start(changed)
        # From the first lines of Snakemake to its last job, on a machine that is not busy.
        moment = time.monotonic() + chance.uniform(0.3, 5)
        while time.monotonic() < moment and process.poll() is None:
            time.sleep(0.01)
        if process.poll() is None:
            kinds.pop()(process)
        process.wait()
        # What it has started ends when it notices this, and then the pipe ends.
        output = process.communicate()[0]
        # A Snakemake that was killed locks nobody out.
        assert "cannot be locked" not in output
        if process.returncode == 0:
            # Also a Snakemake that came after kills, and met none itself, leaves whole results.
            assert_same(changed, finished)
            forget(changed)
    assert_whole(changed, finished)


def limit(folder, **limits):
    tiny = json.loads((folder / "tiny.json").read_text())
    tiny["measurement"] |= limits
    (folder / "tiny.json").write_text(json.dumps(tiny))


def test_a_program_that_hangs_or_eats_memory_is_stopped(changed, finished):
    """Of two predictions one hangs, and the other one takes 1.6 GB at once."""
    path = changed / PROGRAM / "predict.py"
    whole = path.read_text()
    # Not in their gate, which has fewer images.
    fault = """\
    import time
    if len(images) == 10000:
        much = np.ones(2 * 10**8) if activation == "relu" else None
        time.sleep(600)
"""
    edit(path, '    print("built"', f'{fault}    print("built"')
    # One limit after the other, so that a slow machine does not meet the wrong one first.
    limit(changed, time_limit_minutes=30, memory_limit_gib=1)
    output = fail(changed, target=f"{RUN}/1/predict.json")
    assert "error: the program held more than 1 GiB of memory and was stopped" in output
    limit(changed, time_limit_minutes=0.1, memory_limit_gib=None)
    output = fail(changed, target=f"{RUN}/1/predict.json".replace(*reversed(NETWORKS)))
    assert "error: the program ran longer than 6 s and was stopped" in output
    path.write_text(whole)
    limit(changed, time_limit_minutes=30, memory_limit_gib=None)
    assert_whole(changed, finished)


# --- the disk

CAN_MOUNT = (
    subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True
    ).returncode
    == 0
)
needs_mount = pytest.mark.skipif(not CAN_MOUNT, reason="this user may not mount here")


def with_mount(command):
    """Return what to put before a command, so that it alone sees what ``command`` mounts."""
    return ["unshare", "--mount", "sh", "-c", f'{command} && exec "$@"', "sh"]


# The model has 204 kB, the scores 400 kB, and what is recorded of both 8 kB.
@needs_mount
@pytest.mark.parametrize("kilobytes", [100, 400])
def test_a_full_disk(changed, finished, kilobytes):
    forget(changed)
    (changed / RUN).mkdir()
    output = fail(
        changed, prefix=with_mount(f"mount -t tmpfs -o size={kilobytes}k none {changed / RUN}")
    )
    assert f"no space left on the disk for {RUN}/1; free some and rerun" in output
    assert_whole(changed, finished)


@needs_mount
def test_a_folder_of_results_that_is_read_only(changed, finished):
    forget(changed)
    results = changed / "results"
    mount = f"mount --bind {results} {results} && mount -o remount,ro,bind {results}"
    output = fail(changed, prefix=with_mount(mount))
    assert "Write-protected output files" in output
    assert_whole(changed, finished)


# --- what comes from elsewhere


class Truncated(BaseHTTPRequestHandler):
    """Answer with the first half of a file, and say that it is all."""

    def do_GET(self):
        content = gzip.compress(bytes(10000))[:20]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


def sources(folder, *entries):
    tiny = json.loads((folder / "tiny.json").read_text())
    tiny["datasets"] = {"mnist": {"sources": list(entries)}}
    (folder / "tiny.json").write_text(json.dumps(tiny))


def test_a_truncated_download(changed, finished):
    folder = changed / "resources" / "mnist"
    folder.rename(changed / "local")
    forget(changed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Truncated)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sources(changed, {"url": f"http://127.0.0.1:{server.server_port}/"})
    output = fail(changed, target="resources/mnist/train-labels-idx1-ubyte")
    server.shutdown()
    assert "train-images-idx3-ubyte.gz is truncated" in output
    assert not list(folder.glob("*"))
    sources(changed, {"folder": "local"})
    assert_whole(changed, finished)


def other_data(folder):
    """Write whole files in MNIST's format that are not MNIST; return their checksums."""
    folder.mkdir()
    checksums = {}
    for part, count in (("train", 60000), ("t10k", 10000)):
        labels = bytes(i % 10 for i in range(count))
        # Each image is a stroke whose place says its label.
        strokes = [bytes(78 * n) + b"\xff" * 78 + bytes(706 - 78 * n) for n in range(10)]
        images = b"".join(strokes[label] for label in labels)
        for name, header, content in (
            ("images-idx3", struct.pack(">BBBBIII", 0, 0, 8, 3, count, 28, 28), images),
            ("labels-idx1", struct.pack(">BBBBI", 0, 0, 8, 1, count), labels),
        ):
            file = folder / f"{part}-{name}-ubyte"
            file.write_bytes(header + content)
            checksums[file.name] = hashlib.sha256(header + content).hexdigest()
    return checksums


def test_a_source_with_other_files_is_never_passed_over_in_silence(changed):
    folder = changed / "resources" / "mnist"
    folder.rename(changed / "local")
    checksums = other_data(changed / "other")
    sources(changed, {"folder": "no/such"}, {"folder": "other"}, {"folder": "local"})
    output = fail(changed, target="resources/mnist/train-labels-idx1-ubyte")
    # What was skipped is seen in the terminal too.
    assert "skipped folder no/such: there is no such folder" in output
    assert (
        "error: folder other: train-images-idx3-ubyte has the SHA-256 "
        f"{checksums['train-images-idx3-ubyte']} instead of "
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db: it is damaged or "
        "another file; copy it again, correct datasets.mnist.checksums in config.yaml, or remove "
        "this source from datasets.mnist.sources."
    ) in output
    assert not list(folder.glob("*"))


def test_another_data_set_uses_nothing_of_the_first(changed):
    """Its files lie beside those of MNIST, and everything is computed again and says what it is."""
    checksums = other_data(changed / "strokes")
    tiny = json.loads((changed / "tiny.json").read_text())
    entry = {"label": "Strokes", "checksums": checksums, "sources": [{"folder": "strokes"}]}
    tiny |= {"dataset": "strokes", "datasets": {"strokes": entry}}
    (changed / "tiny.json").write_text(json.dumps(tiny))
    before = (changed / "resources" / "mnist" / "t10k-labels-idx1-ubyte").read_bytes()
    table = "results/runs/numpy/harmonised/runs.csv"
    snakemake(*FLAGS, "--", table, "results/figures/figure-01.svg", folder=changed)
    with (changed / table).open() as file:
        rows = list(csv.DictReader(file))
    assert {row["dataset"] for row in rows} == {"Strokes"}
    # Ten strokes are learned in one epoch, as no digits are.
    assert all(float(row["accuracy"]) == 1.0 for row in rows)
    labels = (changed / "results" / "data" / "unit" / "test-labels.u8").read_bytes()
    assert labels == bytes(i % 10 for i in range(10000))
    assert (changed / "resources" / "mnist" / "t10k-labels-idx1-ubyte").read_bytes() == before


def test_an_environment_that_cannot_be_built(changed, environments):
    shared = changed / "resources" / "environments"
    shared.unlink()
    shared.mkdir()
    file = changed / "envs" / "numpy.yaml"
    whole = file.read_text()
    file.write_text(whole.replace("numpy==", "numpy==1000."))
    target = "resources/environments/numpy/environment.json"
    process = snakemake(*FLAGS, "--", target, folder=changed, check=False)
    assert process.returncode != 0
    assert "error: the packages of envs/numpy.yaml could not be installed" in process.stdout
    assert not (changed / target).exists()
    file.write_text(whole)
    snakemake(*FLAGS, "--", target, folder=changed)
    assert json.loads((changed / target).read_text()) == environments["numpy"]


# --- two at once


def test_two_snakemakes_in_one_folder(changed, finished):
    forget(changed)
    first = start(changed)
    log = changed / "logs" / Path(RUN).relative_to("results") / "1" / "train.log"
    log.unlink()
    while not log.exists():
        assert first.poll() is None
        time.sleep(0.05)
    # It is stopped meanwhile, so that it cannot be done before the second one asks.
    first.send_signal(signal.SIGSTOP)
    second = start(changed)
    output = second.communicate()[0]
    first.send_signal(signal.SIGCONT)
    assert second.returncode != 0
    assert "Directory cannot be locked" in output
    assert first.communicate() and first.returncode == 0
    assert_whole(changed, finished)


# --- what is missing is told


def test_no_figure_is_drawn_of_some_of_the_runs(changed):
    """Results that need a failed run are not made, but everything else is."""
    made = [changed / "results" / "figures" / "figure-06.png", changed / "results" / "report.html"]
    for path in made:
        path.unlink()
    edit(
        changed / PROGRAM / "predict.py", '    print("built"',
        '    assert len(images) < 10000\n    print("built"',
    )  # fmt: skip
    process = snakemake(*FLAGS, "--keep-going", folder=changed, check=False)
    assert process.returncode != 0
    assert not any(path.exists() for path in made)
    assert (changed / "results" / "tables" / "equivalence.csv").exists()
