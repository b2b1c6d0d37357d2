"""What every store must do. A store's own test module takes this over:

```python
from tests.campaigns.store_contract import *  # noqa: F403

@pytest.fixture
def open_store(tmp_path): ...   # a picklable function: cool_down_s=120.0 -> Store, always on the same empty database
```
"""

from tests.campaigns.contract.calls import *  # noqa: F403
from tests.campaigns.contract.claims import *  # noqa: F403
from tests.campaigns.contract.counting import *  # noqa: F403
from tests.campaigns.contract.deciding import *  # noqa: F403
from tests.campaigns.contract.desk import *  # noqa: F403
from tests.campaigns.contract.following import *  # noqa: F403
from tests.campaigns.contract.ladder import *  # noqa: F403
from tests.campaigns.contract.leads import *  # noqa: F403
from tests.campaigns.contract.limits import *  # noqa: F403
from tests.campaigns.contract.people import *  # noqa: F403
from tests.campaigns.contract.properties import *  # noqa: F403
from tests.campaigns.contract.purging import *  # noqa: F403
from tests.campaigns.contract.reading import *  # noqa: F403
from tests.campaigns.contract.searching import *  # noqa: F403
from tests.campaigns.contract.staff import *  # noqa: F403
from tests.campaigns.contract.words import *  # noqa: F403
