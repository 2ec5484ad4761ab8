"""Settings: what `config.toml` and the environment may say. Frozen, strict, and all problems at once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shopify_imagegen.errors import ConfigError
from shopify_imagegen.models import MICRO_PER_USD
from shopify_imagegen.settings_source import Environment, explained, merged, ours, unknown_sections

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PICTURE_HOSTS = ("cdn.shopify.com", "*.shopify.com", "*.shopifycdn.com", "*.myshopify.com", "*.getimg.ai")


def _listed(value: object) -> object:
    """The environment may write a list as `a, b`; TOML and JSON lists pass through."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _safe_base_url(url: str) -> str:
    """https, or http on loopback: a typo must not send a token in the clear."""
    parts = urlsplit(url.replace("{shop}", "shop.example"))
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url.rstrip("/")
    raise ValueError("must begin with https:// (http:// only for 127.0.0.1, localhost or [::1])")


def _safe_or_empty(url: str) -> str:
    return _safe_base_url(url) if url else ""


def _typed(value: str) -> str:
    """Of keys and ids; the end of a line that came along with one does no harm."""
    if value.isascii() and value.strip().isprintable():
        return value
    raise ValueError("has characters that no key has; was the … of an example left in?")


def _secret(value: SecretStr) -> SecretStr:
    _typed(value.get_secret_value())
    return value


def _upper_keys(value: object) -> object:
    return {str(key).upper(): each for key, each in value.items()} if isinstance(value, dict) else value


Key = Annotated[SecretStr, AfterValidator(_secret)]
Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
BaseUrl = Annotated[str, AfterValidator(_safe_base_url)]
Usd = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]
Price = Annotated[Decimal, Field(gt=0, le=1_000, decimal_places=6)]  # a picture is never free: it would pass any budget
Prices = Annotated[dict[str, Price], BeforeValidator(_upper_keys)]


def microusd(usd: Decimal) -> int:
    """Dollars as the whole micro-dollars that the ledger counts in.

    >>> microusd(Decimal("0.06"))
    60000
    """
    return int(usd * MICRO_PER_USD)


class Section(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AppSection(Section):
    public_url: Annotated[str, AfterValidator(_safe_or_empty)] = ""
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    picture_hosts: Words = PICTURE_HOSTS
    metrics_token: SecretStr = SecretStr("")
    data_dir: Path = Path("var")
    encryption_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(_listed)] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    stop_within_s: Annotated[float, Field(ge=0, le=900)] = 120.0


class DatabaseSection(Section):
    url: Annotated[str, Field(repr=False)] = "sqlite:///var/imagegen.db"  # may carry a password


class ShopifySection(Section):
    client_id: Annotated[str, AfterValidator(_typed)] = ""
    client_secret: Key = SecretStr("")
    old_client_secret: Key = SecretStr("")
    api_version: Annotated[str, Field(pattern=r"^20\d\d-(01|04|07|10)$")] = "2026-10"
    scopes: Words = ("write_products", "write_files")
    base_url: BaseUrl = "https://{shop}"
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 20.0
    app_bridge_url: BaseUrl = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
    flow_trigger: str = ""
    extension_origins: Annotated[tuple[BaseUrl, ...], BeforeValidator(_listed)] = ("https://extensions.shopifycdn.com",)


class SellerSection(Section):
    """What every provider of pictures has."""

    @field_validator("prices_usd", check_fields=False)
    @classmethod
    def _has_the_price_in_use(cls, prices: dict[str, Decimal], info: ValidationInfo) -> dict[str, Decimal]:
        resolution = info.data.get("resolution")
        if resolution and resolution not in prices:
            raise ValueError(f"has no price for {resolution}, the resolution in use")
        return prices


class GetimgSection(SellerSection):
    api_key: Key = SecretStr("")
    base_url: BaseUrl = "https://api.getimg.ai"
    model: str = "gpt-image-2"
    resolution: Literal["1K", "2K"] = "1K"
    concurrency: Annotated[int, Field(ge=1, le=64)] = 3
    requests_per_minute: Annotated[int, Field(ge=1, le=6000)] = 15
    timeout_s: Annotated[float, Field(gt=0, le=900)] = 300.0
    prices_usd: Prices = {"1K": Decimal("0.06"), "2K": Decimal("0.12")}


class OpenAISection(SellerSection):
    api_key: Key = SecretStr("")
    base_url: BaseUrl = "https://api.openai.com/v1"
    model: str = "gpt-image-2"
    quality: Literal["low", "medium", "high"] = "medium"
    resolution: Literal["1K", "2K"] = "1K"
    concurrency: Annotated[int, Field(ge=1, le=64)] = 2
    requests_per_minute: Annotated[int, Field(ge=1, le=6000)] = 5
    timeout_s: Annotated[float, Field(gt=0, le=900)] = 300.0
    prices_usd: Prices = {"1K": Decimal("0.08"), "2K": Decimal("0.30")}


class ProviderSection(Section):
    name: Literal["getimg", "openai"] = "getimg"
    getimg: GetimgSection = GetimgSection()
    openai: OpenAISection = OpenAISection()

    @property
    def chosen(self) -> GetimgSection | OpenAISection:
        return self.getimg if self.name == "getimg" else self.openai


