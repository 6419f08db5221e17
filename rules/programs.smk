"""Framework programs: what the rules share that start one, whatever for.

A program gets one settings file (docs/contract.md). Its rule says what is in it as `settings`; the script adds the
paths. `program` says how the program is started, and `limits` when it is stopped.
"""

# What a framework's prepare program makes of the train or test part of a data variant.
STORE = "<results>/stores/{framework}/{variant}/{part}"
# Says that a framework has compiled a network.
WARM_UP = "<results>/warm-up/{framework}/{recipe}/{network}.json"
# What tells how far a framework is from the reference with a recipe.
EQUIVALENCE = "<results>/equivalence/{framework}/{recipe}"
# The recipe whose gate of equivalence a recipe shares.
GATE_RECIPES = {recipe: experiments.gate_recipe(RECIPES, recipe) for recipe in RECIPES}


def environment_of(wildcards):
    return ENVIRONMENT.format(environment=FRAMEWORKS[wildcards.framework]["environment"])


def images_of(part):
    """Return an input function: a part of the data, as a framework's programs read it.

    ``part`` is train or test. The keys are those of the programs' settings.
    """

    def files(wildcards):
        if "prepare" in FRAMEWORKS[wildcards.framework]:
            variant = recipe_of(wildcards)["data"]
            return {
                "store": STORE.format(framework=wildcards.framework, variant=variant, part=part)
            }
        images = {f"{part}_images": data_of(wildcards, f"{part}-images.f32")}
        labels = {"train_labels": data_of(wildcards, "train-labels.u8")}
        return images | labels if part == "train" else images

    return files


def files_of(*roles):
    """Return an input function: the files of a framework's programs for these roles, where it has them."""

    def files(wildcards):
        framework = wildcards.framework
        known = [role for role in roles if role in FRAMEWORKS[framework]]
        path = descriptions.path_of(framework)
        return descriptions.source_files(path, FRAMEWORKS[framework], known) if known else []

    return files


def programs(*roles):
    """Return a params function: how a framework's programs are started, by role where it has them.

    The rest is what the launcher must know of a framework: its variables, and how its log is read.
    """

    def described(wildcards):
        description = FRAMEWORKS[wildcards.framework]
        keys = ("variables", "openblas_kernels", "milestones")
        commands = {
            role: description[role]["command"].format(
                folder=descriptions.FRAMEWORKS / wildcards.framework,
                environment=Path(environment_of(wildcards)).parent,
            )
            for role in roles
            if role in description
        }
        return {"commands": commands, **{key: description.get(key, {}) for key in keys}}

    return described


def limits(wildcards, output):
    """Return what stops a program that hangs, or eats the machine's memory.

    As a function of the output it is not recorded: other limits are no reason to rerun.
    """
    measurement = config["measurement"]
    return {
        "seconds": measurement["time_limit_minutes"] * 60,
        "gib": measurement["memory_limit_gib"],
    }


def warm_up_of(wildcards, network=None):
    """Return what says that a framework has compiled a network, if it does so and keeps it.

    Without ``network``, the one of the wildcards.
    """
    if FRAMEWORKS[wildcards.framework].get("warm_up"):
        return WARM_UP.format(**{**wildcards, "network": network or wildcards.network})
    return []


def train_settings_of(wildcards):
    return settings.train_settings(
        recipe_of(wildcards), wildcards.network, inputs_of(wildcards), int(wildcards.seed)
    )


def equivalence_of(file):
    """Return an input function: a file of the equivalence gate of a framework with a recipe."""

    def path(wildcards):
        recipe = GATE_RECIPES[wildcards.recipe]
        folder = EQUIVALENCE.format(framework=wildcards.framework, recipe=recipe)
        return f"{folder}/{file.format(precision=recipe_of(wildcards)['precision'])}"

    return path
