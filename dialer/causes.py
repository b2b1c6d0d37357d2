"""From what the network said to an outcome: SIP codes, Q.850 causes and phrases. Pure.

A Q.850 cause, where the network gives one that is in the table, decides: it comes from nearer to the subject than the
SIP code, into which gateways squeeze it. Then the words of a phrase for the codes that say little by themselves, then
the SIP code.

Sources: ITU-T Q.850 (05/2018) table 1 for the meaning of causes; RFC 3398 sections 7.2.4.1 and 8.2.6.1 for which SIP
code a cause is squeezed into; RFC 3261 section 21, RFC 8197 (607) and RFC 8688 (608) for codes;
RFC 3326 for the header.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from campaigns.model import Outcome

OUTCOME_OF_Q850: Mapping[int, Outcome] = MappingProxyType(
    {
        1: Outcome.INVALID_NUMBER,  # unallocated (unassigned) number
        2: Outcome.TRUNK_FAILURE,  # no route to specified transit network
        3: Outcome.UNREACHABLE,  # no route to destination
        5: Outcome.TRUNK_FAILURE,  # misdialled trunk prefix
        17: Outcome.BUSY,  # user busy
        18: Outcome.NO_ANSWER,  # no user responding
        19: Outcome.NO_ANSWER,  # no answer from user (user alerted)
        20: Outcome.POWERED_OFF,  # subscriber absent: off or out of coverage
        21: Outcome.REJECTED,  # call rejected
        22: Outcome.INVALID_NUMBER,  # number changed
        23: Outcome.FORWARDED,  # redirection to new destination
        25: Outcome.TRUNK_FAILURE,  # exchange routing error
        27: Outcome.UNREACHABLE,  # destination out of order
        28: Outcome.INVALID_NUMBER,  # invalid number format (address incomplete)
        29: Outcome.TRUNK_FAILURE,  # facility rejected
        34: Outcome.TRUNK_FAILURE,  # no circuit/channel available
        38: Outcome.TRUNK_FAILURE,  # network out of order
        41: Outcome.TRUNK_FAILURE,  # temporary failure
        42: Outcome.TRUNK_FAILURE,  # switching equipment congestion
        44: Outcome.TRUNK_FAILURE,  # requested circuit/channel not available
        47: Outcome.TRUNK_FAILURE,  # resource unavailable, unspecified
        50: Outcome.TRUNK_FAILURE,  # requested facility not subscribed
        55: Outcome.UNREACHABLE,  # incoming calls barred within CUG
        57: Outcome.TRUNK_FAILURE,  # bearer capability not authorized
        58: Outcome.TRUNK_FAILURE,  # bearer capability not presently available
        65: Outcome.TRUNK_FAILURE,  # bearer capability not implemented
        79: Outcome.TRUNK_FAILURE,  # service or option not implemented, unspecified
        87: Outcome.UNREACHABLE,  # user not member of CUG
        88: Outcome.TRUNK_FAILURE,  # incompatible destination
        111: Outcome.TRUNK_FAILURE,  # protocol error, unspecified
    }
)
"""Causes 16 and 31 (normal), 102 (timer) and 127 (interworking) are left out: they leave it to the SIP code."""

OUTCOME_OF_SIP: Mapping[int, Outcome] = MappingProxyType(
    {
        300: Outcome.FORWARDED,
        301: Outcome.FORWARDED,
        302: Outcome.FORWARDED,
        404: Outcome.INVALID_NUMBER,
        408: Outcome.NO_ANSWER,  # cause 18
        410: Outcome.INVALID_NUMBER,  # cause 22
        484: Outcome.INVALID_NUMBER,
        485: Outcome.INVALID_NUMBER,
        486: Outcome.BUSY,
        487: Outcome.NO_ANSWER,  # our own CANCEL when the ring time was over
        600: Outcome.BUSY,
        603: Outcome.REJECTED,
        604: Outcome.INVALID_NUMBER,
        607: Outcome.REJECTED,
    }
)
"""Every other final code is a failure of the trunk: 401, 407 (credentials), 488 (codecs), 5xx, 608 (we are blocked)."""

_IF_IT_RANG: Mapping[int, Outcome] = MappingProxyType({403: Outcome.REJECTED, 480: Outcome.NO_ANSWER})
_IF_IT_DID_NOT: Mapping[int, Outcome] = MappingProxyType({403: Outcome.TRUNK_FAILURE, 480: Outcome.UNREACHABLE})
"""A 403 before any ringing is the carrier refusing us, not the subject."""

_SAYS_LITTLE = (480, 500, 503)
_WORDS: tuple[tuple[Outcome, tuple[str, ...]], ...] = (
    (Outcome.POWERED_OFF, ("power off", "powered off", "switched off", "absent", "关机")),
    (Outcome.BUSY, ("user busy", "正在通话", "用户忙")),
    (Outcome.INVALID_NUMBER, ("unallocated", "unassigned", "does not exist", "空号")),
    (Outcome.NO_ANSWER, ("no answer", "not answer", "无人接听", "无应答")),
    (Outcome.UNREACHABLE, ("not reachable", "unreachable", "out of coverage", "无法接通", "不在服务区")),
)


def outcome_of(
    sip_code: int, q850: int | None, text: str = "", *, seen_ringing: bool = False, by_far_end: bool = True
) -> Outcome:
    """Return the outcome of a call that was not answered.

    ``text`` is the phrase of the final response. ``seen_ringing`` tells whether the phone rang (180, or ringing in
    early media). Without ``by_far_end`` a 408 is our own time-out: nobody on the trunk said a word.
    """
    if sip_code == 0:
        return Outcome.LINE_FAILURE
    if q850 is not None and q850 in OUTCOME_OF_Q850:
        return OUTCOME_OF_Q850[q850]
    if sip_code == 408 and not by_far_end and not seen_ringing:
        return Outcome.TRUNK_FAILURE
    if sip_code in _SAYS_LITTLE:
        said = text.casefold()
        for outcome, words in _WORDS:
            if any(word in said for word in words):
                return outcome
    by_ringing = _IF_IT_RANG if seen_ringing else _IF_IT_DID_NOT
    return by_ringing.get(sip_code) or OUTCOME_OF_SIP.get(sip_code, Outcome.TRUNK_FAILURE)
