"""The configuration files, checked before Snakemake uses config.yaml. A mistake ends in one sentence, not a traceback.

Snakemake has already read the files of --configfile at this point; they are checked here too.
"""

import sys
from pathlib import Path

# The folder of this workflow, even if another one uses it as a module.
HOME = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent

sys.path.insert(0, str(HOME / "scripts"))

from configuration import check
from shared.script import one_sentence

with one_sentence():
    check.check_profile(sys.argv[1:], workflow.overwrite_configfiles)
    CONFIGURATION_FILES = check.read_files(
        # A module has the configuration of the workflow that uses it.
        None if workflow.modifier.skip_configfile else Path(check.CONFIGURATION),
        [path for path in workflow.configfiles if path not in workflow.overwrite_configfiles],
        workflow.overwrite_configfiles,
    )
CONFIGURATION_FILES["--config"] = dict(workflow.config_settings.config)
