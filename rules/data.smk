"""MNIST: downloaded, checked, and turned into the data variants that recipes ask for.

Needs one of the sources of `mnist_sources`. Leaves the four files of MNIST in resources/mnist/ and
each variant as plain arrays in results/data/<variant>/.
"""

MNIST_FILES = [
    f"resources/mnist/{name}"
    for name in (
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    )
]


# Here and not on a cluster's nodes, which have no network.
localrules:
    download_mnist,


rule download_mnist:
    input:
        checksums="reference/mnist.csv",
        environment=ancient(WORKFLOW_ENVIRONMENT),
        script="scripts/download_mnist.py",
        modules=modules_of("scripts/download_mnist.py"),
    output:
        MNIST_FILES,
    log:
        "<logs>/data/download_mnist.log",
    conda:
        "../envs/workflow.yaml"
    params:
        # As a function of the output it is not recorded: where the files came from does not
        # matter, as their checksums are pinned.
        sources=lambda wildcards, output: json.dumps(config["mnist_sources"]),
    message:
        "Download MNIST and check it"
    shell:
        "python {input.script:q} --sources {params.sources:q} --checksums {input.checksums:q} "
        "--folder resources/mnist > {log:q} 2>&1"


rule prepare_data:
    input:
        MNIST_FILES,
        checksums="reference/mnist.csv",
        environment=ancient(WORKFLOW_ENVIRONMENT),
        script="scripts/prepare_data.py",
        modules=modules_of("scripts/prepare_data.py"),
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
        folder=lambda wildcards, output: Path(output[0]).parent,
        flags=lambda wildcards: configuration.command_line(
            configuration.data_flags(config["data_variants"][wildcards.variant])
        ),
    message:
        "Prepare the data variant {wildcards.variant}"
    shell:
        "python {input.script:q} --mnist resources/mnist --checksums {input.checksums:q} "
        "{params.flags} --output {params.folder:q} > {log:q} 2>&1"
