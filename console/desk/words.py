"""What the members of enumerations are called on the pages: ``{{ case.state|word }}``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from campaigns.follow_up import FollowUpKind, FollowUpState
from campaigns.model import (
    CampaignState,
    CaseState,
    Conviction,
    EscalationState,
    FoundIn,
    Grade,
    MentionKind,
    Outcome,
    Speaker,
)
from campaigns.staff import Role, Station
from console.desk.texts import N_
from dialer.live import Part, Phase

WORDS: Mapping[type[Enum], Mapping[Enum, str]] = {
    Role: {
        Role.DISSUADER: N_("Dissuader"),
        Role.DUTY_OFFICER: N_("Duty officer"),
        Role.AUDITOR: N_("Auditor"),
        Role.ADMINISTRATOR: N_("Administrator"),
    },
    Station: {
        Station.READY: N_("Ready"),
        Station.BREAK: N_("On a break"),
        Station.AWAY: N_("Away"),
    },
    Grade: {
        Grade.HIGH: N_("High"),
        Grade.MEDIUM: N_("Medium"),
        Grade.LOW: N_("Low"),
    },
    Outcome: {
        Outcome.BUSY: N_("Busy"),
        Outcome.NO_ANSWER: N_("No answer"),
        Outcome.REJECTED: N_("Declined the call"),
        Outcome.POWERED_OFF: N_("Switched off"),
        Outcome.UNREACHABLE: N_("Unreachable"),
        Outcome.INVALID_NUMBER: N_("No such number"),
        Outcome.VOICEMAIL: N_("Voicemail"),
        Outcome.FORWARDED: N_("Forwarded"),
        Outcome.ANSWERED_INCOMPLETE: N_("Hung up before the warning"),
        Outcome.WARNED: N_("Warned"),
        Outcome.ACKNOWLEDGED: N_("Warned and understood"),
        Outcome.DENIES: N_("Denies being defrauded"),
        Outcome.WRONG_PERSON: N_("Wrong person"),
        Outcome.ESCALATED: N_("Spoke with a dissuader"),
        Outcome.CALLBACK_DUE: N_("To be called back"),
        Outcome.TRUNK_FAILURE: N_("Carrier failed"),
        Outcome.LINE_FAILURE: N_("Line failed"),
    },
    CaseState: {
        CaseState.QUEUED: N_("Queued"),
        CaseState.CALLING: N_("Being called"),
        CaseState.WAITING: N_("Waiting"),
        CaseState.CLOSED: N_("Closed"),
    },
    CampaignState: {
        CampaignState.RUNNING: N_("Running"),
        CampaignState.PAUSED: N_("Paused"),
        CampaignState.STOPPED: N_("Stopped"),
    },
    Speaker: {
        Speaker.ROBOT: N_("Robot"),
        Speaker.SUBJECT: N_("Subject"),
        Speaker.DISSUADER: N_("Dissuader"),
        Speaker.RELATIVE: N_("Relative"),
    },
    Conviction: {
        Conviction.CONVINCED: N_("Convinced"),
        Conviction.NOT_CONVINCED: N_("Not convinced"),
        Conviction.MONEY_SENT: N_("Money already sent"),
        Conviction.WRONG_PERSON: N_("Wrong person"),
        Conviction.NO_FRAUD: N_("No fraud"),
        Conviction.CALL_AGAIN: N_("Call again"),
    },
    EscalationState: {
        EscalationState.OFFERED: N_("Offered"),
        EscalationState.JOINED: N_("Joined"),
        EscalationState.TRANSFERRED: N_("Transferred"),
        EscalationState.NOBODY_FREE: N_("Nobody was free"),
        EscalationState.SUBJECT_LEFT: N_("Subject hung up"),
    },
    MentionKind: {
        MentionKind.PHONE: N_("Telephone number"),
        MentionKind.ACCOUNT: N_("Account"),
        MentionKind.AMOUNT: N_("Amount"),
        MentionKind.APP: N_("App"),
        MentionKind.SITE: N_("Site"),
    },
    FoundIn: {
        FoundIn.LEAD: N_("In the warning"),
        FoundIn.TURN: N_("Was said"),
        FoundIn.SIGNAL: N_("Signal"),
        FoundIn.MENTION: N_("Was named"),
        FoundIn.DISPOSITION: N_("In a record"),
    },
    FollowUpKind: {
        FollowUpKind.SMS: N_("SMS"),
        FollowUpKind.RELATIVE: N_("Call to a relative"),
        FollowUpKind.VISIT: N_("Visit"),
        FollowUpKind.STOP_PAYMENT: N_("Stop-payment"),
        FollowUpKind.BLOCK: N_("Blocking"),
    },
    FollowUpState: {
        FollowUpState.ORDERED: N_("Ordered"),
        FollowUpState.SENT: N_("Sent"),
        FollowUpState.ACKNOWLEDGED: N_("Taken on"),
        FollowUpState.DONE: N_("Done"),
        FollowUpState.FAILED: N_("Failed"),
    },
    Phase: {
        Phase.DIALLING: N_("Dialling"),
        Phase.ROBOT: N_("With the robot"),
        Phase.OFFERED: N_("Offered to dissuaders"),
        Phase.JOINED: N_("With a dissuader"),
        Phase.ENDED: N_("Ended"),
    },
    Part: {
        Part.SPEAKS: N_("Speaks"),
        Part.LISTENS: N_("Listens"),
        Part.WHISPERS: N_("Whispers"),
    },
}
