"""The audit: what it reads out of a program, and the table of all.

The lines of maps and logs are real ones, except for their folders.
"""

import csv
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from audit import kernels as audit
from audit import table as audit_table
from conftest import ROOT, describe
from environments.files import read_environment_file, read_parts
from environments.java import jars_file, read_jars
from rule_scripts import job, run_script
from shared import descriptions
from shared.networks import hidden_size

MAPS = """\
7f0e1a000000-7f0e1a200000 rw-p 00000000 00:00 0
7f0e1c29d000-7f0e1c2bd000 r--p 00000000 fe:00 1835 /e/numpy/.libs/libopenblasp-r0-39a31c03.2.18.so
7f0e1c2bd000-7f0e1dfff000 r-xp 00020000 fe:00 1835 /e/numpy/.libs/libopenblasp-r0-39a31c03.2.18.so
7f0e1e000000-7f0e1e100000 r-xp 00000000 fe:00 1836 /e/linalg/_fblas.cpython-36m-x86_64-linux-gnu.so
7f0e1f000000-7f0e1f100000 r-xp 00000000 fe:00 1837 /e/with a space/libscipy_openblas64_-32a4b2a6.so
7f0e20000000-7f0e20100000 r-xp 00000000 fe:00 1838 /e/linux-x86_64/libjniopenblas.so
7f0e21000000-7f0e21100000 r-xp 00000000 fe:00 1839 /usr/lib/x86_64-linux-gnu/libc.so.6
7f0e22000000-7f0e22100000 r-xp 00000000 fe:00 1840 /usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0
7ffd8d3e6000-7ffd8d407000 rw-p 00000000 00:00 0 [stack]
"""
MKL_BANNER = (
    "MKL_VERBOSE oneMKL 2024.0 Update 2 Product build 20240605 for Intel(R) 64 architecture "
    "Intel(R) Advanced Vector Extensions 512 (Intel(R) AVX-512) with support for INT8, BF16, FP16 "
    "(limited) instructions, and Intel(R) Advanced Matrix Extensions (Intel(R) AMX) with INT8 and "
    "BF16, Lnx 2.00GHz lp64 gnu_thread"
)
# On an AMD EPYC.
MKL_BANNER_OF_AMD = (
    "MKL_VERBOSE Intel(R) MKL 2019.0 Update 5 Product build 20190808 for Intel(R) 64 architecture "
    "Intel(R) Architecture processors, Lnx 2.60GHz lp64 intel_thread"
)
MKL_PRODUCT = (
    "MKL_VERBOSE SGEMM(T,N,2048,1000,784,0x7ffd62eab230,0x7fd26a70d040,784,0x55e82bcd0c00,784,"
    "0x7ffd62eab250,0x7fd25b42f040,2048) 125.19ms CNR:OFF Dyn:1 FastMM:1 TID:0  NThr:1"
)
ONEDNN_BANNER = [
    "onednn_verbose,v1,info,oneDNN v3.7.3 (commit N/A)",
    "onednn_verbose,v1,info,cpu,runtime:threadpool,nthr:1",
    "onednn_verbose,v1,info,cpu,isa:Intel AVX-512 with float16, Intel DL Boost and bfloat16 support"
    " and Intel AMX with bfloat16 and 8-bit integer support",
]
ONEDNN_REORDER = (
    "onednn_verbose,v1,primitive,exec,cpu,reorder,jit:uni,undef,src:f32::blocked:ab::f0"
    " dst:f32::blocked:ba::f0,,,2048x10,0.0500488"
)
ONEDNN_PRODUCT = (
    "onednn_verbose,v1,primitive,exec,cpu,gemm_api,,undef,src_f32::blocked:ab:f0"
    " wei_f32::blocked:ba:f0 dst_f32::blocked:ab:f0,,,1000x784:784x2048,95.8569"
)


def test_counts_the_operations_of_the_matrix_products():
    # 3 inputs, 2 hidden units, 10 classes, by hand. Forward 2 x 6 + 2 x 20 = 52, the gradients of
    # the weights the same, and the gradient of the hidden layer's outputs 2 x 20 = 40.
    assert audit.operations([3, 2, 10], images=1) == 144
    assert audit.operations([3, 2, 10], images=5) == 720


def test_trains_the_network_whose_operations_it_counts():
    size = hidden_size(audit.NETWORK)
    hidden = [size["hidden_units"]] * size["hidden_layers"]
    assert [audit.INPUTS, *hidden, 10] == audit.SIZES


