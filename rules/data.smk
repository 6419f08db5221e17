"""The data set: downloaded, checked, and turned into the data variants that recipes ask for.

Needs one of the sources of the data set. Leaves its four files in resources/<name>/ and each variant as plain
arrays in results/data/<variant>/. Another data set has other files, so everything that is computed runs again.
"""

DATASET = configuration.dataset(config)
DATA_FOLDER = f"resources/{DATASET['name']}"
DATA_FILES = [f"{DATA_FOLDER}/{name}" for name in DATASET["checksums"]]
# What identifies a data set: the same folder with other checksums is another one.
CHECKSUMS = json.dumps(DATASET["checksums"])


# Here and not on a cluster's nodes, which have no network.
localrules:
    download_mnist,


rule download_mnist:
    input:
        environment=ancient(WORKFLOW_ENVIRONMENT),
        script="scripts/data/download.py",
        modules=modules_of("scripts/data/download.py"),
    output:
        DATA_FILES,
    log:
        "<logs>/data/download_mnist.log",
    conda:
        "../envs/workflow.yaml"
    params:
        key=f"datasets.{DATASET['name']}",
        checksums=CHECKSUMS,
        # As a function of the output it is not recorded: where the files came from does not
        # matter, as their checksums are pinned.
        sources=lambda wildcards, output: json.dumps(DATASET["sources"]),
        folder=subpath(output[0], parent=True),
    message:
        f"Download {DATASET['label']} and check it"
    shell:
        # The terminal shows too which source was skipped, and why.
        "python {input.script:q} --key {params.key:q} --sources {params.sources:q} "
        "--checksums {params.checksums:q} --folder {params.folder:q} 2>&1 | tee {log:q} >&2"


rule prepare_data:
    input:
        DATA_FILES,
        environment=ancient(WORKFLOW_ENVIRONMENT),
        script="scripts/data/prepare.py",
        modules=modules_of("scripts/data/prepare.py"),
    output:
        "<results>/data/{variant}/train-images.f32",
        "<results>/data/{variant}/train-labels.u8",
        "<results>/data/{variant}/test-images.f32",
        "<results>/data/{variant}/test-labels.u8",
    log:
        "<logs>/data/{variant}.log",
    conda:
        "../envs/workflow.yaml"
    params:
        folder=subpath(input[0], parent=True),
        checksums=CHECKSUMS,
        test_images=TEST_IMAGES,
        variant=lambda wildcards, output: Path(output[0]).parent,
        flags=lambda wildcards: configuration.command_line(
            configuration.data_flags(config["data_variants"][wildcards.variant])
        ),
    message:
        "Prepare the data variant {wildcards.variant}"
    shell:
        "python {input.script:q} --folder {params.folder:q} --checksums {params.checksums:q} "
        "--test-images-count {params.test_images} {params.flags} --output {params.variant:q} "
        "> {log:q} 2>&1"
