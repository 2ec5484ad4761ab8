"""Between a form and the document of what a store has set for itself. Pure: fields in, a document or problems out.

A field is named by its key in the settings, "images.per_product". The document keeps only what differs from the
settings file, so that a default that changes there still reaches the stores that never chose otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from werkzeug.datastructures import MultiDict

Document = dict[str, Any]


def value_of(form: MultiDict[str, str], key: str, kind: str) -> Any:
    """What a form says of one field.

    Args:
        kind: "flag" (a checkbox), "many" (checkboxes of one name), "list" (separated by commas or lines) or "text".
    """
    if kind == "flag":
        return key in form
    if kind == "many":
        return form.getlist(key)
    text = form.get(key, "").strip()
    return listed(text) if kind == "list" else text


def listed(text: str) -> list[str]:
    """
    >>> listed("sample, spare part,,sample")
    ['sample', 'spare part']
    """
    parts = (part.strip() for line in text.splitlines() for part in line.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def at(document: Mapping[str, Any], key: str) -> Any:
    """The value under a dotted key; None when there is none."""
    found: Any = document
    for name in key.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def with_value(document: Document, key: str, value: Any) -> Document:
    """A copy in which *key* has *value*; None takes the key out."""
    copy = deepcopy(document)
    section, names = copy, key.split(".")
    for name in names[:-1]:
        section = section.setdefault(name, {})
    if value is not None:
        section[names[-1]] = value
        return copy
    section.pop(names[-1], None)
    return without(copy, names[:-1])


def without(document: Document, path: list[str]) -> Document:
    """The same without the sections along *path* that are empty now; what was emptied on purpose stays."""
    if not path:
        return document
    below = without(document[path[0]], path[1:])
    rest = {name: each for name, each in document.items() if name != path[0]}
    return rest | ({path[0]: below} if below else {})


def is_same(one: Any, other: Any) -> bool:
    """Whether a form's value is the settings' own, which may be a number, a flag or a list.

    >>> is_same("5", 5), is_same("5.00", "5"), is_same([], []), is_same("4:5", "3:4")
    (True, True, True, False)
    """
    if isinstance(one, dict) or isinstance(other, dict):
        return bool(_filled(one) == _filled(other))
    if isinstance(one, list) or isinstance(other, list | tuple):
        return list(one or []) == list(other or [])
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return _plain(one) == _plain(other)


def _filled(value: Any) -> Any:
    """Without what is empty: {"note": ""} says as little as {}."""
    if isinstance(value, dict):
        return {name: short for name, each in value.items() if (short := _filled(each)) or isinstance(each, dict)}
    return list(value) if isinstance(value, list | tuple) else value


def _plain(value: Any) -> float | str:
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def problems_by_field(problems: Iterable[str]) -> dict[str, str]:
    """
    >>> problems_by_field(["images.per_product: Input should be less than or equal to 10"])
    {'images.per_product': 'Input should be less than or equal to 10'}
    """
    parted = (problem.partition(": ") for problem in problems)
    return {key: said for key, _, said in parted}
