"""Files of arrays: the elements alone, row-major and with no header."""

from pathlib import Path

import numpy as np
from shared.script import whole_file


def write_array(array: np.ndarray, path: str | Path) -> None:
    """Write the elements of a C-contiguous array; a reader finds the whole file or none."""
    with whole_file(path) as part:
        # NumPy's tofile raises an error without a number if the disk is full.
        part.write_bytes(array.data)
