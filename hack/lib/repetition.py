#!/usr/bin/env python3
"""Finds code that stands twice: runs of lines that are the same in two places of Sources and Tests.

Usage: repetition.py ROOT

Lines are compared without indentation; blank lines, comments, imports and lone punctuation do not count. A run of
MINIMUM lines or more fails the check, because whoever mends one place forgets the other. Standard library only.
"""

import re
import sys
from pathlib import Path

# Shorter runs are often coincidence: the shape of a guard, the head of a loop.
MINIMUM = 8

THIN = re.compile(r"^[\s{}()\[\],;:]*$|^//|^import |^package import |^@testable import |^else \{$|^\} else \{$")


def lines_of(path):
    """The lines that count, each with its number."""
    result = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if text and not THIN.match(text):
            result.append((number, text))
    return result


def main():
    root = Path(sys.argv[1])
    # What protoc generated repeats itself, and nobody mends it by hand.
    files = sorted(p for d in ("Sources", "Tests") for p in (root / d).rglob("*.swift")
                   if not p.name.endswith(".pb.swift"))
    texts = {path: lines_of(path) for path in files}
    seen = {}
    found = []
    for path, lines in texts.items():
        skip_until = 0
        for start in range(len(lines) - MINIMUM + 1):
            window = tuple(text for _, text in lines[start:start + MINIMUM])
            first = seen.setdefault(window, (path, start))
            if first == (path, start) or start < skip_until:
                continue
            other, other_start = first
            if other == path and start - other_start < MINIMUM:
                continue
            length = 0
            while (start + length < len(lines) and other_start + length < len(texts[other])
                   and lines[start + length][1] == texts[other][other_start + length][1]):
                length += 1
            skip_until = start + length
            found.append((path, lines[start][0], other, texts[other][other_start][0], length))
    for path, line, other, other_line, length in found:
        print(f"{path.relative_to(root)}:{line}: {length} lines stand also at {other.relative_to(root)}:{other_line}; "
              "make one piece of code serve both")
    print(f"repetition: {len(found)} found in {len(files)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
