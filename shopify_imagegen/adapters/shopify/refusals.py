"""What Shopify's user errors mean, by code. Pure; Shopify's own words are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from shopify_imagegen.errors import BadInput, Conflict, ImagegenError, NotFound, Rejected, Temporary

MEANINGS: dict[str, type[ImagegenError]] = {
    "ALT_VALUE_LIMIT_EXCEEDED": BadInput,
    "BLANK": BadInput,
    "FILENAME_ALREADY_EXISTS": Conflict,
    "FILE_DOES_NOT_EXIST": NotFound,
    "FILE_LOCKED": Temporary,
    "INVALID": BadInput,
    "INVALID_DUPLICATE_RESOLUTION_MODE": BadInput,
    "INVALID_FAILED_MEDIA_STATE": Rejected,
    "INVALID_FILENAME": BadInput,
    "INVALID_FILENAME_EXTENSION": BadInput,
    "INVALID_IMAGE_SOURCE_URL": BadInput,
    "INVALID_MEDIA_TYPE": BadInput,
    "MEDIA_CANNOT_BE_MODIFIED": Temporary,
    "MEDIA_DOES_NOT_EXIST": NotFound,
    "MEDIA_DOES_NOT_EXIST_ON_PRODUCT": NotFound,
    "MEDIA_IS_NOT_ATTACHED_TO_VARIANT": NotFound,
    "MISMATCHED_FILENAME_AND_ORIGINAL_SOURCE": BadInput,
    "MISSING_ARGUMENTS": BadInput,
    "NON_READY_MEDIA": Temporary,
    "NON_READY_STATE": Temporary,
    "PRODUCT_DOES_NOT_EXIST": NotFound,
    "PRODUCT_MEDIA_LIMIT_EXCEEDED": Rejected,
    "PRODUCT_SUSPENDED": Rejected,
    "PRODUCT_VARIANT_ALREADY_HAS_MEDIA": Conflict,
    "PRODUCT_VARIANT_DOES_NOT_EXIST_ON_PRODUCT": NotFound,
    "REFERENCE_TARGET_DOES_NOT_EXIST": NotFound,
    "SHOP_MEDIA_LIMIT_EXCEEDED": Rejected,
    "TOO_MANY_FILE_REFERENCE": Rejected,
    "UNACCEPTABLE_ASSET": Rejected,
    "UNACCEPTABLE_TRIAL_ASSET": Rejected,
    "UNACCEPTABLE_UNVERIFIED_TRIAL_ASSET": Rejected,
    "UNSUPPORTED_FILE_REFERENCE": Conflict,
}
PLAIN = {
    "FILE_LOCKED": "the file is busy with another change",
    "MEDIA_CANNOT_BE_MODIFIED": "the file is busy with another change",
    "NON_READY_STATE": "Shopify has not finished processing the file",
    "NON_READY_MEDIA": "Shopify has not finished processing the file",
    "PRODUCT_MEDIA_LIMIT_EXCEEDED": "the product's gallery is full",
    "SHOP_MEDIA_LIMIT_EXCEEDED": "the store has reached its limit of files",
    "PRODUCT_SUSPENDED": "Shopify has suspended the product",
    "UNACCEPTABLE_ASSET": "Shopify does not accept this kind of file",
    "UNACCEPTABLE_TRIAL_ASSET": "a store on a free trial cannot take this file; choose a plan first",
    "UNACCEPTABLE_UNVERIFIED_TRIAL_ASSET": (
        "a store on a free trial cannot take this file; choose a plan or verify the owner's e-mail address first"
    ),
}
GONE = re.compile(r"\b(does not exist|doesn't exist|not found|could not be found)\b", re.IGNORECASE)


class UserError(Protocol):
    """Any of Shopify's user errors. Some have a `code` as well."""

    @property
    def message(self) -> str: ...


def accept(errors: Sequence[UserError], *, doing: str, otherwise: type[ImagegenError] = BadInput) -> None:
    """Do nothing if there are no *errors*, else raise what the first of them means.

    Args:
        doing: "attach the picture", for the message.
        otherwise: what a code that is not in the table means, and INVALID, which says nothing.

    Raises:
        Conflict, Temporary, NotFound, Rejected, BadInput: by code. An error without a code is NotFound when its words
            say so.
    """
    if errors:
        raise meaning(errors[0], otherwise=otherwise)(sentence(errors, doing=doing))


def meaning(error: UserError, *, otherwise: type[ImagegenError]) -> type[ImagegenError]:
    code = code_of(error)
    if not code:
        return NotFound if GONE.search(error.message) else otherwise
    if code.endswith("_LIMIT_EXCEEDED") and code not in MEANINGS:
        return Rejected
    return otherwise if code == "INVALID" else MEANINGS.get(code, otherwise)


def sentence(errors: Sequence[UserError], *, doing: str) -> str:
    """What happened in plain words, then what Shopify said of each error.

    >>> class Full:
    ...     code, message = "PRODUCT_MEDIA_LIMIT_EXCEEDED", "Exceeded the limit."
    >>> sentence([Full()], doing="attach the picture")
    'Shopify would not attach the picture: the product\\'s gallery is full ("Exceeded the limit.")'
    """
    plain = next((PLAIN[code_of(error)] for error in errors if code_of(error) in PLAIN), "")
    quoted = "; ".join(f'"{error.message}"' for error in errors)
    return f"Shopify would not {doing}: {plain} ({quoted})" if plain else f"Shopify would not {doing}: {quoted}"


def code_of(error: UserError) -> str:
    code = getattr(error, "code", None)
    return str(code.value if isinstance(code, Enum) else code or "")
