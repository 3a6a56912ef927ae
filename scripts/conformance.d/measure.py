"""What is measured for one checkpoint: checks, which pass or fail, and figures, which are for reading."""
import concurrent.futures
import json
import os
import signal
import subprocess
import sys

import numpy as np
from PIL import Image

import projectors
import tool
import variants

HERE = os.path.dirname(os.path.abspath(__file__))
MARKER = "<__media__>"
PAD_COLOUR = (122, 116, 104)

# Texts whose ids must be equal: spaces, newlines, bytes without a piece, control tokens spelt out, prompts.
TEXTS = [
    "", "a", " a", "a ", "  two  spaces ", "line\nbreak\n\n", "tab\there", "What color is the circle?",
    "HELLO, World! 0123456789",
    "na\u00efve caf\u00e9 \u00df", "\u041f\u0440\u0438\u0432\u0435\u0442", "\u4f60\u597d\uff0c\u4e16\u754c",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 family", "\u2581", "e\u0301", "a</s>b", "<s> a", "<0x41>",
    "supercalifragilisticexpialidocious", "x = y + z * (a - b) / c;", tool.prompt("What is two plus two?", ""),
]
# Texts that are continued, with the whole vocabulary's probabilities at every token.
CONTINUED = [tool.prompt(question, "") for question in (
    "How many sides does a triangle have?", "What color is the sky?", "Who are you?", "What can you do?",
    "What is the opposite of left?", "Where is the house?")] + ["The circle is", "Permission is hereby granted, free of"]
CONTINUATION = 12

# Largest differences of next-token probabilities between vlmconv, which computes in 32-bit floats whatever the storage,
# and llama.cpp on the same file, which rounds keys and values to F16 with every file, activations to F16 before an F16
# matrix, to blocks of 8-bit integers before a quantized one. (Mean KLD, max |dp|): four to seven times what was measured
# on the tiny models, the worse of the two: F32 9.5e-8, 1.0e-3; F16 1.6e-7, 8.6e-4; Q4_0 9.9e-5, 2.7e-2; Q4_K_M 3.0e-4, 4.0e-2.
LIMITS = {"f32": (5e-7, 5e-3), "f16": (1e-6, 5e-3), "q4_0": (5e-4, 1e-1), "q4_k_m": (1.5e-3, 2e-1)}
# Smallest cosine of a picture row from llama.cpp to the emulation of what llama.cpp computes; measured 0.99997.
EMULATION_LIMIT = 0.9998


