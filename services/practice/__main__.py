"""`python -P -m services.practice`."""

import sys

from services.practice.cli import main

sys.exit(main())
