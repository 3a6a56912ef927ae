"""The calls of vlmconv that the comparison needs, and a reader of the files that `vlmconv trace` writes."""
import json
import os
import subprocess

import numpy as np

VLMCONV = os.environ["VLMCONV"]
IMAGE_TOKEN = -200
SYSTEM = ("A chat between a curious user and an artificial intelligence assistant. The assistant gives "
          "helpful, detailed, and polite answers to the user's questions.")


def call(*arguments):
    """Standard output of one call; a call that fails ends the whole run with what the tool said."""
    done = subprocess.run([VLMCONV, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"conformance: vlmconv {' '.join(map(str, arguments))}\n{done.stderr.strip()}")
    return done.stdout


def prompt(question, picture):
    """The conversation v1; `picture` is what stands for the picture, or empty."""
    return f"{SYSTEM} USER: {picture + chr(10) if picture else ''}{question} ASSISTANT:"


def convert(checkpoint, output, preset, *options):
    """(language model, mmproj) of a checkpoint."""
    mmproj = os.path.join(os.path.dirname(output), "mmproj-" + os.path.basename(output))
    call("convert", checkpoint, output, "--" + preset, "--mmproj", mmproj, *options)
    return output, mmproj


def token_ids(model, text):
    return [int(x) for x in call("tokenize", model, text).strip().split(",") if x]


def trace(model, taps, output, *arguments):
    """{name: array} of what `model` computes."""
    call("trace", model, "--taps", taps, "--output", output, *arguments)
    with open(output, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        base = file.tell()
        tensors = {}
        for name, info in header.items():
            if name != "__metadata__":
                file.seek(base + info["data_offsets"][0])
                kind = {"F32": "<f4", "I32": "<i4"}[info["dtype"]]
                tensors[name] = np.fromfile(file, kind, int(np.prod(info["shape"]))).reshape(info["shape"])
    os.remove(output)
    return tensors


def answer(model, mmproj, picture, question):
    projector = ["--mmproj", mmproj] if mmproj else []
    return call("run", model, "--image", picture, "--prompt", question, "--max-tokens", 32, *projector).strip()
