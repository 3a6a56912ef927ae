"""Runs the comparison with llama.cpp and prints it. `scripts/conformance` sets up what this needs."""
import argparse
import glob
import importlib.metadata
import json
import os
import sys
import tempfile
import time

import measure
import programs
import shapes
import storage

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
ORDER = ["PyTorch, checkpoint", "vlmconv, checkpoint", "vlmconv, our pair", "vlmconv, F16 pair", "vlmconv, Q4_0 pair",
         "vlmconv, Q4_K_M pair with importance", "llama.cpp, our pair", "llama.cpp, our F16 pair", "llama.cpp, our Q4_0 pair",
         "llama.cpp, our Q4_K_M pair with importance", "llama.cpp, legacy pair",
         "llama.cpp, legacy F16 pair"]


def table(rows):
    """Columns of text, the first to the left, as a Markdown table that reads well as it is."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]

    def line(cells):
        aligned = [cells[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
        return "| " + " | ".join(aligned) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2)] + ["-" * (width + 1) + ":" for width in widths[1:]]) + "|"
    return "\n".join([line(rows[0]), rule] + [line(row) for row in rows[1:]])


def ordered(found):
    return [(name, found[name]) for name in ORDER if name in found]


def probabilities(model):
    """What was checked, and how near the next tokens' probabilities are."""
    blocks = [model["checkpoint"]]
    blocks.append("\n".join(
        f"  {'ok  ' if c['passed'] else 'FAIL'} {c['check']}: {c['detail']}" for c in model["checks"]))
    rows = [["file", "positions", "Mean KLD", "Max KLD", "max |dp|", "Same top p"]]
    for name, f in model["probabilities"].items():
        rows.append([name, str(f["positions"]), f"{f['mean KLD']:.2e}", f"{f['max KLD']:.2e}", f"{f['max |dp|']:.2e}",
                     f"{100 * f['same top']:.1f} %"])
    return blocks + ["Next-token probabilities on texts, llama.cpp against vlmconv on the same file\n\n" + table(rows)]


def text(model):
    blocks = probabilities(model)
    groups = list(model["pictures"])
    rows = [["features", *(f"{group} ({count})" for group, count in model["pictures"].items())]]
    for name, f in ordered(model["features"]):
        rows.append([name, *(f"{f[group]:.6f}" if group in f else "" for group in groups)])
    blocks.append("Mean cosine of the projected picture rows to vlmconv on the checkpoint\n\n" + table(rows))
    rows = [["tower and projector", "kB", "tensors", "llama.cpp, mean", "worst row", "vlmconv, mean", "worst row", "right"]]
    rows += [[name, f"{f['bytes'] / 1000:.0f}", f["types"], f"{f['llama.cpp']:.6f}", f"{f['llama.cpp, worst']:.4f}",
              f"{f['vlmconv']:.6f}", f"{f['vlmconv, worst']:.4f}", str(f["right"])] for name, f in model["towers"].items()]
    blocks.append("Quantized towers beside an F16 language model: cosine of a picture row to the F16 tower's, each "
                  f"program by itself ({model['exact']} pictures), and llama.cpp's right answers of {model['questions']}\n\n"
                  + table(rows))
    rows = [["answers", f"right of {model['questions']}", "as the checkpoint"]]
    rows += [[name, str(f["right"]), str(f["as the checkpoint"])] for name, f in ordered(model["answers"])]
    blocks.append("Answers about the pictures\n\n" + table(rows))
    return "\n\n".join(blocks)


def measured(checkpoint, folder, pictures, args):
    """All about one checkpoint."""
    m = measure.Measurement(os.path.realpath(checkpoint), pictures, folder, args.pytorch,
                            lambda step: print(f"conformance: {step}", file=sys.stderr))
    m.run()
    storage.parts(m)
    storage.importance(m)
    storage.quantized_towers(m)
    if args.llama_quantize:
        programs.compare(m, args.llama_quantize)
    return m.report()


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/conformance", description="Compares vlmconv with llama.cpp on converted pairs.")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--pytorch", metavar="PYTHON", help="a Python with fixtures/requirements.txt: adds PyTorch's figures")
    parser.add_argument("--llama-quantize", metavar="PATH",
                        help="llama.cpp's program: compares with it, and with llama-imatrix and llama-gguf-split beside it")
    parser.add_argument("--checkpoint", action="append", metavar="FOLDER", help="instead of the tiny models; may be repeated")
    parser.add_argument("--pictures", action="append", metavar="FOLDER",
                        help="with a questions.json, instead of fixtures/pictures; may be repeated")
    args = parser.parse_args()
    checkpoints = args.checkpoint or sorted(glob.glob(os.path.join(ROOT, "fixtures", "tiny-mobilevlm-v*")), reverse=True)
    if not checkpoints:
        raise SystemExit("conformance: fixtures/ holds no tiny model")
    pictures = args.pictures or [os.path.join(ROOT, "fixtures", "pictures")]
    if not args.llama_quantize:
        print("conformance: not compared with llama-quantize, llama-imatrix and llama-gguf-split, which no wheel brings: "
              "name one with --llama-quantize", file=sys.stderr)
    begun = time.time()
    models = []
    for checkpoint in checkpoints:
        with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
            models.append(measured(checkpoint, folder, pictures, args))
    others = []
    if not args.checkpoint:
        with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
            others.append(shapes.compared(folder, lambda step: print(f"conformance: {step}", file=sys.stderr)))
    passed = all(model["passed"] for model in models + others)
    client = f"xllamacpp {importlib.metadata.version('xllamacpp')}"
    if args.json:
        print(json.dumps({"client": client, "models": models, "others": others, "passed": passed}, indent=1))
    else:
        print(f"llama.cpp in {client}\n")
        print("\n\n\n".join([text(model) for model in models] + ["\n\n".join(probabilities(other)) for other in others]))
        print(f"\n{'PASS' if passed else 'FAIL'} ({time.time() - begun:.0f} s)")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
