"""`python -m nightporter.simulate sample_logs` writes the sample logs anew."""

import sys
from pathlib import Path

from nightporter.errors import UsageError
from nightporter.simulate import write_sample_logs

if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise UsageError(
            "one folder is expected", hint="python -m nightporter.simulate sample_logs"
        )
    write_sample_logs(Path(sys.argv[1]))
