"""Checking Ed25519 signatures, written out from RFC 8032, section 5.1. Slow, and nothing here is secret."""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature of 64 bytes is that key's over the message (section 5.1.7)."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    point, r = decoded(public_key), decoded(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if point is None or r is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    k = int.from_bytes(digest, "little") % L
    return is_same(times(s, BASE), plus(r, times(k, point)))


def decoded(text: bytes):
    """A point from its 32 bytes (section 5.1.3), as X, Y, Z, T; None where they are none."""
    y = int.from_bytes(text, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    x = x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def x_of(y: int, sign: int):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P != 0:
        return None
    return P - x if x & 1 != sign else x


def plus(one, other):
    """The sum of two points (section 5.1.4)."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * t1 * t2 * D % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar: int, point):
    total = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            total = plus(total, point)
        point = plus(point, point)
        scalar >>= 1
    return total


def is_same(one, other) -> bool:
    x1, y1, z1, _ = one
    x2, y2, z2, _ = other
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


def base_point():
    y = 4 * pow(5, P - 2, P) % P
    x = x_of(y, 0)
    return (x, y, 1, x * y % P)


BASE = base_point()
