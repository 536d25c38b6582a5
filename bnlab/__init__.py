from bnlab.errors import ApiError, BnlabError, Unreachable
from bnlab.sdk.client import Client

__all__ = ["ApiError", "BnlabError", "Client", "Unreachable"]
