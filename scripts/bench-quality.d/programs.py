"""The programs that are compared, and llama.cpp's own judgement of the files that they make."""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
from dataclasses import asdict, dataclass

import gguf

# Types of whole files, by rising size. Rows of this model are 576 or 1536 long: where super-blocks of 256 do not fit, both
# makers fall back to the same blocks of 32.
TYPES = ["Q2_K", "Q3_K_M", "IQ4_XS", "Q4_0", "IQ4_NL", "Q4_K_S", "Q4_K_M", "Q4_1", "Q5_0", "Q5_K_M", "Q5_1", "Q6_K", "Q8_0"]


class Failure(Exception):
    pass


def run(command, log=None, **options):
    """What a command prints; its last words, if it fails."""
    process = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors="replace", **options)
    if log:
        log.write_text(process.stdout)
    if process.returncode:
        raise Failure(f"{' '.join(str(c) for c in command)}\n" + "\n".join(process.stdout.splitlines()[-4:]))
    return process.stdout


@dataclass
class Figures:
    """How far a file is from the whole model: bytes, nats, shares of one."""
    size: int
    divergence: float
    uncertainty: float
    same_top: float


class LlamaCpp:
    """llama.cpp's programs, on the same text for every file.

    folder: holds llama-perplexity, llama-imatrix and llama-quantize. chunks: of 512 tokens of the evaluation text; the
    second half of each is judged.
    """

    def __init__(self, folder, work, threads, chunks):
        self.folder, self.work, self.threads, self.chunks = pathlib.Path(folder), work, threads, chunks
        for name in ("llama-perplexity", "llama-imatrix", "llama-quantize"):
            if not os.access(self.folder / name, os.X_OK):
                sys.exit(f"bench-quality: no program {name} in {folder}: build it there, or name another folder with --llama-cpp")
        self.kept = work / "figures.json"
        self.figures = {k: Figures(**v) for k, v in json.loads(self.kept.read_text()).items()} if self.kept.exists() else {}

    def perplexity(self, model, *arguments, log=None):
        return run([self.folder / "llama-perplexity", "-m", model, "-t", self.threads, "-c", 512, "-b", 512, "-ngl", 0,
                    *arguments], log=log)

    def base(self, whole, text):
        """The whole model's logits on the evaluation text, made once."""
        path = self.work / f"base-{self.chunks}.kld"
        if not path.exists():
            partial = path.with_suffix(".partial")
            self.perplexity(whole, "-f", text, "--chunks", self.chunks, "--kl-divergence-base", partial)
            partial.rename(path)
        return path

    def importance(self, whole, text):
        path = self.work / "llamacpp.imatrix.gguf"
        if not path.exists():
            partial = self.work / "partial.imatrix.gguf"
            run([self.folder / "llama-imatrix", "-m", whole, "-f", text, "-o", partial, "-c", 512, "-b", 512, "-ngl", 0,
                 "-t", self.threads, "--no-ppl"])
            partial.rename(path)
        return path

    def quantize(self, whole, target, name, importance=None):
        extra = ["--imatrix", importance] if importance else []
        run([self.folder / "llama-quantize", *extra, whole, target, name, self.threads])

    def evaluate(self, path, base):
        """The figures of a file; the same tensors are judged once, whoever made them."""
        key = f"{digest(path)}-{self.chunks}"
        if key not in self.figures:
            printed = self.perplexity(path, "--kl-divergence", "--kl-divergence-base", base, "--chunks", self.chunks,
                                      log=self.work / "perplexity.log")
            mean = re.search(r"^Mean\s+KLD:\s*(\S+)\s*±\s*(\S+)", printed, re.M)
            top = re.search(r"^Same top p:\s*(\S+)", printed, re.M)
            if not mean or not top:
                raise Failure(f"llama-perplexity printed no divergence of {path}; see {self.work}/perplexity.log")
            self.figures[key] = Figures(0, float(mean[1]), float(mean[2]), float(top[1]) / 100)
            self.kept.write_text(json.dumps({k: asdict(v) for k, v in self.figures.items()}, indent=1))
        found = self.figures[key]
        return Figures(path.stat().st_size, found.divergence, found.uncertainty, found.same_top)


def digest(path):
    """Of all tensors with their names and types, whatever the metadata and the order say."""
    state = hashlib.sha256()
    for tensor in sorted(gguf.GGUFReader(path).tensors, key=lambda t: t.name):
        state.update(f"{tensor.name} {tensor.tensor_type.name}\n".encode())
        state.update(memoryview(tensor.data.reshape(-1).view("uint8")))
    return state.hexdigest()
