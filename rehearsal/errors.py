"""What this room raises.

```
RehearsalError
├── ScenarioError    a file is not what it should be
├── CarrierError     Kamailio is missing or did not start
├── BrokerError      mosquitto is missing or did not start
└── PhonesError      the phones did not come up or died
```
"""


class RehearsalError(Exception):
    """Base; the message says what is wrong and the mend."""


class ScenarioError(RehearsalError):
    """A file is not what it should be. One line a fault: ``file:line: reason``."""


class CarrierError(RehearsalError):
    """The carrier between the dialer and the phones did not start."""


class BrokerError(RehearsalError):
    """The MQTT broker of a rehearsal did not start."""


class PhonesError(RehearsalError):
    """The phones' process did not come up or died."""
