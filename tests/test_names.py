"""What each process has loaded before its threads begin."""

import subprocess
import sys


def test_it_can_look_up_names_in_any_thread():
    code = "import sys, restaurant; sys.exit('encodings.idna' not in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