def test_finds_blas_libraries_in_the_memory_of_a_process():
    assert audit.mapped_libraries(MAPS) == [
        "/e/numpy/.libs/libopenblasp-r0-39a31c03.2.18.so",
        "/e/with a space/libscipy_openblas64_-32a4b2a6.so",
        "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0",
    ]


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lists in /proc what a process has mapped"
)
def test_finds_the_library_of_a_child_of_a_process():
    product = "import numpy; print((numpy.ones((2, 2)) @ numpy.ones((2, 2))).sum(), flush=True)"
    shell = subprocess.Popen(
        ["sh", "-c", f"{shlex.quote(sys.executable)} -c '{product}; input()'; true"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shell.stdout.readline() == "8.0\n"
    found = audit.loaded_libraries(shell.pid)
    shell.communicate("\n")
    assert [name for name in found if "openblas" in Path(name).name]


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("libopenblasp-r0-39a31c03.2.18.so", "0.2.18"),
        ("libopenblas-r0-f650aae0.3.3.so", "0.3.3"),
        ("libscipy_openblas64_-32a4b2a6.so", None),
    ],
)
def test_reads_a_version_off_a_file_name(name, version):
    assert audit.version_in(name) == version


@pytest.fixture(scope="module")
def openblas(environments):
    """The file of the OpenBLAS in the NumPy of the framework numpy."""
    folder = ROOT / "resources" / "environments" / "numpy"
    [file] = folder.glob("lib/python*/site-packages/numpy.libs/libscipy_openblas*.so")
    return str(file)


def test_asks_a_library_what_it_takes_and_would_take(openblas):
    # Every build has Haswell's kernels, and none chooses them by itself if it also has SkylakeX's.
    haswell = audit.ask(openblas, {"OPENBLAS_CORETYPE": "Haswell"})
    assert (haswell.name, haswell.kernels) == ("OpenBLAS", "Haswell")
    assert haswell.version.startswith("0.3.")
    for slowed_down in (True, False):
        [library] = audit.openblas_libraries(
            [openblas, openblas], {"OPENBLAS_CORETYPE": "Haswell"}, slowed_down=slowed_down
        )
        assert library.used is slowed_down
    by_itself = audit.ask(openblas, {}).kernels
    assert library.own_choice == (None if by_itself == "Haswell" else by_itself)


def test_does_not_tell_whether_slow_kernels_are_used(openblas):
    slow = {"OPENBLAS_CORETYPE": audit.SLOWEST_KERNELS}
    [library] = audit.openblas_libraries([openblas], slow, slowed_down=False)
    assert library.used is None


def test_a_file_that_cannot_be_asked_is_named(tmp_path):
    file = tmp_path / "libopenblas.so.0"
    file.write_bytes(b"no library")
    assert audit.ask(str(file), {}) == audit.Library("OpenBLAS")


def test_reads_verbose_lines():
    mkl = audit.Library("MKL", "2024.0 Update 2", "AVX-512", used=True)
    generic = audit.Library("MKL", "2019.0 Update 5", "Intel(R) Architecture processors", used=True)
    onednn = audit.Library("oneDNN", "3.7.3", "AVX-512", used=True)
    assert audit.verbose_libraries(["ready", MKL_BANNER, MKL_PRODUCT, "epoch 1"]) == [mkl]
    assert audit.verbose_libraries([MKL_BANNER_OF_AMD, MKL_PRODUCT]) == [generic]
    assert audit.verbose_libraries([*ONEDNN_BANNER, ONEDNN_REORDER, ONEDNN_PRODUCT]) == [onednn]


def test_a_library_without_a_product_is_not_reported():
    assert audit.verbose_libraries([MKL_BANNER, *ONEDNN_BANNER, ONEDNN_REORDER]) == []


def run_audit(framework, environments, output):
    """Audit a framework as the rule does; return what is found."""
    description = descriptions.read(ROOT / "scripts" / "frameworks" / framework / "framework.yaml")
    folder = ROOT / "resources" / "environments" / description["environment"]
    command = description["train"]["command"].format(
        folder=ROOT / descriptions.FRAMEWORKS / framework, environment=folder
    )
    status, log = run_script(
        "audit/kernels.py",
        output.parent,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        input={
            "build": [],
            "environment": folder / "environment.json",
            "schema": ROOT / "schemas" / "audit.schema.yaml",
        },
        output=[output],
        params={
            "program": {
                "commands": {"train": command},
                "milestones": {},
                "variables": description.get("variables", {}),
            },
            "compute_threads": 1,
            "limits": {"seconds": 300, "gib": None},
        },
    )
    assert status == 0, log
    return json.loads(output.read_text())


def test_tells_a_library_that_is_used_from_one_that_is_only_loaded(environments, tmp_path):
    """NumPy computes with its OpenBLAS; PyTorch loads the same one, and computes with MKL."""
    found = run_audit("numpy", environments, tmp_path / "numpy.json")
    assert [(each["name"], each["used"]) for each in found["libraries"]] == [("OpenBLAS", True)]
    # 784 x 1024, 1024 x 1024 and 1024 x 10 weights and 1,000 images; see the test by hand above.
    assert found["operations"] == 1000 * (4 * 784 * 1024 + 6 * 1024 * 1024 + 6 * 1024 * 10)
    found = run_audit("pytorch", environments, tmp_path / "pytorch.json")
    assert {each["name"]: each["used"] for each in found["libraries"]} == {
        "MKL": True,
        "OpenBLAS": False,
    }


