"""What is read from, and written into, SIP messages."""

from __future__ import annotations

import pytest

from dialer.lines.siptext import Q850Reason, called_of, identity_headers, offer_usual_events, over_tcp, q850_of, user_of

pytestmark = pytest.mark.unit


def _message(*headers: str) -> str:
    return "\r\n".join(("BYE sip:1@127.0.0.1 SIP/2.0", *headers, "", "body: no header"))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Reason: Q.850;cause=16", Q850Reason(16)),
        ('Reason: Q.850 ; cause=17 ; text="User busy; a=b, c"', Q850Reason(17, "User busy; a=b, c")),
        ('Reason: SIP;cause=480;text="Q.850 none",Q.850;text="x";cause=20', Q850Reason(20, "x")),
        ("REASON:q.850;Cause=21;location=LN", Q850Reason(21)),
        ("Reason: Q.850\r\n ;cause=18", Q850Reason(18)),
        ("Reason: SIP;cause=200", None),
        ("Reason: Q.850;cause=many", None),
        ("Reason: Q.850", None),
        ("Subject: Reason: Q.850;cause=16", None),
    ],
)
def test_the_q850_cause_is_read(header: str, reason: Q850Reason | None) -> None:
    assert q850_of(_message("Via: SIP/2.0/UDP x", header)) == reason


def test_what_stands_in_the_body_is_no_header() -> None:
    assert q850_of("BYE sip:1@x SIP/2.0\r\nVia: x\r\n\r\nReason: Q.850;cause=16") is None


@pytest.mark.parametrize(
    ("uri", "user"),
    [
        ('"反诈中心" <sip:96110@carrier.test:5060>;tag=1', "96110"),
        ("<tel:+8611100000012>", "+8611100000012"),
        ("tel:+12025550101;phone-context=x", "+12025550101"),
        ("sips:+12025550101;npdi@carrier.test;user=phone", "+12025550101"),
        ("sip:127.0.0.1:5060", ""),
        ("<sip:carrier.test>", ""),
    ],
)
def test_the_number_is_read_from_a_uri(uri: str, user: str) -> None:
    assert user_of(uri) == user


def test_the_called_number_is_in_the_request_line() -> None:
    assert called_of("INVITE sip:12025550101@127.0.0.1:5060 SIP/2.0\r\nTo: <sip:other@x>\r\n\r\n") == "12025550101"


def test_identity_headers_are_from_asserted_identity_and_extensions() -> None:
    message = _message("f: <sip:1@x>", "P-Asserted-Identity: <sip:2@x>", "X-Case: 7", "User-Agent: y")
    assert identity_headers(message) == {"From": "<sip:1@x>", "P-Asserted-Identity": "<sip:2@x>", "X-Case": "7"}


def test_telephone_event_is_offered_as_101() -> None:
    offer = (
        "m=audio 4 RTP/AVP 8 0 120\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:120 telephone-event/8000\r\na=fmtp:120 0-16\r\n"
    )
    assert offer_usual_events(offer) == offer.replace("120", "101")


def test_an_offer_that_uses_101_otherwise_is_left_alone() -> None:
    offer = "m=audio 4 RTP/AVP 101 120\r\na=rtpmap:101 speex/8000\r\na=rtpmap:120 telephone-event/8000\r\n"
    assert offer_usual_events(offer) == offer


@pytest.mark.parametrize(
    ("uri", "routed"),
    [
        ("sip:1@x", "sip:1@x;transport=tcp"),
        ("<sip:1@x;lr>", "<sip:1@x;lr;transport=tcp>"),
        ("sip:1@x;transport=udp", "sip:1@x;transport=udp"),
    ],
)
def test_a_uri_is_reached_over_tcp_unless_it_says_otherwise(uri: str, routed: str) -> None:
    assert over_tcp(uri) == routed
