"""Which values of an activation are recorded: a sample of a tap, and the units that are followed."""

from math import gcd, prod

from bn.architecture.shapes import Shape


def sample_stride(shape: Shape, limit: int) -> int:
    """The least s >= n/limit, n the number of values in `shape`, that shares no factor with any dimension.

    A common factor would sample one column of an image again and again.

    >>> sample_stride((60, 100), 1024), sample_stride((128, 16, 32, 32), 1024), sample_stride((10, 10), 1024)
    (7, 2049, 1)
    """
    stride = max(1, -(-prod(shape) // limit))
    while any(gcd(stride, size) > 1 for size in shape):
        stride += 1
    return stride


def sample_size(shape: Shape, limit: int) -> int:
    """How many values the sample of a tap of this shape holds.

    >>> sample_size((60, 100), 1024)
    858
    """
    return -(-prod(shape) // sample_stride(shape, limit))


def recorded_units(shape: Shape, units: int) -> tuple[int, ...]:
    """Which of a tap's units (for a convolution: channels) are recorded: `units` of them, evenly spaced.

    >>> recorded_units((100,), 1), recorded_units((16, 14, 14), 4), recorded_units((3,), 8)
    ((50,), (2, 6, 10, 14), (0, 1, 2))
    """
    width = shape[0]
    count = min(units, width)
    return tuple((2 * i + 1) * width // (2 * count) for i in range(count))
