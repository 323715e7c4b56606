"""
A second verifier of the audit log, written from docs/audit-format.md and from nothing else.

    python3 verify.py FOLDER [--key FILE] [--anchor FILE]
    python3 verify.py --proof FILE --key FILE

Prints one line of JSON. Exit codes: 0 verified, 1 tampered, 2 incomplete, 3 wrong usage.
"""

import argparse
import base64
import json
import re
import sys
from pathlib import Path

from canonical import read_canonical
from note import LOG, read_checkpoint, read_keys, sha256, split_notes

EVENT = re.compile(rb'\{"event":(.*),"sequence":([1-9]\d{0,15})\}', re.DOTALL)


class Tampered(Exception):
    """`sequence`: the first from which on the log is not what was signed."""

    def __init__(self, sequence, reason):
        super().__init__(reason)
        self.sequence = sequence


def text_of(file):
    """As it is: neither line ends nor bytes that are no UTF-8 are mended into something that would pass."""
    return Path(file).read_bytes().decode("utf-8", "replace")


def leaf_hash(event):
    return sha256(b"\x00" + event)


class Tree:
    """The row of complete subtrees that make up the leaves so far, the largest first (RFC 6962, section 2.1)."""

    def __init__(self, parts=()):
        self.parts = list(parts)

    def copy(self):
        return Tree(self.parts)

    def add(self, leaf):
        size, node = 1, leaf
        while self.parts and self.parts[-1][0] == size:
            node = sha256(b"\x01" + self.parts.pop()[1] + node)
            size *= 2
        self.parts.append((size, node))

    def size(self):
        return sum(size for size, _ in self.parts)

    def root(self):
        if not self.parts:
            return sha256(b"")
        root = self.parts[-1][1]
        for _, left in reversed(self.parts[:-1]):
            root = sha256(b"\x01" + left + root)
        return root


class Chain:
    """The checkpoints, up to the first that does not fit those before it."""

    def __init__(self, notes, keys):
        self.good, self.broken = [], None
        for number, note in enumerate(notes, start=1):
            try:
                checkpoint = read_checkpoint(note)
            except ValueError:
                self.broken = f"checkpoint {number} cannot be read"
                return
            last = self.good[-1] if self.good else None
            if keys and not self.is_signed(checkpoint, keys):
                self.broken = f"checkpoint {number} is not signed by a key of this log"
                return
            if not self.follows(last, checkpoint):
                self.broken = f"checkpoint {number} does not follow the one before it"
                return
            self.good.append(checkpoint)
            if keys and checkpoint.next_key:
                keys = [checkpoint.next_key]

    @staticmethod
    def is_signed(checkpoint, keys):
        signer = checkpoint.signer(keys)
        return signer is not None and signer.name == checkpoint.origin

    @staticmethod
    def follows(last, checkpoint):
        if last is None or checkpoint.previous is None:
            return last is None and checkpoint.previous is None
        return (
            checkpoint.previous == last.hash()
            and checkpoint.size >= last.size
            and checkpoint.origin == last.origin
        )


def events_in(folder):
    """What each line holds: its number, or None, and its bytes."""
    for line in (folder / "events.jsonl").read_bytes().removesuffix(b"\n").split(b"\n"):
        found = EVENT.fullmatch(line)
        yield (int(found.group(2)), found.group(1)) if found else (None, line)


def leaves_in(folder):
    file = folder / "leaves.txt"
    return [bytes.fromhex(line) for line in file.read_text().split()] if file.exists() else []


def own_fault(event, recorded):
    if recorded is not None and recorded != leaf_hash(event):
        return "its bytes do not hash to what was recorded"
    try:
        value = read_canonical(event.decode("utf-8"))
    except ValueError:
        return "its bytes are not canonical JSON"
    is_event = isinstance(value, dict) and value.get("schema") == 1 and isinstance(value.get("id"), str)
    return None if is_event else "its bytes are no event of schema 1"


