"""numpy's own file of one array, as uploaded datasets are kept: read where it lies, without a copy."""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST_HEADER = 1024  # bytes; of the arrays that are kept it takes 128


def decode(content: memoryview) -> NDArray[Any]:
    """The array of a whole file's bytes, on their memory. Raises ValueError where it is no such file.

    >>> file = BytesIO()
    >>> np.save(file, np.array([[1, 2], [3, 4]], dtype=np.uint8))
    >>> decode(file.getbuffer()).tolist()
    [[1, 2], [3, 4]]
    """
    head = BytesIO(content[:LONGEST_HEADER])
    np.lib.format.read_magic(head)
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(head)
    if fortran_order:
        raise ValueError("its values are in the order of columns")
    return np.frombuffer(content, dtype=dtype, offset=head.tell()).reshape(shape)
