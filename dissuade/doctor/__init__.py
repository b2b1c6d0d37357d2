"""Whether a node could work as it is configured: each thing tried for real, and how to mend what fails."""

from dissuade.doctor.examination import examine
from dissuade.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]