class ImagesSection(Section):
    per_product: Annotated[int, Field(ge=1, le=10)] = 2
    aspect_ratio: Literal["1:1", "2:3", "3:2", "4:3", "3:4", "4:5", "16:9", "9:16", "21:9"] = "4:5"
    output_format: Literal["jpeg", "png", "webp"] = "jpeg"
    max_references: Annotated[int, Field(ge=1, le=10)] = 4
    per_variant_option: Annotated[str, Field(max_length=100)] = ""
    link_variants: Literal["all", "free"] = "all"


class RulesSection(Section):
    """Which new listings get pictures by themselves. Empty lists do not restrict; `not_` wins; case is ignored."""

    types: Words = ()
    not_types: Words = ()
    vendors: Words = ()
    not_vendors: Words = ()
    tags: Words = ()
    not_tags: Words = ()
    collections: Words = ()
    not_collections: Words = ()


class TriggerSection(Section):
    on_create: bool = True
    on_first_photo: bool = True
    quiet_s: Annotated[float, Field(ge=0, le=86_400)] = 60.0
    statuses: Annotated[tuple[Literal["active", "draft", "unlisted"], ...], BeforeValidator(_listed)] = ("active",)
    rules: RulesSection = RulesSection()
    storm_threshold: Annotated[int, Field(ge=1)] = 100


class SweepSection(Section):
    every_s: Annotated[float, Field(ge=1, le=86_400)] = 300.0


class PublishSection(Section):
    mode: Literal["auto", "review"] = "auto"
    position: Literal["last", "second", "first"] = "last"


class DisclosureSection(Section):
    """What shoppers are told about pictures that were made by AI."""

    alt_suffix: Annotated[str, Field(max_length=100)] = ""
    metafield: bool = False


class BudgetSection(Section):
    per_image_usd: Usd = Decimal("0.25")
    per_day_usd: Usd = Decimal("5")
    per_month_usd: Usd = Decimal("50")
    all_per_day_usd: Usd = Decimal("100")
    all_per_month_usd: Usd = Decimal("1000")
    on_unknown: Literal["hold", "retry_once"] = "hold"


class StyleSection(Section):
    """The look that all pictures of a store share. Every word goes into the prompt as it stands."""

    look: Annotated[str, Field(max_length=200)] = ""
    palette: Annotated[str, Field(max_length=200)] = ""
    mood: Annotated[str, Field(max_length=200)] = ""
    avoid: Words = ()
    image: Annotated[str, Field(max_length=2_000), AfterValidator(_safe_or_empty)] = ""
    image_id: Annotated[str, Field(max_length=200)] = ""
    people: Literal["never", "allowed"] = "never"


class OverrideSection(Section):
    """What is different for a product type or a tag."""

    category: str = ""
    scenes: Words = ()
    note: Annotated[str, Field(max_length=300)] = ""


class PromptsSection(Section):
    style: StyleSection = StyleSection()
    scenes_dir: Path | None = None
    template: Path | None = None
    scenes_off: Words = ()
    by_type: dict[str, OverrideSection] = {}
    by_tag: dict[str, OverrideSection] = {}


class Settings(BaseSettings):
    """Everything that a merchant or an engineer may set."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    app: AppSection = AppSection()
    database: DatabaseSection = DatabaseSection()
    shopify: ShopifySection = ShopifySection()
    provider: ProviderSection = ProviderSection()
    images: ImagesSection = ImagesSection()
    trigger: TriggerSection = TriggerSection()
    sweep: SweepSection = SweepSection()
    publish: PublishSection = PublishSection()
    disclosure: DisclosureSection = DisclosureSection()
    budget: BudgetSection = BudgetSection()
    prompts: PromptsSection = PromptsSection()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `parse` hands over; the process environment is read in `load`."""
        return (init_settings,)


def parse(toml: str, env: Mapping[str, str]) -> Settings:
    """Read settings from the text of a settings file and environment variables; the environment wins.

    Args:
        toml: the text of `config.toml`; "" for none.
        env: variables `IMAGEGEN__SECTION__KEY`; others are ignored.

    Raises:
        ConfigError: with every problem by key, and no value quoted.
    """
    try:
        written = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the settings file is not TOML: {error}") from None
    given = ours(env)
    problems = unknown_sections(given, Settings.model_fields)
    try:
        settings = Settings(**merged(written, Environment(Settings, given)()))
    except ValidationError as error:
        problems += explained(error)
        raise ConfigError("\n".join(sorted(problems))) from None  # its own text would quote the secrets
    if problems:
        raise ConfigError("\n".join(sorted(problems)))
    return settings


def load(path: Path | None, env: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of this process.

    Args:
        path: of the settings file; None means the one that `IMAGEGEN_CONFIG` names, else `config.toml` if it exists.

    Raises:
        ConfigError: the named file does not exist, or `parse` found problems.
    """
    named = path or (Path(env["IMAGEGEN_CONFIG"]) if env.get("IMAGEGEN_CONFIG") else None)
    file = named or Path("config.toml")
    if not file.is_file():
        if named:
            raise ConfigError(f"{file}: there is no such settings file")
        return parse("", env)
    try:
        return parse(file.read_text(encoding="utf-8"), env)
    except (ConfigError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{file}:\n{error}") from None
