"""The canonical form of a JSON text (RFC 8785), to see whether an event is in it."""

import json
import math

ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def read_canonical(text: str):
    """What the text says; a ValueError where it is not the canonical form of it."""
    value = json.loads(text, object_pairs_hook=members, parse_int=float, parse_constant=refused)
    if canonical(value) != text:
        raise ValueError("not canonical")
    return value


def members(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def refused(name):
    raise ValueError(f"JSON has no {name}")


def canonical(value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(one) for one in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(quoted(name) + ":" + canonical(value[name]) for name in names) + "}"


def quoted(text: str) -> str:
    return '"' + "".join(escaped(character) for character in text) + '"'


def escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if ord(character) < 0x20:
        return f"\\u{ord(character):04x}"
    if 0xD800 <= ord(character) <= 0xDFFF:
        raise ValueError("a lone surrogate")
    return character


def number(value: float) -> str:
    """As ECMAScript prints it: the shortest digits that read back as the same number."""
    if not math.isfinite(value):
        raise ValueError("not a number")
    if value == 0:
        return "0"
    if value < 0:
        return "-" + number(-value)
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    power = point - 1
    shown = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{shown}e{'+' if power > 0 else '-'}{abs(power)}"