def made_up(packages, libraries, gflops, calibration=100.0):
    return {
        "environment": {"name": "e", "kind": "local", "packages": packages},
        "machine": {"processor": "a processor"},
        "compute_threads": 1,
        "calibration_gflops": calibration,
        "gflops": gflops,
        "files_known": True,
        "libraries": [
            {"version": None, "kernels": None, "own_choice": None, "used": None, **library}
            for library in libraries
        ],
    }


@pytest.fixture
def table(tmp_path):
    """Return a function: the table of made-up audits and descriptions, by framework."""

    def make(audits, descriptions):
        for name, found in audits.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(found))
            describe(tmp_path, name, label=f"The {name}", **descriptions.get(name, {}))
        audit_table.main(
            job(
                input={
                    "audits": [tmp_path / f"{name}.json" for name in audits],
                    "frameworks": [tmp_path / name / "framework.yaml" for name in audits],
                },
                output={"csv": tmp_path / "table.csv", "markdown": tmp_path / "table.md"},
                params={"one_processor": False},
            )
        )
        with (tmp_path / "table.csv").open() as file:
            rows = {row["framework"]: row for row in csv.DictReader(file)}
        return rows, (tmp_path / "table.md").read_text()

    return make


def test_the_table_says_what_computes(table):
    old = {"name": "OpenBLAS", "version": "0.2.18"}
    rows, text = table(
        {
            "told": made_up(
                {"python": "3.6.15", "theano": "0.8.2", "six": "1.10.0"},
                [{**old, "kernels": "Haswell", "own_choice": "Prescott", "used": True}],
                60.0,
            ),
            "loads": made_up(
                {"python": "3.11.7", "torch": "2.9.1+cpu"},
                [
                    {"name": "MKL", "version": "2024.0", "kernels": "AVX-512", "used": True},
                    {**old, "kernels": "SkylakeX", "used": False},
                ],
                150.0,
                calibration=200.0,
            ),
            "eigen": made_up({"python": "3.6.15"}, [{**old, "kernels": "Prescott"}], 20.0),
            "nobody-knows": made_up({}, [{**old, "kernels": "Prescott"}], 20.0),
            "java": made_up({"openjdk": "17.0.15", "python": "3.11.7", "org.x:y": "1"}, [], 5.0),
            "compiled": made_up({}, [], 5.0) | {"built_with": ["ccx 14.2.0", "products v1"]},
        },
        {
            "told": {"packages": ["theano"]},
            "nobody-knows": {"language": "Lua"},
            "loads": {"packages": ["torch"]},
            "eigen": {"arithmetic": "Eigen"},
            "java": {"packages": ["org.x:y"]},
            "compiled": {"language": "X"},
        },
    )
    columns = ("runtime", "versions", "library", "kernels", "percent_of_machine", "loaded_too")
    found = {name: tuple(row[column] for column in columns) for name, row in rows.items()}
    assert found == {
        "told": ("Python 3.6.15", "theano 0.8.2", "OpenBLAS 0.2.18", "Haswell", "30", ""),
        "loads": (
            *("Python 3.11.7", "torch 2.9.1+cpu", "MKL 2024.0", "AVX-512", "75"),
            "OpenBLAS 0.2.18",
        ),
        "eigen": ("Python 3.6.15", "", "Eigen", "", "10", "OpenBLAS 0.2.18"),
        "nobody-knows": ("Lua", "", "perhaps OpenBLAS 0.2.18", "Prescott", "10", ""),
        "java": ("OpenJDK 17.0.15", "y 1", "its own code", "", "2", ""),
        "compiled": ("ccx 14.2.0", "products v1", "its own code", "", "2", ""),
    }
    assert (
        "| The told | Python 3.6.15 | theano 0.8.2 | OpenBLAS 0.2.18 | Haswell (Prescott) | 60.0 "
        "| 30 |" in text
    )
    assert "200 GFLOP/s on 1 core(s)" in text


@pytest.mark.parametrize(
    "framework", descriptions.read_all((ROOT / "scripts/frameworks").glob("*/framework.yaml"))
)
def test_the_packages_of_a_framework_are_in_its_environment(framework):
    description = descriptions.read(ROOT / "scripts/frameworks" / framework / "framework.yaml")
    path = ROOT / "envs" / f"{description['environment']}.yaml"
    pinned = set(read_environment_file(path).versions())
    pinned |= set(read_parts(path).get("debian", {}).get("packages", []))
    if jars_file(path).exists():
        pinned |= set(read_jars(jars_file(path)).versions())
    assert set(description.get("packages", [])) <= pinned
