"""How long the configuration lets data be kept, and where files with personal data lie."""

from __future__ import annotations

from campaigns.retention import Places, Retention
from dissuade.config import Config


def kept(config: Config) -> Retention:
    """As `campaigns.retention` takes it."""
    section = config.retention
    return Retention(section.recordings_days, section.transcripts_days, section.personal_days)


def places(config: Config) -> Places:
    """Recordings, rejected rows, order sheets."""
    home = config.home
    return Places(home=home.root, recordings=home.recordings, others=(home.rejects, home.orders))
