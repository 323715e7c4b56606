"""Signed notes, checkpoints and keys, as in sections 4 and 9 of docs/audit-format.md."""

import base64
import hashlib
import re
from dataclasses import dataclass

from ed25519 import is_signed

LOG, WITNESS = b"\x01", b"\x04"


@dataclass(frozen=True)
class Key:
    name: str
    kind: bytes
    public: bytes

    def hash(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + self.kind + self.public)[:4]


@dataclass(frozen=True)
class Checkpoint:
    text: str
    signatures: tuple
    origin: str
    size: int
    root: bytes
    previous: object
    next_key: object

    def hash(self) -> bytes:
        return sha256(self.text.encode())

    def signer(self, keys):
        """The first of the keys that signed it; None where none did."""
        for key in keys:
            for name, key_hash, signature in self.signatures:
                if name == key.name and key_hash == key.hash() and self.carries(key, signature):
                    return key
        return None

    def carries(self, key: Key, signature: bytes) -> bool:
        text = self.text.encode()
        if key.kind == LOG:
            return is_signed(key.public, text, signature)
        time = int.from_bytes(signature[:8], "big")
        return is_signed(key.public, f"cosignature/v1\ntime {time}\n".encode() + text, signature[8:])


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def read_keys(text: str):
    keys = [read_key(line.strip()) for line in text.split("\n") if line.strip()]
    if not keys:
        raise ValueError("no key")
    return keys


def read_key(line: str) -> Key:
    found = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", line)
    data = base64.b64decode(found.group(3), validate=True) if found else b""
    if len(data) != 33 or data[:1] not in (LOG, WITNESS):
        raise ValueError("no key")
    key = Key(found.group(1), data[:1], data[1:])
    if key.hash().hex() != found.group(2):
        raise ValueError("a key whose hash does not fit")
    return key


def split_notes(text: str):
    """The notes of a file, the empty lines between them left out; what is none stays in it as a note that can't be read."""
    notes, lines, is_signed_yet = [], [], False
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        if is_signed_yet and not line.startswith("— "):
            notes.append("".join(lines))
            lines, is_signed_yet = [], False
            if line == "\n":
                continue
        lines.append(line)
        is_signed_yet = line.startswith("— ")
    if "".join(lines).strip("\n"):
        notes.append("".join(lines))
    return notes


def read_checkpoint(note: str) -> Checkpoint:
    """A ValueError where the note is no checkpoint."""
    body, found, below = note.rpartition("\n\n")
    if not found or not note.endswith("\n"):
        raise ValueError("no note")
    text = body + "\n"
    lines = text.split("\n")[:-1]
    if len(lines) not in (6, 7):
        raise ValueError("no checkpoint")
    origin, size, root, previous, time, schema, *more = lines
    instant = r"time \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    if not re.fullmatch(r"0|[1-9]\d{0,15}", size) or not re.fullmatch(instant, time) or schema != "schema 1":
        raise ValueError("no checkpoint")
    before = previous.removeprefix("previous ")
    next_key = read_key(more[0].removeprefix("next-key ")) if more else None
    if previous == before or (next_key and (next_key.name != origin or not more[0].startswith("next-key "))):
        raise ValueError("no checkpoint")
    return Checkpoint(
        text=text,
        signatures=tuple(read_signature(line) for line in below[:-1].split("\n")),
        origin=origin,
        size=int(size),
        root=hash_of(root),
        previous=None if before == "none" else hash_of(before),
        next_key=next_key,
    )


def read_signature(line: str):
    found = re.fullmatch(r"— (\S+) ([A-Za-z0-9+/]+=*)", line)
    if not found:
        raise ValueError("no signature")
    data = base64.b64decode(found.group(2), validate=True)
    if len(data) < 5:
        raise ValueError("no signature")
    return found.group(1), data[:4], data[4:]


def hash_of(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if len(data) != 32 or base64.b64encode(data).decode() != text:
        raise ValueError("no hash")
    return data
