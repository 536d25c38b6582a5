"""The commands of who looks after a server: what takes how much room."""

from bnlab.cli.options import AsJson, Url, print_json
from bnlab.sdk.client import Client
from bnlab.terminal.printing import say
from bnlab.terminal.storage import lines_of


def storage(as_json: AsJson = False, url: Url = None) -> None:
    """Show what takes how much room, the largest jobs, how much is free, and how long jobs are kept."""
    with Client(url) as client:
        found = client.storage()
    if as_json:
        print_json(found)
    else:
        say("\n".join(lines_of(found)))
