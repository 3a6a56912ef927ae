"""What the releases of the family have and the tiny models lack: padded vocabularies, scaled positions, byte-level tokenizers.

Each is a tiny V1 with something changed, in F32, its language model alone: token ids and next-token probabilities.
"""
import glob
import json
import os
import shutil

import numpy as np

import measure
import tool

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
SOURCE = os.path.join(ROOT, "fixtures", "tiny-mobilevlm-v1")
TOKENIZERS = os.path.join(ROOT, "fixtures", "tokenizer")
HIDDEN = ("model.vision_tower.", "model.mm_projector.")


def read(path):
    """{name: (dtype, shape, bytes)} of a safetensors file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    header.pop("__metadata__", None)
    return {name: (i["dtype"], i["shape"], data[slice(*i["data_offsets"])]) for name, i in header.items()}


def write(path, tensors):
    header, place = {}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [place, place + len(data)]}
        place += len(data)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(data for _, _, data in tensors.values()))


def named_tokenizer(name):
    """A `tokenizer.json` of the tests' recordings."""
    with open(os.path.join(TOKENIZERS, "huggingface.json"), encoding="utf-8") as file:
        entry = next(entry for entry in json.load(file)["variants"] if entry["name"] == name)
    with open(os.path.join(TOKENIZERS, entry["file"]), encoding="utf-8") as file:
        tokenizer = json.load(file)
    for key, value in entry["replace"].items():
        tokenizer[key] = tokenizer[key] | value if key == "model" else value
    return tokenizer


def pieces_of_characters(tokenizer):
    """Ids of a byte-level tokenizer whose pieces may be no whole characters, and of added tokens."""
    pieces = {id: text for text, id in tokenizer["model"]["vocab"].items()}
    return [id for id, text in pieces.items() if not text.replace("\u0120", "").isascii()] + [
        token["id"] for token in tokenizer["added_tokens"]]


def variant(folder, rows=None, tokenizer=None, **config):
    """A checkpoint of the language model with `rows` rows of the embedding, those beyond its own repeated."""
    os.makedirs(folder)
    tensors = {}
    for shard in sorted(glob.glob(os.path.join(SOURCE, "model-*.safetensors"))):
        tensors |= {name: value for name, value in read(shard).items() if not name.startswith(HIDDEN)}
    with open(os.path.join(SOURCE, "config.json"), encoding="utf-8") as file:
        # As a text model, so that no tower is asked for.
        settings = {key: value for key, value in json.load(file).items() if not key.startswith(("mm_", "vision_"))}
    settings |= {"model_type": "llama", "architectures": ["LlamaForCausalLM"]} | config
    if rows:
        settings["vocab_size"] = rows
        for name in ("model.embed_tokens.weight", "lm_head.weight"):
            dtype, shape, data = tensors[name]
            matrix = np.frombuffer(data, "<u2" if dtype in ("BF16", "F16") else "<u4").reshape(shape)
            tensors[name] = (dtype, [rows, shape[1]], np.resize(matrix, (rows, shape[1])).tobytes())
    write(os.path.join(folder, "model.safetensors"), tensors)
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
        json.dump(settings, file)
    if tokenizer:
        with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as file:
            json.dump(named_tokenizer(tokenizer), file)
    else:
        for name in ("tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"):
            shutil.copyfile(os.path.join(SOURCE, name), os.path.join(folder, name))
    return folder


def variants(folder):
    found = {
        "32 rows more than tokens": variant(os.path.join(folder, "padded"), rows=672),
        "positions scaled by 2": variant(
            os.path.join(folder, "scaled"), rope_scaling={"type": "linear", "factor": 2.0}),
        "positions scaled by 4, today's key": variant(
            os.path.join(folder, "parameters"), rope_parameters={"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0}),
    }
    for name in ("legacy", "metaspace-first"):
        found[f"tokenizer.json in SentencePiece's spelling, {name}"] = variant(
            os.path.join(folder, name), rows=512, tokenizer=name)
    for name in ("gpt2", "llama3", "qwen2", "smollm"):
        found[f"tokenizer.json, byte-level, {name}"] = variant(os.path.join(folder, name), rows=928, tokenizer=name)
    return found


def compared(folder, progress):
    """The checks and figures of all variants."""
    checks, probabilities = [], {}
    for name, checkpoint in variants(folder).items():
        progress(f"tiny V1 with {name}")
        m = measure.Measurement(checkpoint, [], folder)
        model = m.path(os.path.basename(checkpoint) + ".gguf")
        tool.call("convert", checkpoint, model, "--f32")
        path = os.path.join(checkpoint, "tokenizer.json")
        banned = []
        if "byte-level" in name:
            with open(path, encoding="utf-8") as file:
                banned = pieces_of_characters(json.load(file))
        result = m.client(model, "", banned=banned, texts=measure.TEXTS, continued=measure.CONTINUED, count=measure.CONTINUATION,
                          vocabulary=m.vocabulary(model))
        differing = [text for text, ids in zip(measure.TEXTS, result["ids"]) if tool.token_ids(model, text) != ids]
        m.check(f"{name}: token ids", not differing,
                f"{len(measure.TEXTS) - len(differing)} of {len(measure.TEXTS)} texts equal"
                + (f"; not {differing[0]!r}" if differing else ""))
        m.compare_probabilities("f32", name, model, result)
        checks += m.checks
        probabilities |= m.probabilities
    return {"checkpoint": "the tiny V1 with something changed, F32", "checks": checks, "probabilities": probabilities,
            "passed": all(check["passed"] for check in checks)}


if __name__ == "__main__":
    import sys
    import tempfile
    with tempfile.TemporaryDirectory() as work:
        report = compared(work, lambda step: print(step, file=sys.stderr))
    print(json.dumps(report, indent=1))
