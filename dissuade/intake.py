"""How leads are taken, as the configuration says."""

from __future__ import annotations

from campaigns.intake.fields import LeadDefaults
from campaigns.intake.headings import Headings
from campaigns.intake.scam_types import Proposer, ScamTypesError, built_in
from campaigns.intake.taking import Intake
from campaigns.messages import tongue_of
from campaigns.policy import Policy
from dissuade.config import Config
from dissuade.errors import ConfigError


def intake(config: Config, policy: Policy) -> Intake:
    """For leads that other systems hand over; raises `ConfigError`."""
    return Intake(
        defaults=lead_defaults(config),
        headings=Headings(config.intake.columns),
        proposer=proposer(config),
        tongue=tongue_of(config.centre.language),
        policy=policy,
        campaign=config.intake.campaign,
    )


def lead_defaults(config: Config) -> LeadDefaults:
    """What a row is taken to say where it says nothing."""
    return LeadDefaults(region=config.centre.region, time_zone=config.centre.time_zone)


def proposer(config: Config) -> Proposer:
    """The words that speak for a scam type; raises `ConfigError`."""
    try:
        return Proposer(config.intake.scam_types) if config.intake.scam_types else built_in()
    except ScamTypesError as error:
        raise ConfigError(str(error), "correct intake.scam_types") from error
