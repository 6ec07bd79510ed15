"""`python -m directory` is the command `footbridge`."""

import sys

from directory.cli import main

sys.exit(main())
