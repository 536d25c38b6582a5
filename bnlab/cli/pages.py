"""`bnlab open`: the server's pages in a browser."""

import webbrowser
from contextlib import suppress
from typing import Annotated

import typer

from bnlab.cli.options import Url
from bnlab.sdk.client import Client
from bnlab.settings import read_settings
from bnlab.terminal.printing import complain, say, visible


def open_pages(
    only_print: Annotated[bool, typer.Option("--print", help="Print the address, and open no browser.")] = False,
    url: Url = None,
) -> None:
    """Open a server's pages in a browser, signed in where it asks for a token, and print their address."""
    with Client(url, _kept_token(url)) as client:
        address = client.pages_url()
    say(visible(address))
    if not only_print and not webbrowser.open(address):
        complain("no browser was found here: open this address in one that reaches the server")


def _kept_token(url: str | None) -> str | None:
    """The token that a server of this machine keeps in its data folder, where none is set and no URL is named."""
    settings = read_settings()
    if url or settings.url or settings.token.get_secret_value():
        return None
    with suppress(OSError):
        return settings.kept_token()
    return None
