"""`bnlab open`: the server's pages in a browser."""

import webbrowser
from typing import Annotated

import typer

from bnlab.cli.options import Url
from bnlab.sdk.client import Client
from bnlab.terminal.printing import complain, say, visible


def open_pages(
    only_print: Annotated[bool, typer.Option("--print", help="Print the address, and open no browser.")] = False,
    url: Url = None,
) -> None:
    """Open a server's pages in a browser, signed in where it asks for a token, and print their address."""
    with Client(url) as client:
        address = client.pages_url()
    say(visible(address))
    if not only_print and not webbrowser.open(address):
        complain("no browser was found here: open this address in one that reaches the server")
