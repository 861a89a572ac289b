"""`care-map` and `python -m care_map`."""

import gc
import sys

from care_map.cli.app import main as run_command

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit code."""
    # A run makes millions of small objects and few cycles: looking for those took two seconds.
    gc.set_threshold(100_000, 50, 100)
    sys.exit(run_command(sys.argv[1:]))


if __name__ == "__main__":
    main()
