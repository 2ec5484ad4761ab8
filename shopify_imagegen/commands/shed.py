"""`sandbox` and `demo`: the stand-ins of the garden shed. They import it when they run: it draws, and that is heavy."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from shopify_imagegen.counts import counted
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.processes import check_port

catalogue_option = click.option(
    "--catalogue", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Shopify product CSV export."
)
images_option = click.option(
    "--images", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder with the export's photos."
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8081, show_default=True, type=click.IntRange(1, 65535))
@catalogue_option
@images_option
def sandbox(host: str, port: int, catalogue: Path | None, images: Path | None) -> None:
    """Run the stand-in Shopify and image API on this machine. With your own products in it, if you like."""
    from shopify_imagegen.sandbox import server
    from shopify_imagegen.sandbox.control import DEFAULT_SHOP, import_catalogue
    from shopify_imagegen.sandbox.shop.store import Store

    _together(catalogue, images)
    check_port(host, port)
    store = Store()
    if catalogue:
        try:
            count, problems = import_catalogue(store, DEFAULT_SHOP, catalogue, str(images))
        except (OSError, UnicodeDecodeError) as error:
            raise ImagegenError(f"the catalogue cannot be read: {error}") from None
        click.echo("\n".join([f"{DEFAULT_SHOP} has {counted(count, 'product')}.", *problems]), err=True)
    click.echo(f"Sandbox on http://{host}:{port}. Ctrl-C stops it.", err=True)
    server.serve(host, port, store=store)


@click.command()
@click.option("--once", is_flag=True, help="Exit when the pictures are on the product; 0 only if they are.")
@catalogue_option
@images_option
@click.option("--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="Of the sandbox.")
def demo(once: bool, catalogue: Path | None, images: Path | None, port: int) -> None:
    """Run the sandbox and the real app, and watch the main job."""
    from shopify_imagegen.sandbox import demo as story

    _together(catalogue, images)
    sys.exit(story.tell(once=once, catalogue=catalogue, images=images, port=port))


def _together(catalogue: Path | None, images: Path | None) -> None:
    if (catalogue is None) != (images is None):
        raise click.UsageError("--catalogue and --images belong together")
