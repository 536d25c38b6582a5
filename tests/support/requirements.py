"""What a test needs beside Python: where it is missing, a skip that names it, or with REQUIRE=all a failure."""

import os
import shutil
from typing import NoReturn

import pytest


def require_any(*programs: str) -> str:
    """The path of the first of these programs that is installed."""
    found = next(filter(None, map(shutil.which, programs)), None)
    return found or missing(f"none of these programs is installed: {', '.join(programs)}")


def missing(reason: str) -> NoReturn:
    """Skip the test for this reason; fail it where everything is required."""
    if os.environ.get("REQUIRE") == "all":
        pytest.fail(reason)
    pytest.skip(reason)