def verify(folder, keys, anchors):
    notes = split_notes(text_of(folder / "checkpoints.txt"))
    chain, recorded = Chain(notes, keys), leaves_in(folder)
    waiting = list(chain.good)
    tree, as_recorded, suspect, last, held = Tree(), None, None, None, list(anchors)

    def settle():
        nonlocal last
        while waiting and waiting[0].size == tree.size():
            root = waiting[0].root
            fits = root == tree.root()
            if suspect and (fits or root == as_recorded.root()):
                raise suspect
            if suspect or not fits:
                raise Tampered(covered() + 1, "not what its checkpoint signs")
            last = waiting.pop(0)
        if not waiting and chain.broken:
            raise Tampered(covered() + 1, chain.broken)
        compare_anchors()

    def compare_anchors():
        before = 0
        while held and held[0].size == tree.size():
            anchor = held.pop(0)
            if last and anchor.origin != last.origin:
                raise Tampered(1, "the anchor is of another log")
            if anchor.root != tree.root():
                before = max([one.size for one in anchors if one.size < anchor.size], default=0)
                raise Tampered(before + 1, "not what the anchor holds")

    def covered():
        return last.size if last else 0

    settle()
    is_empty = (folder / "events.jsonl").stat().st_size == 0
    for number, event in () if is_empty else events_in(folder):
        expected = tree.size() + 1
        if number != expected:
            is_gap = number is None or number > expected
            raise suspect or Tampered(expected if is_gap else number, "missing, or not in its place")
        kept = recorded[expected - 1] if expected <= len(recorded) else None
        fault = own_fault(event, kept)
        if fault and suspect is None:
            suspect, as_recorded = Tampered(expected, fault), tree.copy()
        leaf = leaf_hash(event)
        tree.add(leaf)
        if as_recorded:
            as_recorded.add(kept or leaf)
        settle()
    if suspect:
        raise suspect
    if waiting:
        raise Tampered(tree.size() + 1, f"missing, though a checkpoint covers {waiting[0].size} events")
    if tree.size() > covered():
        raise Tampered(covered() + 1, "no checkpoint covers it")
    if held:
        raise Tampered(tree.size() + 1, f"missing, though the anchor covers {held[0].size} events")
    return {"events": tree.size(), "checkpoints": len(chain.good), "root": tree.root().hex()}


def anchors_in(text, notes, keys):
    """The checkpoints of an anchor, smallest first; signed by a trusted key, or one that it was handed over to."""
    trusted = [*keys, *(one.next_key for one in Chain(notes, keys).good if one.next_key)]
    found = [read_checkpoint(note) for note in split_notes(text)]
    if not found or (keys and any(one.signer(trusted) is None for one in found)):
        raise ValueError("the anchor holds no checkpoints of the trusted key")
    return sorted(found, key=lambda one: one.size)


def check_proof(text, keys):
    """Section 9: the event is in the tree that the checkpoint signs."""
    head, _, note = text.partition("\n\n")
    version, extra, index, *path = head.split("\n")
    if version != "c2sp.org/tlog-proof@v1" or not re.fullmatch(r"index (0|[1-9]\d*)", index):
        raise ValueError("no proof")
    event = base64.b64decode(extra.removeprefix("extra "), validate=True)
    checkpoint, position = read_checkpoint(note), int(index.removeprefix("index "))
    if checkpoint.signer([key for key in keys if key.kind == LOG]) is None:
        raise Tampered(position + 1, "the checkpoint is not signed by the given key")
    hashes = [base64.b64decode(one, validate=True) for one in path]
    if position >= checkpoint.size or root_from(event, position, checkpoint.size, hashes) != checkpoint.root:
        raise Tampered(position + 1, "the event is not in the log that the checkpoint signs")
    read_canonical(event.decode())
    return {"events": 1, "checkpoints": 1, "root": checkpoint.root.hex()}


def root_from(event, index, size, path):
    """The root that the path leads to, by the definition of RFC 6962, section 2.1.1; None for a wrong length."""
    if size == 1:
        return leaf_hash(event) if not path else None
    if not path:
        return None
    split = 1
    while split * 2 < size:
        split *= 2
    *below, sibling = path
    if index < split:
        left, right = root_from(event, index, split, below), sibling
    else:
        left, right = sibling, root_from(event, index - split, size - split, below)
    return None if left is None or right is None else sha256(b"\x01" + left + right)


def main(words):
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("folder", nargs="?")
    for name in ("--key", "--anchor", "--proof"):
        parser.add_argument(name)
    try:
        given = parser.parse_args(words)
        if given.proof:
            return 0, {"kind": "verified", **check_proof(text_of(given.proof), keys_of(given))}
        folder, keys = Path(given.folder or "."), keys_of(given)
        notes = split_notes(text_of(folder / "checkpoints.txt"))
        # as with the other verifier: without a pinned key an anchor is compared, and its signature is not
        pinned = keys if given.key else []
        anchors = anchors_in(text_of(given.anchor), notes, pinned) if given.anchor else []
        found = verify(folder, keys, anchors)
        if not keys and notes:
            return 2, {"kind": "incomplete", **found}
        return 0, {"kind": "verified", **found}
    except Tampered as fault:
        return 1, {"kind": "tampered", "sequence": fault.sequence, "reason": str(fault)}
    except (ValueError, OSError, argparse.ArgumentError) as error:
        return 3, {"kind": "usage", "reason": str(error)}


def keys_of(given):
    file = Path(given.key) if given.key else Path(given.folder or ".") / "key.pub"
    return read_keys(text_of(file)) if file.exists() else []


if __name__ == "__main__":
    code, report = main(sys.argv[1:])
    print(json.dumps(report))
    sys.exit(code)
