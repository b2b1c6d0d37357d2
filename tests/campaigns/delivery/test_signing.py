"""Signatures by which a receiver knows that an order is ours, whole and fresh."""

from __future__ import annotations

import pytest

from campaigns.delivery.signing import SIGNATURE, TIMESTAMP, SignatureError, check, signed_headers

pytestmark = pytest.mark.unit

NOW, SECRETS = 1_800_000_000.9, {"k1": b"old", "k2": b"new"}
BODY = b'{"key":"gz-1"}'


def test_a_signed_body_passes_under_either_key_and_whatever_the_case_of_its_headers() -> None:
    for key_id, secret in SECRETS.items():
        headers = signed_headers(BODY, key_id=key_id, secret=secret, now=NOW)
        check({name.upper(): value for name, value in headers.items()}, BODY, secrets=SECRETS, now=NOW + 299)


def test_the_signature_is_the_one_that_the_guide_describes() -> None:
    headers = signed_headers(b"{}", key_id="k1", secret=b"secret", now=1_800_000_000)
    # printf '1800000000.{}' | openssl dgst -sha256 -hmac secret
    assert headers[SIGNATURE] == "v1=bb7079132825ac793cea8c013c1dd24d926b9b02132245b10588d9e5c0df70d7"


@pytest.mark.parametrize(
    ("change", "body", "later_s", "complaint"),
    [
        ({}, BODY + b" ", 0, "does not fit"),
        ({TIMESTAMP: "1800000001"}, BODY, 0, "does not fit"),
        ({SIGNATURE: ""}, BODY, 0, "does not fit"),
        ({SIGNATURE: "v1=é"}, BODY, 0, "does not fit"),
        ({"X-Dissuade-Key-Id": "k9"}, BODY, 0, "key id is unknown"),
        ({}, BODY, 302, "off this clock"),
        ({}, BODY, -302, "off this clock"),
    ],
)
def test_what_was_changed_or_is_old_does_not_pass(
    change: dict[str, str], body: bytes, later_s: float, complaint: str
) -> None:
    headers = signed_headers(BODY, key_id="k1", secret=b"old", now=NOW) | change
    with pytest.raises(SignatureError, match=complaint):
        check(headers, body, secrets=SECRETS, now=NOW + later_s)
