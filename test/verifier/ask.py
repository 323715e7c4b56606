"""Runs the verifier again and again: a line of JSON with its words comes in, one with its exit code and report goes out."""

import json
import sys

from verify import main

for line in sys.stdin:
    print(json.dumps(main(json.loads(line))), flush=True)
