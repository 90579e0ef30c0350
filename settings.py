"""The only reader of the environment. Everything else receives a `Settings` object."""

import secrets
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.lockout import DELAYS

DEVELOPMENT_SECRET = "development-only-secret-not-for-production"  # noqa: S105 - refused in production below


class RateLimits(BaseSettings):
    """Requests per window; `limits` notation. A category is consumed once per root field."""

    model_config = SettingsConfigDict(env_prefix="RATE_LIMIT_", frozen=True)

    sign_in: str = "5/minute"
    refresh: str = "10/minute"
    verification: str = "3/hour"
    signed_in: str = "100/minute"
    anonymous: str = "60/minute;1000/hour;10000/day"
    read: str = "200/minute"
    write: str = "50/minute"
    delete: str = "20/minute"
    people: str = Field(default="10/minute", description="Invitations and removals of members.")
    rights: str = Field(default="20/minute", description="Changes of who may do what.")
    test_mail: str = "5/hour"
    upload: str = "10/minute"
    tenant: str = "20/minute"
    logo: str = "5/minute"
    socket_frames: str = "200/minute"


class Limits(BaseSettings):
    """What one document may ask for."""

    model_config = SettingsConfigDict(env_prefix="LIMIT_", frozen=True)

    tokens: int = 4_000
    depth: int = 12
    aliases: int = 30
    directives: int = 50
    repeated_fields: int = 100
    fragment_spreads: int = 60
    cost: int = 5_000
    steps: int = 100
    mutations: int = 10
    document_bytes: int = 100 * 1024
    body_bytes: int = 1024 * 1024
    upload_bytes: int = Field(default=201 * 1024 * 1024, description="One request with files, all of it.")
    upload_files: int = Field(default=20, description="Files of one request.")
    frame_bytes: int = 128 * 1024
    introspection_depth: int = 20
    operations_per_socket: int = 50
    sockets_per_user: int = 20
    unread_seconds: float = Field(default=30.0, gt=0, description="What a client reads nothing of for so long ends.")


class Settings(BaseSettings):
    """Configuration of one server, one attribute per environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    environment: Literal["development", "test", "production"] = "development"
    debug: bool = False
    site_url: str = "http://127.0.0.1:8000"

    database_url: str = Field(default="", description="Administrative login, for migrations. Empty: bundled server.")
    database_app_url: str = Field(default="", description="Login of the server; default: role immonow_app there.")
    database_platform_url: str = Field(default="", description="Login of platform work; default: immonow_platform.")
    workers: int = Field(default=1, ge=1, le=64, description="Processes that serve side by side; each has own pools.")
    job_worker: bool = Field(default=True, description="Whether servers carry out jobs too; else `worker` must run.")
    jobs_at_once: int = Field(default=4, ge=2, le=100, description="How many jobs a worker carries out side by side.")
    read_pool_size: int = 10
    write_pool_size: int = 10
    redis_url: str = ""
    data_dir: Path = Path(".data")
    s3_bucket: str = Field(default="", description="Where files are kept. Empty: the folder `files` in DATA_DIR.")
    s3_endpoint_url: str = Field(default="", description="Address of a store that is not Amazon's.")
    s3_region: str = ""
    s3_access_key_id: str = Field(default="", description="Empty: as boto3 finds them (role of the machine, profile).")
    s3_secret_access_key: str = ""

    jwt_secret_key: str = DEVELOPMENT_SECRET
    access_token_expire_minutes: int = 30
    sign_in_delays: tuple[float, ...] = Field(
        default=DELAYS, description="Seconds the answers to failed sign-ins in a row are kept back."
    )

    google_client_id: str = Field(default="", description="For sign-in with Google. Empty: there is none.")
    google_client_secret: str = Field(default="", repr=False)
    google_issuer: str = "https://accounts.google.com"
    google_redirect_uri: str = Field(default="postmessage", description="Where Google sends codes; as the client says.")
    frontend_url: str = Field(default="", description="Where links in mails lead. Default: SITE_URL.")
    smtp_host: str = Field(default="", description="Server that takes mail. Empty: mail lies in DATA_DIR/mail.")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str = ""
    smtp_password: str = Field(default="", repr=False)
    mail_from: str = Field(default="", description="Address mail comes from. Default: no-reply at SITE_URL's host.")

    cors_origins: list[str] = []
    allowed_hosts: list[str] = []
    trusted_proxies: list[str] = []
    introspection: bool | None = Field(default=None, description="Default: on outside production.")
    graphiql: bool | None = Field(default=None, description="Default: on outside production.")
    demo_board: bool | None = Field(default=None, description="The page /demo/board. Default: on outside production.")
    persisted_operations: Path | None = Field(default=None, description="JSON file of operations known by their hash.")
    persisted_queries: Literal["off", "automatic", "registered_only"] = Field(
        default="automatic", description="`registered_only` executes nothing but what PERSISTED_OPERATIONS lists."
    )
    metrics_token: str = Field(default="", description="Bearer token of /metrics. Empty: this machine alone may ask.")
    log_format: Literal["json", "console"] = "console"
    retention_days: int = 7
    engine: Literal["planned", "reference"] = Field(
        default="planned", description="`reference` executes every field by graphql-core: slow, for comparison."
    )

    rate_limits: RateLimits = Field(default_factory=RateLimits)
    limits: Limits = Field(default_factory=Limits)

    @model_validator(mode="after")
    def _refuse_empty_register(self) -> Self:
        if self.persisted_queries == "registered_only" and self.persisted_operations is None:
            raise ValueError("PERSISTED_OPERATIONS must name a file when PERSISTED_QUERIES is registered_only")
        return self

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        """One readable line naming the variable, before anything starts."""
        if self.environment != "production":
            return self
        if self.debug:
            raise ValueError("DEBUG must be false in production")
        if self.jwt_secret_key == DEVELOPMENT_SECRET or len(self.jwt_secret_key.encode()) < 32:
            raise ValueError("JWT_SECRET_KEY must be set to at least 32 bytes of your own in production")
        if "*" in self.cors_origins:
            raise ValueError("CORS_ORIGINS must not contain * in production")
        if not self.allowed_hosts:
            raise ValueError("ALLOWED_HOSTS must be set in production")
        if not self.site_url.startswith("https://"):
            raise ValueError("SITE_URL must start with https:// in production")
        if self.frontend_url and not self.frontend_url.startswith("https://"):
            raise ValueError("FRONTEND_URL must start with https:// in production")
        if self.smtp_username and self.smtp_security == "none":
            raise ValueError("SMTP_SECURITY must not be none in production: the password would be readable")
        return self

    @property
    def is_open(self) -> bool:
        """Whether strangers may look around: introspection, GraphiQL, suggestions."""
        return self.environment != "production"

    @property
    def links_url(self) -> str:
        """Where links in mails lead."""
        return self.frontend_url or self.site_url

    @property
    def introspection_enabled(self) -> bool:
        return self.is_open if self.introspection is None else self.introspection

    @property
    def graphiql_enabled(self) -> bool:
        return self.is_open if self.graphiql is None else self.graphiql

    @property
    def demo_board_enabled(self) -> bool:
        return self.is_open if self.demo_board is None else self.demo_board


def new_secret() -> str:
    return secrets.token_urlsafe(48)
