"""``python -m rehearsal``: see `rehearsal.main`."""

import sys

from rehearsal.main import main

sys.exit(main())
