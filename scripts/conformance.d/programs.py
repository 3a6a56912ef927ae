"""llama.cpp's own programs on our files: llama-quantize, and beside it llama-imatrix and llama-gguf-split where they lie there.

No wheel brings them, so that whoever has built llama.cpp names the place: `--llama-quantize PATH`.
"""
import glob
import os
import subprocess

import gguf
import numpy as np

import storage
import tool

PROJECTOR_PRESETS = ["q4_0", "q5_0", "q8_0", "q3_k_m", "q4_k_m", "q5_k_m", "q6_k"]
# llama-quantize aborts on a file of tower and projector where its table asks for the heads of a language model.
PRESETS = PROJECTOR_PRESETS + ["q2_k", "iq4_nl", "iq4_xs"]
# llama.cpp keeps keys and values in F16 and rounds what goes into an F16 matrix to F16: a square is off by up to 1e-3.
# Measured on the tiny models and on a larger one: 1.1e-3.
SUM_LIMIT = 2e-3


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise SystemExit(f"conformance: {program} {' '.join(map(str, arguments))}\n{(done.stdout + done.stderr)[-2000:]}")


def tensors(path):
    return {t.name: (t.tensor_type.name, t.shape.tolist(), t.data.tobytes()) for t in gguf.GGUFReader(path).tensors}


def keys(path):
    """What llama.cpp's programs decide about; they know nothing of `vlmconv.*`."""
    return {key: field.contents() for key, field in gguf.GGUFReader(path).fields.items()
            if not key.startswith(("vlmconv.", "GGUF."))}


def compare_imatrix(m, program):
    """Their measurement and ours of the same file and text. Gives the path of theirs."""
    model, ours, theirs = m.path("f16.gguf"), m.path("text-ours.gguf"), m.path("text-theirs.gguf")
    tool.call("imatrix", model, "--text", storage.TEXT, "--chunk", storage.CHUNK, "--output", ours)
    run(program, "-m", model, "-f", storage.TEXT, "-c", storage.CHUNK, "-o", theirs)
    ours_keys, theirs_keys = keys(ours), keys(theirs)
    theirs_keys["imatrix.datasets"] = [os.path.basename(path) for path in theirs_keys["imatrix.datasets"]]
    layout = [[(t.name, t.tensor_type, t.shape.tolist()) for t in gguf.GGUFReader(path).tensors] for path in (ours, theirs)]
    differing = [key for key in ours_keys | theirs_keys if ours_keys.get(key) != theirs_keys.get(key)]
    m.check("llama-imatrix: keys, names, shapes", not differing and layout[0] == layout[1],
            f"differing: {', '.join(differing) or 'tensors'}" if differing or layout[0] != layout[1]
            else f"{len(theirs_keys)} keys and {len(layout[1])} tensors equal")
    worst, counts = 0, True
    found = {t.name: t.data for t in gguf.GGUFReader(ours).tensors}
    for tensor in gguf.GGUFReader(theirs).tensors:
        mine = found.get(tensor.name, np.full_like(tensor.data, np.nan))
        if tensor.name.endswith(".counts"):
            counts = counts and np.array_equal(mine, tensor.data)
        else:
            worst = max(worst, float(np.abs(mine / tensor.data - 1).max()))
    m.check("llama-imatrix: counts and sums", counts and worst <= SUM_LIMIT,
            f"counts {'equal' if counts else 'differ'}, largest relative difference of a sum {worst:.2g} (limit {SUM_LIMIT})")
    return theirs


def compare_quantize(m, program, source, imatrix, presets, what):
    """llama-quantize and `vlmconv quantize` with one importance matrix give the same bytes."""
    ours, theirs, differing, count = m.path("quantized-ours.gguf"), m.path("quantized-theirs.gguf"), [], 0
    for preset in presets:
        run(program, "--imatrix", imatrix, source, theirs, preset)
        tool.call("quantize", source, ours, "--" + preset, "--imatrix", imatrix)
        mine, found = tensors(ours), tensors(theirs)
        count += len(found)
        differing += [f"{preset} {name}" for name in found.keys() | mine.keys() if found.get(name) != mine.get(name)]
        mine, found = keys(ours), keys(theirs)
        for key in ("quantize.imatrix.file", "quantize.imatrix.dataset"):
            found[key] = os.path.basename(found[key])  # they record the paths as they were given, we the names
        differing += [f"{preset} {key}" for key in found.keys() | mine.keys() if found.get(key) != mine.get(key)]
    m.check(f"llama-quantize: {what}", not differing,
            f"{count - len(differing)} of {count} tensors have the same type and bytes, in {len(presets)} presets"
            if not differing else f"differing: {', '.join(sorted(differing)[:5])}")


def compare_parts(m, program):
    """llama-gguf-split cuts our whole file into the parts that `convert` writes, byte for byte."""
    os.makedirs(m.path("cut"))
    size = f"{max(1, os.path.getsize(m.path('f16.gguf')) // 4_000_000)}M"
    run(program, "--split", "--split-max-size", size, m.path("f16.gguf"), m.path("cut/f16"))
    theirs = sorted(glob.glob(m.path("cut/*")))
    ours = sorted(glob.glob(m.path("parts/f16-*")))
    same = 0
    for a, b in zip(ours, theirs):
        with open(a, "rb") as one, open(b, "rb") as other:
            same += os.path.basename(a) == os.path.basename(b) and one.read() == other.read()
    m.check("llama-gguf-split: parts", same == len(ours) == len(theirs), f"{same} of {len(theirs)} files equal")


def compare(m, llama_quantize):
    """All that can be compared; runs after `storage`, whose files it takes."""
    m.progress(f"{m.checkpoint}: llama.cpp's programs")
    model, projector = m.path("f16.gguf"), m.path("mmproj-f16.gguf")
    ours = m.path("imatrix.gguf")
    compare_quantize(m, llama_quantize, model, ours, PRESETS, "language model, our importance")
    compare_quantize(m, llama_quantize, projector, ours, PROJECTOR_PRESETS, "tower and projector, our importance")
    beside = os.path.dirname(os.path.abspath(llama_quantize))
    llama_imatrix, gguf_split = (os.path.join(beside, name) for name in ("llama-imatrix", "llama-gguf-split"))
    if os.path.exists(llama_imatrix):
        theirs = compare_imatrix(m, llama_imatrix)
        compare_quantize(m, llama_quantize, model, theirs, PRESETS, "language model, llama-imatrix's importance")
    if os.path.exists(gguf_split):
        compare_parts(m, gguf_split)
