"""The configuration of a node, section by section. `dissuade.config_file` reads it; `dissuade init` writes it out.

A field's description becomes its comment in the file that ``init`` writes.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from campaigns.intake.errors import SourceError
from campaigns.intake.headings import Headings
from campaigns.intake.moments import parse_zone
from campaigns.policy import Policy, parse_policy, read_policy, standard
from campaigns.sqlite_store import DEFAULT_COOL_DOWN_S, DEFAULT_DAILY_LIMIT
from dissuade.config_delivery import DeliverySection, SmsSection, WebhookSection
from dissuade.config_section import Port, Seconds, Section, ServedSection
from dissuade.home import Home, find_home

ENV_PREFIX = "DISSUADE_"
ENV_DELIMITER = "__"

TIME_OF_DAY = r"^(?:(?:[01]\d|2[0-3]):[0-5]\d)?$"
"""``06:00``, or empty."""

GONE = {
    "lines.robot_calls_per_process": "no key any more: remove it. A dissuader's phone may be on any line, and "
    "lines.kept_for_humans says for how many such phones there is room",
}
"""Keys that were, and what to do about them."""


def _host_name() -> str:
    return socket.gethostname().partition(".")[0] or "node"


class NodeSection(Section):
    """This machine."""

    name: str = Field(
        default_factory=_host_name,
        pattern=r"^[A-Za-z0-9_.-]+$",
        description="Name of this node; each node on the same store needs its own. Default: the host's name.",
    )
    site: str = Field(
        default="main",
        pattern=r"^[A-Za-z0-9_.-]+$",
        description="Events are published to dissuade/<site>/...",
    )
    home: Path = Field(
        default_factory=lambda: find_home().root,
        description="Everything is written below this folder. Default: $DISSUADE_HOME, else var/ where it runs.",
    )


class CentreSection(Section):
    """The centre in whose name calls are made."""

    name: str = Field(
        default="反诈中心",
        min_length=1,
        description="What the robot calls the centre: {centre} in scripts.",
    )
    callback_number: str = Field(default="96110", min_length=1, description="{callback_number} in scripts.")
    region: str = Field(
        default="CN",
        pattern=r"^[A-Z]{2}$",
        description="Country of numbers that come without +, ISO 3166.",
    )
    time_zone: str = Field(
        default="Asia/Shanghai",
        description="Zone (IANA) in which times are meant that name none.",
    )
    language: Literal["", "zh", "en"] = Field(
        default="",
        description="Language in which rejected rows are explained to the staff: zh or en. Default: as LANG says.",
    )
    scripts: Path | None = Field(
        default=None,
        description="Folder with scripts of your own; they go before the built-in ones.",
    )
    lexicons: Path | None = Field(
        default=None,
        description="Folder with rules of your own by which replies are understood, a file a language (zh-CN.yaml); "
        "each replaces the built-in one of its name. `kill -HUP` makes a running node read them anew.",
    )

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        zone = parse_zone(name)
        if zone is None:
            raise ValueError(f"there is no time zone {name!r}; write an IANA name such as Asia/Shanghai")
        return zone


class IntakeSection(Section):
    """Leads that come in."""

    columns: dict[str, str] = Field(
        default_factory=dict,
        description='Your own names of columns and JSON keys, heading = field, such as "报警人手机" = "number"; an '
        "empty field leaves the column out. docs/integrator.md lists the fields and the names that are known.",
    )
    campaign: str = Field(default="", description="Campaign of leads that come over MQTT or HTTP and name none.")
    scam_types: Path | None = Field(
        default=None,
        description="YAML file with words of your own by which a scam type is proposed from the free text of a lead "
        "that names none; laid over the built-in campaigns/intake/scam_types.yaml, type by type.",
    )

    @field_validator("columns")
    @classmethod
    def _known_fields(cls, columns: dict[str, str]) -> dict[str, str]:
        try:
            Headings(columns)
        except SourceError as error:
            raise ValueError(str(error)) from None
        return columns


class TrunkSection(Section):
    """The SIP trunk that carries the calls."""

    host: str = Field(
        default="",
        description="Host or address of the carrier's SIP server. Nothing is called without it.",
    )
    port: Port = 5060
    transport: Literal["udp", "tcp"] = "udp"
    register_: bool = Field(
        default=False,
        alias="register",
        description="Register with username and password; without, it is a plain trunk.",
    )
    username: str = ""
    password: SecretStr = Field(
        default=SecretStr(""),
        description="Better in password_file, or in DISSUADE_TRUNK__PASSWORD.",
    )
    password_file: Path | None = Field(default=None, description="A file that holds the password and nothing else.")
    realm: str = Field(default="*", description="Realm of the digest challenge; * answers any.")
    domain: str = Field(default="", description="Domain in From and P-Asserted-Identity. Default: host.")
    caller_number: str = Field(default="96110", min_length=1, description="Shown to the person called.")
    caller_name: str = Field(default="反诈中心", description="Shown where the network carries names.")
    number_format: Literal["e164", "national", "plain"] = Field(
        default="e164",
        description="How the carrier wants numbers: e164 +8611100000011, plain 8611100000011, national 11100000011.",
    )
    dial_prefix: str = Field(default="", pattern=r"^[0-9*#]*$", description="Digits before every number.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.register_ and not (self.host and self.username):
            raise ValueError("register = true needs host and username")
        if self.password.get_secret_value() and self.password_file:
            raise ValueError("give password or password_file, not both")
        return self


class LinesSection(Section):
    """How many calls at once, and how they are placed."""

    count: int = Field(default=8, ge=1, le=2000, description="Robot calls at once.")
    kept_for_humans: int | None = Field(
        default=None,
        ge=0,
        le=2000,
        description="Calls beside them for the phones of dissuaders and relatives; a page that is a phone needs none. "
        "Default: a quarter of count, at least 2.",
    )
    slots_per_process: int = Field(
        default=4,
        ge=1,
        le=512,
        description="Calls that one line process can carry; 4 is the limit of the pjsua2 wheel.",
    )
    bind_host: str = Field(
        default="",
        description="Address to bind SIP and RTP to. Default: the one that leads to the trunk.",
    )
    first_rtp_port: int = Field(
        default=16384,
        ge=0,
        le=65534,
        multiple_of=2,
        description="First UDP port for sound, an even one; 0: any that is free. Below the ports that the system gives "
        "to others (32768 on Linux), no stray packet of theirs comes to a call.",
    )
    rtp_ports: int = Field(
        default=16384, ge=0, le=65535, description="UDP ports for sound from there on; a call takes two."
    )
    ring_timeout_s: Seconds = Field(default=40.0, description="Seconds from INVITE to giving up as not answered.")
    calls_per_second: float = Field(default=5.0, gt=0, le=20, description="Calls started a second at most.")

    @property
    def kept(self) -> int:
        """Calls that are kept for humans."""
        return max(2, -(-self.count // 4)) if self.kept_for_humans is None else self.kept_for_humans

    @property
    def processes(self) -> int:
        """Line processes that all these calls need."""
        return -(-(self.count + self.kept) // self.slots_per_process)


class PacingSection(Section):
    """When fewer calls are started than lines and trunk allow."""

    reserve: int = Field(
        default=1,
        ge=0,
        description="Dissuaders kept free for high grades, beside two at least who are not. While no other could take "
        "what is to be expected, only high grades, call-backs and those who have waited too long are called.",
    )
    expected: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Share of the calls that is taken to need a dissuader until enough were made.",
    )
    tight_s: Seconds = Field(
        default=0.2,
        description="Calls are started four times slower when callees are heard so many seconds late for a second.",
    )
    short_s: Seconds = Field(default=0.5, description="None are started when they are heard so many seconds late.")
    tight_busy: float = Field(
        default=0.75, gt=0, description="The same by the share of the time for which recognition is busy: slower,"
    )
    short_busy: float = Field(default=0.9, gt=0, description="and none.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.short_s < self.tight_s or self.short_busy < self.tight_busy:
            raise ValueError("short_s and short_busy must not be less than tight_s and tight_busy")
        return self


_MODEL = (
    "Folder of a Vosk model (with a / in it), or the name of a bundled one. The bundled ones are made of synthetic "
    "speech, to try things out; real calls need vosk-model-cn-0.22 or vosk-model-small-cn-0.22 (`dissuade models`)."
)


class LanguageSection(Section):
    """Voice and ear in one language."""

    model: str = Field(default="", description=_MODEL)
    engine: Literal["pyttsx3", "espeak-ng"] = Field(default="pyttsx3", description="What speaks the prompts.")
    variant: str = Field(default="f2", pattern=r"^[\w ]*$", description="Voice variant of espeak-ng.")
    rate_wpm: int = Field(
        default=160, ge=80, le=400, description="Words a minute; 160 is about 3 Mandarin syllables a second."
    )
    end_of_turn_s: Seconds = Field(default=0.55, le=3, description="Silence that ends what a person says, in seconds.")
    short_answer_s: Seconds = Field(
        default=0.32, le=3, description="The same after a short answer that is whole: yes, no, I have sent it."
    )
    unfinished_s: Seconds = Field(
        default=1.2, le=3, description="The same after words that more must follow: because, he told me to."
    )
    recorded_prompts: Path | None = Field(
        default=None, description="Folder of prompts recorded by a human; they go before synthesis."
    )


class MandarinSection(LanguageSection):
    """Voice and ear in Mandarin."""

    model: str = Field(default="zh", description=_MODEL)


class EnglishSection(LanguageSection):
    """Voice and ear in English."""

    model: str = Field(default="en", description=_MODEL)


class SpeechSection(Section):
    """Voice and ear, by language."""

    zh: MandarinSection = MandarinSection()
    en: EnglishSection = EnglishSection()


class Dissuader(Section):
    """A human who takes live calls."""

    name: str = Field(min_length=1)
    uri: str = Field(pattern=r"^sips?:\S+$")


class EscalationSection(Section):
    """Handing a live call to a human."""

    mode: Literal["bridge", "transfer"] = Field(
        default="bridge",
        description="bridge: the dissuader's phone is called and joined; transfer: blind transfer (REFER).",
    )
    ring_timeout_s: Seconds = Field(
        default=20.0,
        description="Seconds that one dissuader's phone rings before the next is tried.",
    )
    wait_s: Seconds = Field(default=30.0, description="Seconds that a subject is held while nobody is free.")
    wrap_up_s: float = Field(default=20.0, ge=0, description="A dissuader's rest after a call, in seconds.")


class PolicySection(Section):
    """Who may be called how often, over all campaigns; what follows a call is in the policy of its campaign."""

    cool_down_s: float = Field(
        default=DEFAULT_COOL_DOWN_S,
        ge=0,
        description="Seconds between two calls to one number, from dialling to dialling, whatever the outcome was.",
    )
    daily_limit: int = Field(
        default=DEFAULT_DAILY_LIMIT, ge=1, le=100, description="Calls to one number in any 24 hours."
    )
    file: Path | None = Field(
        default=None,
        description="YAML file with the policy of campaigns that have none of their own. Default: the built-in one; "
        "`dissuade campaign policy show` prints it.",
    )

    def default(self) -> Policy:
        """The policy of campaigns that have none of their own; raises `campaigns.policy.PolicyError`."""
        return standard() if self.file is None else parse_policy(read_policy(self.file), name=str(self.file))


class StoreSection(Section):
    """The database."""

    path: Path | None = Field(default=None, description="SQLite file. Default: store/dissuade.db below home.")


class BulletinSection(Section):
    """The day's bulletin and the week's review."""

    language: Literal["zh", "en"] = Field(default="zh", description="Of the page: zh or en.")
    at: str = Field(
        default="06:00",
        pattern=TIME_OF_DAY,
        description="When a running node writes the bulletin of the day before, and on Mondays the review of the week, "
        "to bulletins/ below home; in centre.time_zone. Empty: never.",
    )


class RetentionSection(Section):
    """How long data is kept. A purge is logged; what a bulletin counts stays."""

    recordings_days: int = Field(default=90, ge=0, description="Days that a recording is kept. 0: for ever.")
    transcripts_days: int = Field(
        default=180,
        ge=0,
        description="Days that what was said is kept: turns, words of signals, numbers heard. 0: for ever.",
    )
    personal_days: int = Field(
        default=365,
        ge=0,
        description="Days after a case was closed that name, number, address, relatives, accounts and notes are kept, "
        "and rejected rows after an import. 0: for ever.",
    )
    at: str = Field(
        default="03:00",
        pattern=TIME_OF_DAY,
        description="When a running node purges what is old, in centre.time_zone. Empty: only `dissuade purge` does.",
    )


class ApiSection(ServedSection):
    """The HTTP API for neighbouring systems; `dissuade token create` makes the tokens that it asks for."""

    port: int = Field(default=0, ge=0, le=65535, description="TCP port. 0: no API.")
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on. Any other than the loopback needs certificate and key, or a proxy before it "
        "that speaks HTTPS.",
    )
    requests_per_second: float = Field(default=20.0, gt=0, description="Of one token, over time.")


class DeskSection(ServedSection):
    """The pages for dissuaders, duty officers, auditors and administrators; `dissuade user add` makes the first one."""

    port: int = Field(default=0, ge=0, le=65535, description="TCP port; the HTTP API is served there, too. 0: no desk.")
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on. Any other than the loopback needs certificate and key, or a proxy before it "
        "that speaks HTTPS: browsers give the microphone to such pages alone.",
    )
    proxied: bool = Field(
        default=False,
        description="A proxy that speaks HTTPS stands before it, hands Host on, and sets X-Forwarded-For; nobody else "
        "can reach the port.",
    )
    names: tuple[str, ...] = Field(
        default=(),
        description="Host names by which browsers ask for it. Addresses, localhost and this machine's name always may.",
    )
    idle_hours: float = Field(default=12.0, gt=0, le=24, description="Who did nothing for so long must log in again.")
    session_hours: float = Field(default=24.0, gt=0, le=168, description="Everybody must log in again after so long.")


class MqttSection(Section):
    """Events to, and commands from, an MQTT v5 broker."""

    host: str = Field(default="", description="Broker. Empty: no MQTT.")
    port: Port = 1883
    username: str = ""
    password: SecretStr = SecretStr("")
    tls: bool = False
    ca_file: Path | None = Field(
        default=None, description="PEM file of the authorities that the broker's certificate is checked against."
    )
    full_numbers: bool = Field(default=False, description="Publish numbers in full; they are masked otherwise.")


class Config(BaseSettings):
    """All of it. Environment variables override the file: ``DISSUADE_LINES__COUNT=16``."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=ENV_DELIMITER,
        hide_input_in_errors=True,
    )

    node: NodeSection = Field(default_factory=NodeSection)
    centre: CentreSection = CentreSection()
    intake: IntakeSection = Field(default_factory=IntakeSection)
    trunk: TrunkSection = TrunkSection()
    lines: LinesSection = LinesSection()
    pacing: PacingSection = PacingSection()
    speech: SpeechSection = SpeechSection()
    escalation: EscalationSection = EscalationSection()
    dissuaders: tuple[Dissuader, ...] = Field(default=(), description="Who takes live calls, in this order.")
    policy: PolicySection = Field(default_factory=PolicySection)
    store: StoreSection = StoreSection()
    api: ApiSection = ApiSection()
    desk: DeskSection = DeskSection()
    mqtt: MqttSection = MqttSection()
    delivery: DeliverySection = DeliverySection()
    webhooks: tuple[WebhookSection, ...] = Field(default=(), description="Neighbouring systems that take orders.")
    sms: SmsSection = SmsSection()
    bulletin: BulletinSection = BulletinSection()
    retention: RetentionSection = RetentionSection()

    @field_validator("dissuaders")
    @classmethod
    def _one_name_each(cls, dissuaders: tuple[Dissuader, ...]) -> tuple[Dissuader, ...]:
        names = [each.name for each in dissuaders]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two dissuaders are named {twice[0]}; give each a name of their own")
        return dissuaders

    @field_validator("webhooks")
    @classmethod
    def _one_name_for_each(cls, webhooks: tuple[WebhookSection, ...]) -> tuple[WebhookSection, ...]:
        names = [each.name for each in webhooks]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two webhooks are named {twice[0]}; give each a name of its own")
        return webhooks

    @property
    def home(self) -> Home:
        """Paths below ``node.home``."""
        return Home(self.node.home)

    @property
    def store_path(self) -> Path:
        """The database file."""
        return self.store.path or self.home.store / "dissuade.db"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what the file says."""
        return env_settings, init_settings
