"""`bnlab status`: a server on one screen."""

from bnlab.cli.options import AsJson, Url, print_json
from bnlab.sdk.client import Client
from bnlab.terminal.printing import console, say
from bnlab.terminal.status import screen


def status(as_json: AsJson = False, url: Url = None) -> None:
    """Show a server: its parts, its workers and what they train or why not, the queue, and room on its disk."""
    with Client(url) as client:
        parts, found = client.readiness(), client.workers()
        if as_json:
            print_json({"url": client.url, "parts": parts, **found})
            return
        for number, part in enumerate(screen(client.url, parts, found, console.width)):
            if number:
                say("")
            console.print(part)