def log_softmax(logits):
    x = logits - logits.max(-1, keepdims=True).astype(np.float64)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def cosines(a, b):
    """Of every pair of rows."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    return (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))


class Measurement:
    """One checkpoint. Files go to `folder`, which is thrown away afterwards."""

    def __init__(self, checkpoint, picture_folders, folder, pytorch=None, progress=print):
        self.checkpoint, self.folder, self.progress = checkpoint, folder, progress
        self.pytorch, self.picture_folders = pytorch, picture_folders
        self.questions = []
        for pictures in picture_folders:
            with open(os.path.join(pictures, "questions.json"), encoding="utf-8") as file:
                self.questions += [row | {"image": os.path.join(pictures, row["image"])} for row in json.load(file)]
        self.pictures = list(dict.fromkeys(row["image"] for row in self.questions))
        self.checks, self.answers, self.features, self.probabilities, self.towers = [], {}, {}, {}, {}
        self.pool = concurrent.futures.ThreadPoolExecutor(2)

    def path(self, name):
        return os.path.join(self.folder, name)

    def check(self, what, passed, detail):
        self.checks.append({"check": what, "passed": bool(passed), "detail": detail})

    def client(self, model, mmproj, **job):
        """What llama.cpp does with a pair, and the arrays that it leaves."""
        job.update(model=model, mmproj=mmproj, features=self.path("features.npy"),
                   distributions=self.path("distributions.npy"))
        with open(self.path("job.json"), "w", encoding="utf-8") as file:
            json.dump(job, file)
        # Idle OpenMP threads spin by default, which beside other work takes ten times as long.
        environment = os.environ | {"OMP_WAIT_POLICY": "passive", "GGML_NO_BACKTRACE": "1"}
        with open(self.path("log"), "wb") as log:
            status = subprocess.run(
                [sys.executable, os.path.join(HERE, "llamacpp.py"), self.path("job.json"), self.path("result.json")],
                stdout=log, stderr=log, env=environment).returncode
        if status:
            with open(self.path("log"), encoding="utf-8", errors="replace") as log:
                tail = "".join(log.readlines()[-15:])
            how = f"dies of {signal.Signals(-status).name}" if status < 0 else f"ends with status {status}"
            raise SystemExit(f"conformance: llama.cpp {how} on {model} with {mmproj}:\n{tail}")
        with open(self.path("result.json"), encoding="utf-8") as file:
            return json.load(file)

    def run(self):
        self.progress(f"{self.checkpoint}: f32 pair")
        model, mmproj = tool.convert(self.checkpoint, self.path("f32.gguf"), "f32")
        self.compare_probabilities("f32", "F32", model, self.continuations(model, mmproj))
        for preset in ("f16", "q4_0"):
            self.progress(f"{self.checkpoint}: {preset} pair")
            model, mmproj = tool.convert(self.checkpoint, self.path(preset + ".gguf"), preset)
            self.compare_pair(preset, model, mmproj)
        self.progress(f"{self.checkpoint}: picture features")
        self.compare_features()
        self.progress(f"{self.checkpoint}: answers of the checkpoint")
        self.answers["vlmconv, checkpoint"] = self.ask(self.checkpoint, None)
        if self.pytorch:
            self.progress(f"{self.checkpoint}: PyTorch")
            self.compare_with_pytorch()

    def ask(self, model, mmproj):
        return list(self.pool.map(
            lambda row: tool.answer(model, mmproj, row["image"], row["question"]), self.questions))

    def question_jobs(self):
        return [(tool.prompt(row["question"], MARKER), row["image"]) for row in self.questions]

    # Language model and prompts

    def vocabulary(self, model):
        return tool.trace(model, "none", self.path("trace"), "--prompt", "a")["logits"].shape[1]

    def continuations(self, model, mmproj):
        return self.client(
            model, mmproj, continued=CONTINUED, count=CONTINUATION, vocabulary=self.vocabulary(model))

    def compare_pair(self, preset, model, mmproj):
        question = self.questions[0]["question"]
        texts = TEXTS + [row["question"] for row in self.questions]
        result = self.client(
            model, mmproj, texts=texts, questions=self.question_jobs(), continued=CONTINUED, count=CONTINUATION,
            vocabulary=self.vocabulary(model), contents=[
                question, f"{MARKER}\n{question}",
                [{"type": "image_url", "image_url": {"url": "data:image/png;base64,"}},
                 {"type": "text", "text": "\n" + question}]])
        mine = list(self.pool.map(lambda text: tool.token_ids(model, text), texts))
        differing = [text for text, a, b in zip(texts, mine, result["ids"]) if a != b]
        name = preset.upper()
        self.check(f"{name}: token ids", not differing,
                   f"{len(texts) - len(differing)} of {len(texts)} texts equal"
                   + (f"; not {differing[0]!r}" if differing else ""))
        wanted = [tool.prompt(question, ""), *[tool.prompt(question, MARKER)] * 2]
        self.check(f"{name}: chat template", result["templates"] == wanted,
                   "gives the prompt that the model was trained on" if result["templates"] == wanted
                   else f"gives {next(t for t, w in zip(result['templates'], wanted) if t != w)!r}")
        self.compare_probabilities(preset, name, model, result)
        self.compare_answers(f"{name} pair", model, mmproj, result)

    def divergence(self, model, result):
        """Of llama.cpp's next-token probabilities from ours, over the tokens that llama.cpp went on with."""
        theirs = log_softmax(np.load(self.path("distributions.npy")))  # the server's sums are 1 to five digits only
        ours = []
        for text, ids in zip(CONTINUED, result["continuations"]):
            prompt = tool.token_ids(model, text)
            tokens = ",".join(map(str, prompt + ids[:-1]))
            logits = tool.trace(model, "none", self.path("trace"), "--tokens", tokens)["logits"]
            ours.append(log_softmax(logits[len(prompt) - 1:]))
        ours = np.concatenate(ours)
        p, q = np.exp(ours), np.exp(theirs)
        kl = (p * (ours - theirs)).sum(-1)
        return {"positions": len(ours), "mean KLD": float(kl.mean()), "max KLD": float(kl.max()),
                "max |dp|": float(np.abs(p - q).max()),
                "same top": float((ours.argmax(-1) == theirs.argmax(-1)).mean())}

    def compare_probabilities(self, preset, name, model, result):
        found = self.probabilities[name] = self.divergence(model, result)
        kl, dp = LIMITS[preset]
        self.check(f"{name}: next-token probabilities", found["mean KLD"] <= kl and found["max |dp|"] <= dp,
                   f"{found['positions']} positions: Mean KLD {found['mean KLD']:.2g} (limit {kl:.2g}), "
                   f"max |dp| {found['max |dp|']:.2g} (limit {dp:.2g})")
        if preset == "f16":
            broken = variants.unpermuted_rows(model, self.path("broken.gguf"))
            wrong = self.continuations(broken, self.path("mmproj-f16.gguf"))
            found = self.probabilities["F16, one block's Q rows unpermuted"] = self.divergence(model, wrong)
            self.check("F16: a wrong file is noticed", found["mean KLD"] > kl or found["max |dp|"] > dp,
                       f"Q rows of one block in the checkpoint's order: Mean KLD {found['mean KLD']:.2g}, "
                       f"max |dp| {found['max |dp|']:.2g}")

    # Pictures

    def compare_answers(self, pair, model, mmproj, result):
        answers = [entry["answer"] for entry in result["answers"]]
        self.answers[f"llama.cpp, our {pair}"] = answers
        # One id stands for the picture's 144 positions.
        lengths = list(self.pool.map(
            lambda row: len(tool.token_ids(model, tool.prompt(row["question"], "<image>"))) + 143, self.questions))
        right_length = [entry["positions"] == length for entry, length in zip(result["answers"], lengths)]
        self.check(f"{pair}: picture prompts", all(right_length) and all(answers),
                   f"{sum(map(bool, answers))} of {len(answers)} answered, {sum(right_length)} prompts of our length")
        self.answers[f"vlmconv, {pair}"] = self.ask(model, mmproj)

    def our_features(self, model, *taps, pictures, mmproj=None):
        """{tap: [picture, row, channel]}."""
        found = []
        for picture in pictures:
            arguments = ["--prompt", "a", "--image", picture] + (["--mmproj", mmproj] if mmproj else [])
            found.append(tool.trace(model, ",".join(taps), self.path("trace"), *arguments))
        return {tap: np.stack([tensors[tap] for tensors in found]) for tap in taps}

    def padded(self, picture):
        """The picture on the square that the model was trained with, as PNG."""
        image = Image.open(picture).convert("RGB")
        side = max(image.size)
        square = Image.new("RGB", (side, side), PAD_COLOUR)
        square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
        path = self.path(f"padded-{self.pictures.index(picture)}.png")
        square.save(path)
        return path

    def compare_features(self):
        model, mmproj = self.path("f16.gguf"), self.path("mmproj-f16.gguf")
        wide = [picture for picture in self.pictures if len(set(Image.open(picture).size)) > 1]
        pictures = self.pictures + [self.padded(picture) for picture in wide]
        kinds = np.array(["not square" if picture in wide else "square" for picture in self.pictures]
                         + ["not square, padded before"] * len(wide))
        self.groups = {str(kind): int((kinds == kind).sum()) for kind in sorted(set(kinds), reverse=True)}
        prompt = tool.prompt(self.questions[0]["question"], MARKER)
        jobs = [(prompt, picture) for picture in pictures]

        result = self.client(model, mmproj, pictures=jobs)
        rows = {"llama.cpp, our pair": np.load(self.path("features.npy"))}
        ids = tool.token_ids(model, prompt.replace(MARKER, "<image>"))
        self.check("token ids around a picture", all(found == ids for found in result["picture_ids"]),
                   f"{len(ids) - 1} ids and the picture's place")

        legacy = variants.legacy_mmproj(mmproj, self.path("mmproj-legacy.gguf"))
        legacy_result = self.client(model, legacy, pictures=jobs, questions=self.question_jobs())
        rows["llama.cpp, legacy pair"] = np.load(self.path("features.npy"))
        self.answers["llama.cpp, legacy F16 pair"] = [entry["answer"] for entry in legacy_result["answers"]]

        out = "projector.out"
        rows["vlmconv, our pair"] = self.our_features(model, out, pictures=pictures, mmproj=mmproj)[out]
        reference = self.our_features(self.checkpoint, out, pictures=pictures)[out]
        self.reference, self.kinds = reference, kinds
        for name, found in rows.items():
            each = cosines(found, reference).mean(-1)
            self.features[name] = {kind: float(each[kinds == kind].mean()) for kind in self.groups}

        ours, theirs = (cosines(rows[f"llama.cpp, {which} pair"], reference).mean() for which in ("our", "legacy"))
        self.check("feature_layer repairs the tower's depth", ours > theirs,
                   f"mean cosine {ours:.4f} with it, {theirs:.4f} as the legacy scripts write the file")

        exact = kinds != "not square"  # Of these llama.cpp's preprocessing makes what ours makes.
        self.square_pictures = [picture for picture, member in zip(pictures, exact) if member]
        emulated = self.emulated(self.square_pictures, model, mmproj)
        worst = cosines(rows["llama.cpp, our pair"][exact], emulated).min()
        self.check("llama.cpp reads every weight of the mmproj as we do", worst >= EMULATION_LIMIT,
                   f"worst cosine of a row to ours with llama.cpp's order of tokens {worst:.6f} (limit {EMULATION_LIMIT})")
        wrong = cosines(rows["llama.cpp, legacy pair"][exact], emulated).min()
        self.check("a wrong depth is noticed", wrong < EMULATION_LIMIT,
                   f"worst cosine of a row with a block fewer {wrong:.6f}")

    def emulated(self, pictures, model, mmproj):
        """The rows that follow from our tower and llama.cpp's order of tokens: see `variants.shifted_positions`."""
        shifted = variants.shifted_positions(mmproj, self.path("mmproj-shifted.gguf"))
        last = f"clip.layer.{variants.block_count(mmproj) - 1}"
        tower = self.our_features(model, last, pictures=pictures, mmproj=shifted)[last]
        # The class token comes last, and the rows from the second on are taken: patch 0 is lost.
        return np.stack([projectors.project(mmproj, np.concatenate([rows[2:], rows[:1]])) for rows in tower])

    def compare_with_pytorch(self):
        with open(self.path("questions.json"), "w", encoding="utf-8") as file:
            json.dump(self.questions, file)
        subprocess.run([self.pytorch, os.path.join(HERE, "pytorch.py"), self.checkpoint, self.path("questions.json"),
                        self.path("pytorch.json"), self.path("pytorch.npy")], check=True)
        with open(self.path("pytorch.json"), encoding="utf-8") as file:
            self.answers["PyTorch, checkpoint"] = json.load(file)
        rows = np.load(self.path("pytorch.npy"))
        each, kinds = cosines(rows, self.reference[:len(rows)]).mean(-1), self.kinds[:len(rows)]
        self.features["PyTorch, checkpoint"] = {str(kind): float(each[kinds == kind].mean()) for kind in set(kinds)}

    def report(self):
        truth = [row["answer"] for row in self.questions]
        checkpoint = self.answers["vlmconv, checkpoint"]
        return {
            "checkpoint": os.path.basename(self.checkpoint), "checks": self.checks, "probabilities": self.probabilities,
            "pictures": self.groups, "features": self.features, "towers": self.towers,
            "exact": len(self.square_pictures), "questions": len(truth),
            "answers": {who: {"right": sum(a == b for a, b in zip(said, truth)),
                              "as the checkpoint": sum(a == b for a, b in zip(said, checkpoint))}
                        for who, said in self.answers.items()},
            "passed": all(check["passed"] for check in self.checks)}
