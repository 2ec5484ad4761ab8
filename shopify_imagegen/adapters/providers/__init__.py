"""The image providers: choose the one that the settings name."""

from __future__ import annotations

from shopify_imagegen.adapters.providers.getimg import Getimg
from shopify_imagegen.adapters.providers.openai import OpenAI
from shopify_imagegen.ports import Downloads, ImageProvider
from shopify_imagegen.settings import ProviderSection


def provider(settings: ProviderSection, downloads: Downloads) -> ImageProvider:
    """The provider that `provider.name` names."""
    if settings.name == "openai":
        return OpenAI(settings.openai)
    return Getimg(settings.getimg, downloads)
