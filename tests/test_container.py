"""The Containerfile, compared with the environments. This needs no container engine."""

import re
import subprocess

from environments import python
from environments.files import read_environment_file, read_parts
from snakemake.cli import parse_config
from tiny import ROOT


def containerfile():
    """Return the instructions of the Containerfile, one a line, without comments."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Containerfile").read_text(), flags=re.MULTILINE)
    return re.sub(r"\\\n", " ", text)


def test_the_container_has_what_the_environments_need_without_conda():
    text = containerfile()
    [packages] = re.findall(r"apt-get install \S+ \S+ (.*?)&&", text)
    packages = packages.split()
    needed = {"git"}
    for path in sorted((ROOT / "envs").glob("*.yaml")):
        file, parts = read_environment_file(path), read_parts(path)
        if file.java:
            needed |= {f"openjdk-{file.java_major}-jdk-headless", "maven"}
        if "debian" in parts:
            needed.add("mmdebstrap")
        for mend in parts.get("programs", {}).values():
            if package := re.search(r"on Debian the package ([\w+.-]+)\)", mend):
                needed.add(package[1])
            else:
                # From conda, as in the environment itself.
                assert f"--prefix /opt/conda/{path.stem} --file /tmp/{path.name}" in text
                assert f":/opt/conda/{path.stem}/bin" in text
        if file.python and not has_download(file.python_minor):
            prefix = f"/opt/conda/python{file.python_minor}"
            assert f"--prefix {prefix} --channel conda-forge python={file.python}\n" in text
            assert f":{prefix}/bin" in text
    assert sorted(needed) == packages


def has_download(minor):
    """Return whether uv can fetch a Python of this version."""
    command = [python.find_uv(), "python", "list", "--only-downloads", f"cpython@{minor}"]
    return bool(subprocess.run(command, capture_output=True, text=True).stdout.strip())


def test_the_container_is_strict_only_with_conda():
    [(with_conda, without)] = re.findall(
        r"STRICT=\$\(\[ \$CONDA = with \] && echo (\w+) \|\| echo (\w+)\)", containerfile()
    )
    assert parse_config([f"strict={with_conda}"]) == {"strict": True}
    assert parse_config([f"strict={without}"]) == {"strict": False}


def test_base_images_are_named_with_their_registry():
    # Podman knows no other registry for a short name unless its user has configured one.
    for image in re.findall(r"^FROM (\S+)", containerfile(), re.MULTILINE):
        assert image.startswith(("docker.io/", "conda-"))


def test_the_home_of_a_run_is_no_home_of_the_build():
    # Folders in it that belong to root, such as Snakemake's cache, would stop all other users.
    text = containerfile()
    assert text.index("ENV HOME=/tmp") > text.rindex("\nRUN ")


def test_the_image_starts_from_the_checkout_alone():
    ignored = set((ROOT / ".gitignore").read_text().split())
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        assert line.startswith("#") or f"{line}/" in ignored
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", containerfile(), re.MULTILINE)
    for name in " ".join(copied).split():
        assert (ROOT / name).exists()
