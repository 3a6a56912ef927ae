"""The other ways to store a pair: quantized towers, a model in parts, importance. Each function adds to a `Measurement`."""
import os

import gguf
import numpy as np

import measure
import tool

# Types of tower and projector, beside a language model in F16: the smallest mean cosine of a picture row to what
# llama.cpp makes of the F16 tower. Four to seven times the distance from 1 that was measured, the worse of the
# two tiny models.
TOWERS = {"q8_0": 0.9995, "q6_k": 0.997, "q5_k_m": 0.99, "q4_k_m": 0.96, "q4_0": 0.94}
# Smallest mean cosine to the emulation of what llama.cpp computes with the very same file. It rounds activations to
# blocks of 8-bit integers before quantized weights, which the emulation does not; measured 0.99988. Narrow enough to tell
# Q4_0 weights from F16 ones, which the script itself tries.
EMULATION_LIMIT = 0.9995
WITH_IMPORTANCE = "Q4_K_M with importance"
TEXT = os.path.join(measure.HERE, "..", "..", "fixtures", "importance", "text.txt")
CHUNK = 64


def types(path):
    """Such as "20 Q8_0, 3 F16, 36 F32", fewest bits first."""
    found = {}
    for tensor in gguf.GGUFReader(path).tensors:
        found.setdefault(tensor.tensor_type, []).append(tensor)
    bits = {kind: 8 * sum(int(t.n_bytes) for t in tensors) / sum(int(t.n_elements) for t in tensors)
            for kind, tensors in found.items()}
    return ", ".join(f"{len(found[kind])} {kind.name}" for kind in sorted(found, key=bits.get))


def quantized_towers(m):
    """Features and answers with each type, with an importance matrix too."""
    prompt = tool.prompt(m.questions[0]["question"], measure.MARKER)
    jobs = [(prompt, picture) for picture in m.square_pictures]
    reference = None
    for preset in ["f16", *TOWERS, WITH_IMPORTANCE]:
        m.progress(f"{m.checkpoint}: tower in {preset}")
        if preset == WITH_IMPORTANCE:
            kind, name, options = "q4_k_m", preset, ["--imatrix", m.path("imatrix.gguf")]
        else:
            kind, name, options = preset, preset.upper(), []
        model, mmproj = tool.convert(
            m.checkpoint, m.path("tower.gguf"), "f16", "--mmproj-type", kind, *options)
        result = m.client(model, mmproj, pictures=jobs, questions=m.question_jobs())
        rows = np.load(m.path("features.npy"))
        ours = m.our_features(model, "projector.out", pictures=m.square_pictures, mmproj=mmproj)["projector.out"]
        emulation = m.emulated(m.square_pictures, model, mmproj)
        if reference is None:
            reference, our_reference, other = rows, ours, emulation
            continue
        emulated = measure.cosines(rows, emulation)
        theirs, mine = measure.cosines(rows, reference), measure.cosines(ours, our_reference)
        said = [entry["answer"] for entry in result["answers"]]
        m.towers[name] = {
            "bytes": os.path.getsize(mmproj), "types": types(mmproj), "llama.cpp": float(theirs.mean()),
            "llama.cpp, worst": float(theirs.min()), "vlmconv": float(mine.mean()), "vlmconv, worst": float(mine.min()),
            "emulation": float(emulated.mean()), "right": sum(a == row["answer"] for a, row in zip(said, m.questions))}
        if preset == "q4_0":
            wrong = measure.cosines(rows, other).mean()
            m.check("tower in Q4_0: other weights are noticed", wrong < EMULATION_LIMIT,
                    f"mean cosine to the emulation with the F16 tower {wrong:.6f} (limit {EMULATION_LIMIT})")
        limit = TOWERS[kind]
        m.check(f"tower in {name}: features", theirs.mean() >= limit,
                f"mean cosine to llama.cpp's with the F16 tower {theirs.mean():.6f} (limit {limit})")
        m.check(f"tower in {name}: read as we read it", emulated.mean() >= EMULATION_LIMIT,
                f"mean cosine to ours with llama.cpp's order of tokens {emulated.mean():.6f} (limit {EMULATION_LIMIT})")


def parts(m):
    """A language model in parts computes what the whole one computes, to the last bit."""
    m.progress(f"{m.checkpoint}: model in parts")
    whole = m.path("f16.gguf")
    size = f"{max(1, os.path.getsize(whole) // 4_000_000)}M"
    os.makedirs(m.path("parts"))
    prefix, mmproj = tool.convert(m.checkpoint, m.path("parts/f16.gguf"), "f16", "--split-max-size", size)
    found = sorted(os.listdir(m.path("parts")))
    first = m.path(os.path.join("parts", found[0]))
    m.check("parts: files", len(found) > 2 and os.path.exists(mmproj) and not os.path.exists(prefix),
            f"{len(found) - 1} of at most {size}; tower and projector in one file")
    expected = m.continuations(whole, m.path("mmproj-f16.gguf"))["continuations"]
    table = np.load(m.path("distributions.npy"))
    same_tokens = m.continuations(first, mmproj)["continuations"] == expected
    worst = np.abs(np.exp(np.load(m.path("distributions.npy"))) - np.exp(table)).max()
    m.check("parts: next-token probabilities", same_tokens and worst == 0,
            f"{len(table)} positions from the first part, max |dp| to the whole file {worst:.2g} (limit 0)")


def importance(m):
    """A pair quantized with an importance matrix of ours."""
    m.progress(f"{m.checkpoint}: importance")
    folders = [word for folder in m.picture_folders for word in ("--images", folder)]
    tool.call("imatrix", m.checkpoint, "--text", TEXT, *folders, "--chunk", CHUNK, "--output", m.path("imatrix.gguf"))
    model, mmproj = tool.convert(
        m.checkpoint, m.path("importance.gguf"), "q4_k_m", "--mmproj-type", "q4_k_m",
        "--imatrix", m.path("imatrix.gguf"))
    result = m.client(model, mmproj, questions=m.question_jobs(), continued=measure.CONTINUED,
                      count=measure.CONTINUATION, vocabulary=m.vocabulary(model))
    m.compare_probabilities("q4_k_m", WITH_IMPORTANCE, model, result)
    m.compare_answers("Q4_K_M pair with importance", model, mmproj, result)
