"""What follows for a case: a pure function from its history, the clock and its campaign's policy to the next step."""

from campaigns.policy.deciding import decide, decider
from campaigns.policy.model import Policy
from campaigns.policy.reading import PolicyError, parse_policy, policy_of, read_policy, standard
from campaigns.policy.urgency import CALL_BACK_URGENCY, urgency

__all__ = [
    "CALL_BACK_URGENCY",
    "Policy",
    "PolicyError",
    "decide",
    "decider",
    "parse_policy",
    "policy_of",
    "read_policy",
    "standard",
    "urgency",
]
