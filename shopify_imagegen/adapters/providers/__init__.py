"""The image providers: choose the one that the settings name."""

from __future__ import annotations

from shopify_imagegen.ports import Downloads, ImageProvider
from shopify_imagegen.settings import ProviderSection


def provider(settings: ProviderSection, downloads: Downloads) -> ImageProvider:
    """The provider that `provider.name` names. Only its SDK is imported: each takes half a second."""
    if settings.name == "openai":
        from shopify_imagegen.adapters.providers.openai import OpenAI

        return OpenAI(settings.openai)
    from shopify_imagegen.adapters.providers.getimg import Getimg

    return Getimg(settings.getimg, downloads)
