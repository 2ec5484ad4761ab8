"""Our own side: database, disk, worker. Values in, findings out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from shopify_imagegen.checkup.finding import Finding, failed, ok, warning
from shopify_imagegen.models import DatabaseVitals

DATABASE, DISK, WORKER = "database", "disk", "worker"
MB = 1_000_000
LOW_BYTES, TOO_LOW_BYTES = 1_000 * MB, 100 * MB  # a paid picture of up to 25 MB waits on the disk until it is stored
START = "start `shopify-imagegen serve` (or `worker`)"


def of_database(seen: DatabaseVitals) -> tuple[Finding, ...]:
    return tuple(_of_database(seen)) or (_well(seen),)


def has_tables(seen: DatabaseVitals) -> bool:
    """Whether its rows can be asked for: they have the columns of this version."""
    return bool(seen.schema_version) and seen.schema_version == seen.newest_version


def _of_database(seen: DatabaseVitals) -> Iterator[Finding]:
    if seen.read_only:
        yield failed(DATABASE, f"cannot be written: {seen.read_only}", "give it a place that this user may write")
    if seen.is_newer:
        said = f"was used by a newer version of this program (schema {seen.schema_version})"
        yield failed(DATABASE, said, "install that version again, or restore the backup from before the upgrade")
    elif not seen.schema_version:
        yield warning(DATABASE, "has no tables yet", f"nothing: the first start makes them; {START}")
    elif seen.schema_version != seen.newest_version:
        said = f"has schema {seen.schema_version}; this program uses {seen.newest_version}"
        yield warning(DATABASE, said, "`shopify-imagegen migrate`, or nothing: the next start does it")
    if seen.kind == "sqlite" and seen.exists and seen.journal != "wal":
        said = f"SQLite's journal mode is {seen.journal or 'not known'}, not wal: web and worker would block each other"
        yield failed(DATABASE, said, "put app.data_dir on a local disk; network folders cannot do it")


def _well(seen: DatabaseVitals) -> Finding:
    return ok(DATABASE, f"{seen.kind}, schema {seen.schema_version}, {seen.size_bytes / MB:,.1f} MB, can be written")


def of_disk(free: Mapping[Path, int]) -> tuple[Finding, ...]:
    """*free*: folder -> free bytes."""
    return tuple(_of_folder(folder, left) for folder, left in free.items())


def _of_folder(folder: Path, free_bytes: int) -> Finding:
    said = f"{free_bytes / MB:,.0f} MB free for {folder}"
    if free_bytes < TOO_LOW_BYTES:
        return failed(DISK, said, "make room: a full disk stops everything, webhooks too")
    return warning(DISK, said, "make room soon") if free_bytes < LOW_BYTES else ok(DISK, said)


def of_workers(alive: int) -> Finding:
    if not alive:
        return failed(WORKER, "no worker has been heard of for 30 s: nothing is made", START)
    return ok(WORKER, f"{alive} alive")
