from bnlab.client import Client
from bnlab.errors import ApiError, BnlabError, Unreachable

__all__ = ["ApiError", "BnlabError", "Client", "Unreachable"]
