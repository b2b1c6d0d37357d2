"""How a number is written on a trunk."""

import pytest

from dialer.lines import LineError
from dialer.trunk import Trunk

pytestmark = pytest.mark.unit

NUMBER = "+8611100000011"


@pytest.mark.parametrize(
    ("number_format", "written"),
    [("e164", "+8611100000011"), ("plain", "8611100000011"), ("national", "11100000011")],
)
def test_a_number_is_written_as_the_carrier_wants_it(number_format: str, written: str) -> None:
    trunk = Trunk("192.0.2.1", number_format=number_format)  # type: ignore[arg-type]
    assert trunk.uri(NUMBER) == f"sip:{written}@192.0.2.1:5060"


def test_a_dial_prefix_goes_before_the_number() -> None:
    assert Trunk("192.0.2.1", number_format="plain", dial_prefix="9").uri(NUMBER) == "sip:98611100000011@192.0.2.1:5060"


def test_tcp_is_named_in_the_uri() -> None:
    assert Trunk("192.0.2.1", 5070, "tcp").uri(NUMBER).endswith("@192.0.2.1:5070;transport=tcp")


def test_the_caller_is_a_name_and_a_number_of_the_trunks_domain() -> None:
    trunk = Trunk("192.0.2.1", domain="centre.example", caller_name='反诈"中心"')
    assert trunk.caller == '"反诈\\"中心\\"" <sip:96110@centre.example>'
    assert trunk.asserted_identity == trunk.caller


def test_a_plain_trunk_has_no_registrar() -> None:
    assert not Trunk("192.0.2.1", username="u").account().registrar_uri
    assert Trunk("192.0.2.1", username="u", register=True).account().registrar_uri == "sip:192.0.2.1:5060"


def test_an_unknown_host_is_an_error_that_names_it() -> None:
    with pytest.raises(LineError, match=r"trunk\.host 'no\.such\.host\.invalid'"):
        Trunk("no.such.host.invalid").local_address()
