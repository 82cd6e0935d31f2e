"""Makes ``python -m sengu`` the same as ``sengu``."""

import sys

from experiments.cli import main

if __name__ == "__main__":
    sys.exit(main())
