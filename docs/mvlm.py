#!/usr/bin/env python3
"""Reads an .mvlm file as formats/mvlm.md describes it, with Python alone.

    docs/mvlm.py MODEL.mvlm                     sections, sizes and tensors
    docs/mvlm.py MODEL.mvlm --check             compares every digest
    docs/mvlm.py MODEL.mvlm --manifest          what the model is, as JSON
    docs/mvlm.py MODEL.mvlm --values NAME ROW   the first values of a tensor's row (F32, F16, Q4_0 or s4g...)
"""

import json
import math
import mmap
import struct
import sys

# Of formats that can lie in tiles, the parts of a block: bytes, and bytes that alternate between the rows of a tile.
TILES = {
    "Q4_0": ((2, 2), (16, 4)), "IQ4_NL": ((2, 2), (16, 4)), "Q8_0": ((2, 2), (32, 4)),
    "Q4_K": ((4, 2), (12, 1), (128, 4)), "Q6_K": ((192, 4), (16, 1), (2, 2))}
MAGIC = b"\x89MVLM\r\n\x1a"
MASK = (1 << 64) - 1
P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)


def rotate(x, by):
    return (x << by | x >> (64 - by)) & MASK


def mix(lane, word):
    return rotate((lane + word * P2) & MASK, 31) * P1 & MASK


def xxh64(data):
    """XXH64 with seed 0."""
    size, at = len(data), 0
    h = P5
    if size >= 32:
        lanes = [(P1 + P2) & MASK, P2, 0, -P1 & MASK]
        for at in range(0, size - 31, 32):
            lanes = [mix(lane, word) for lane, word in zip(lanes, struct.unpack_from("<4Q", data, at))]
        at += 32
        h = sum(map(rotate, lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            h = ((h ^ mix(0, lane)) * P1 + P4) & MASK
    h = (h + size) & MASK
    while at + 8 <= size:
        h = (rotate(h ^ mix(0, struct.unpack_from("<Q", data, at)[0]), 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= size:
        h = (rotate(h ^ struct.unpack_from("<I", data, at)[0] * P1 & MASK, 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        h = rotate(h ^ byte * P5 & MASK, 11) * P1 & MASK
    h = (h ^ h >> 33) * P2 & MASK
    h = (h ^ h >> 29) * P3 & MASK
    return h ^ h >> 32


def digest(data):
    """The digest of a section: that of the digests of its pieces of 1 MiB."""
    return xxh64(b"".join(struct.pack("<Q", xxh64(data[i:i + (1 << 20)])) for i in range(0, len(data), 1 << 20)))


def demand(condition, rule):
    if not condition:
        raise SystemExit(f"broken rule {rule}")


class Model:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        head = self.bytes[:128]
        demand(head[:8] == MAGIC, "mvlm.magic")
        version, length, features, size, count, entry, table = struct.unpack_from("<IIQQIIQ", head, 8)
        demand(version == 1, "mvlm.version")
        demand(xxh64(head[:120]) == struct.unpack_from("<Q", head, 120)[0], "mvlm.header.digest")
        demand((length, entry) == (128, 64) and not any(head[48:120]), "mvlm.header")
        demand(features & ~7 == 0, "mvlm.features")
        demand(size == len(self.bytes), "mvlm.size")
        demand(xxh64(self.bytes[128:128 + 64 * count]) == table, "mvlm.section.table")
        self.sections, self.digests = {}, {}
        for i in range(count):
            name, offset, size, expected, _ = struct.unpack_from("<32s4Q", self.bytes, 128 + 64 * i)
            name = name.rstrip(b"\0").decode("ascii")
            demand(offset % 16384 == 0 and offset + size <= len(self.bytes), "mvlm.section.offset")
            self.sections[name] = self.bytes[offset:offset + size]
            self.digests[name] = expected
        self.check("manifest")
        self.manifest = json.loads(bytes(self.sections["manifest"]))
        # Of several copies of a tensor the plain one.
        layouts = ["tiles4", "tiles8", "tiles16", "plain"]
        known = [t for t in self.manifest["tensors"] if t["layout"] in layouts]
        self.tensors = {t["name"]: t for t in sorted(known, key=lambda t: layouts.index(t["layout"]))}
        for t in self.manifest["tensors"]:
            own = self.tensors.get(t["name"])
            demand(own and (features & 2 or own["layout"] == "plain"), f"mvlm.tensor.layout ({t['name']})")

    def check(self, name):
        demand(digest(self.sections[name]) == self.digests[name], f"mvlm.section.digest ({name})")

    def data(self, name):
        """The bytes of a tensor, without a copy."""
        t = self.tensors[name]
        return self.sections[t["section"]][t["offset"]:t["offset"] + t["bytes"]]

    def stored_row(self, name, number):
        """A row's bytes as the layout `plain` has them, whatever the tensor's."""
        t, data = self.tensors[name], self.data(name)
        n, size = t["shape"][-1], t["bytes"] // math.prod(t["shape"][:-1])
        if t["layout"] == "plain":
            return data[number * size:(number + 1) * size]
        parts = TILES.get(t["format"])
        if not parts:  # a row with group scales is one block: all codes, then all scales
            codes = n * int(t["format"][1]) // 8
            parts = ((codes, 4), (size - codes, 2))
        rows, row = int(t["layout"][5:]), bytearray()
        tile = data[number // rows * rows * size:]
        while len(row) < size:
            for length, unit in parts:
                start = len(row) * rows + number % rows * unit
                for i in range(start, start + length * rows, unit * rows):
                    row += tile[i:i + unit]
        return row

    def row(self, name, number):
        """A row's values."""
        t = self.tensors[name]
        n = t["shape"][-1]
        data = self.stored_row(name, number)
        size = len(data)
        if t["format"] in ("F32", "F16"):
            return list(struct.unpack(f"<{n}{'f' if t['format'] == 'F32' else 'e'}", data))
        if t["format"] == "Q4_0":  # blocks of 32: a scale, then 16 bytes of nibbles
            blocks = [(struct.unpack_from("<e", data, i)[0], data[i + 2:i + 18]) for i in range(0, size, 18)]
        elif t["format"].startswith("s4g"):  # all nibbles, then all scales
            group = int(t["format"][3:])
            scale = struct.unpack_from(f"<{n // group}e", data, n // 2)
            blocks = [(scale[i * 32 // group], data[16 * i:16 * i + 16]) for i in range(n // 32)]
        else:
            raise SystemExit(f"no decoder here for {t['format']}; see formats/quantized-blocks.md")
        return [d * (q - 8) for d, qs in blocks for q in [b & 15 for b in qs] + [b >> 4 for b in qs]]


def main():
    model = Model(sys.argv[1])
    if "--check" in sys.argv:
        for name in model.sections:
            model.check(name)
        print("all digests match")
    elif "--manifest" in sys.argv:
        print(json.dumps({key: value for key, value in model.manifest.items() if key != "tensors"}))
    elif "--values" in sys.argv:
        name, row = sys.argv[sys.argv.index("--values") + 1:][:2]
        print(*model.row(name, int(row))[:8])
    else:
        for name, data in model.sections.items():
            print(f"section {name} {len(data)} bytes")
        print({key: value for key, value in model.manifest.items() if key != "tensors"})
        for t in model.tensors.values():
            print(t["name"], t["format"], t["layout"], t["shape"])


if __name__ == "__main__":
    main()
