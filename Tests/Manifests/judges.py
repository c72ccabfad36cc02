"""Other people's judgement of what is shipped."""

import subprocess
import sys


def checkov(framework, path, excused):
    """What checkov finds at a path beyond the excused checks; nothing is fetched and nothing is sent."""
    command = [
        sys.executable, "-m", "checkov.main", "--quiet", "--compact", "--skip-download", "--framework", framework,
        "--skip-check", ",".join(excused), "--directory" if path.is_dir() else "--file", str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr
