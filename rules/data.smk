"""The data set: downloaded, checked, and turned into the data variants that recipes ask for.

Another data set has other files, so everything that is computed is rerun.
"""

DATA_FILES = [f"resources/{DATASET['name']}/{name}" for name in DATASET["checksums"]]


rule download_mnist:
    output:
        DATA_FILES,
    log:
        "<logs>/data/download_mnist.log",
    # Never on a cluster's nodes, which have no network.
    localrule: True
    params:
        key=f"datasets.{DATASET['name']}",
        # The checksums identify a data set. Other checksums mean another data set, even in the same folder.
        checksums=DATASET["checksums"],
        # It does not matter where the files came from, as their checksums are pinned.
        sources=unrecorded(DATASET["sources"]),
    script:
        "../scripts/data/download.py"


rule prepare_data:
    input:
        files=DATA_FILES,
    output:
        train_images="<results>/data/{variant}/train-images.f32",
        train_labels="<results>/data/{variant}/train-labels.u8",
        test_images="<results>/data/{variant}/test-images.f32",
        test_labels="<results>/data/{variant}/test-labels.u8",
    params:
        checksums=DATASET["checksums"],
        test_images=TEST_IMAGES,
        variant=PLAN.variant,
    script:
        "../scripts/data/prepare.py"


rule first_images:
    input:
        images="<results>/data/{variant}/train-images.f32",
        labels="<results>/data/{variant}/train-labels.u8",
    output:
        images="<results>/data/{variant}/train-{images}-images.f32",
        labels="<results>/data/{variant}/train-{images}-labels.u8",
    log:
        "<logs>/data/{variant}-train-{images}.log",
    wildcard_constraints:
        images=r"\d+",
    conda:
        "../envs/workflow.yaml"
    params:
        # A pixel has four bytes, a label one.
        image_bytes=lambda wildcards: int(wildcards.images) * PLAN.inputs(wildcards) * 4,
    shell:
        "( head -c {params.image_bytes} {input.images:q} > {output.images:q}"
        " && head -c {wildcards.images} {input.labels:q} > {output.labels:q} ) 2> {log:q}"


rule prepare_train_sample:
    input:
        files=DATA_FILES,
    output:
        images="<results>/data/{variant}/train-sample-images.f32",
        labels="<results>/data/{variant}/train-sample-labels.u8",
    params:
        checksums=DATASET["checksums"],
        # As many as there are test images, so that predictions take equally long.
        images=TEST_IMAGES,
        variant=PLAN.variant,
    script:
        "../scripts/data/prepare_sample.py"
