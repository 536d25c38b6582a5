"""Imports the modules that it is given: `python -m tests.support.importing MODULE...`."""

import sys
from importlib import import_module

if __name__ == "__main__":
    for name in sys.argv[1:]:
        import_module(name)
