"""The stand-in image API: the vendor's wire format, drawn pictures, play money, and every way it can go wrong."""

from __future__ import annotations

from .bank import Bank, Sale
from .mishaps import Faults
from .routes import ImageApi

__all__ = ["Bank", "Faults", "ImageApi", "Sale", "blueprint"]


def blueprint(faults: Faults, *, bank: Bank | None = None) -> ImageApi:
    """A Flask blueprint to mount anywhere; its bill is `.bank`.

    Args:
        faults: what shall go wrong; asked by name, see `mishaps` and `spoil`.
        bank: the money; by default a new one with 50 dollars.
    """
    return ImageApi(faults, bank)
