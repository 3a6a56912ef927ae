"""See scripts/bench-quality."""
import argparse
import hashlib
import json
import os
import pathlib
import sys

import material
from chart import chart
from programs import TYPES, Failure, LlamaCpp, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- bench-quality: table -->", "<!-- /bench-quality -->"
PLAIN, PEER, IMPORTANCE, CALIBRATED, BUDGET = (
    "plain rounding", "llama.cpp with importance", "vlmconv with importance", "vlmconv calibrated", "vlmconv, size given")


class Bench:
    def __init__(self, arguments):
        self.work = pathlib.Path(arguments.work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.llama = LlamaCpp(arguments.llama_cpp, self.work, arguments.threads, arguments.chunks)
        self.tool, self.effort = os.environ["VLMCONV"], arguments.effort
        self.threads = arguments.threads
        self.whole = pathlib.Path(arguments.model or material.model(self.work))
        self.calibration = pathlib.Path(arguments.calibration_text or material.calibration_text(self.work))
        self.evaluation = pathlib.Path(arguments.evaluation_text or material.evaluation_text(self.work))
        self.builtin = material.builtin_text(self.work)
        self.both = material.joined(self.work, self.calibration, self.builtin)
        self.keep_apart()
        self.ids = material.token_ids(self.whole, self.calibration, self.work)
        self.base = self.llama.base(self.whole, self.evaluation)
        self.rows = {}

    def keep_apart(self):
        """Files and figures are kept under the names of types alone: what was made by other settings must not stand for these."""
        digests = []
        for path in self.whole, self.calibration, self.evaluation, self.builtin, self.tool:
            with open(path, "rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        settings = self.work / "settings.json"
        now = {"effort": self.effort, "files": digests}
        if settings.exists() and json.loads(settings.read_text(encoding="utf-8")) != now:
            sys.exit(f"bench-quality: {self.work} holds what was measured by another tool, effort, model or text: "
                     "empty it, or name another folder with --work")
        settings.write_text(json.dumps(now, indent=1), encoding="utf-8")

    def importance(self):
        """Of all that vlmconv calibrates on."""
        return self.llama.importance(self.whole, self.both)

    def ours(self, target, *options):
        run([self.tool, "quantize", self.whole, target, "--threads", self.threads, *options])

    def make(self, kind, name, target):
        """Writes the file of one way of rounding and one type."""
        flag = "--" + name.lower()
        if kind == PLAIN:
            self.llama.quantize(self.whole, target, name)
        elif kind == PEER:
            self.llama.quantize(self.whole, target, name, self.importance())
        elif kind == IMPORTANCE:
            self.ours(target, flag, "--imatrix", self.importance())
        else:
            how = ["--target-size", name] if kind == BUDGET else [flag]
            self.ours(target, *how, "--calibrate", "--tokens", self.ids, "--text", self.builtin, "--effort", self.effort)

    def measure(self, kind, name):
        """The figures of one file, which is made unless the folder holds it; none where it cannot be made."""
        target = self.work / "files" / f"{kind.replace(' ', '-').replace(',', '')}-{name}.gguf"
        target.parent.mkdir(exist_ok=True)
        try:
            if not target.exists():
                partial = target.with_suffix(".partial.gguf")
                self.make(kind, name, partial)
                partial.rename(target)
            figures = self.llama.evaluate(target, self.base)
        except Failure as failure:
            print(f"bench-quality: {kind}, {name}: left out: {failure}", file=sys.stderr)
            return None
        self.rows[kind, name] = figures
        print(f"{kind:26} {name:12} {figures.size / 1e6:7.1f} MB  {figures.divergence:.4f} ± {figures.uncertainty:.4f}  "
              f"{figures.same_top:.1%}", flush=True)
        return figures


def table(rows, types, budgets):
    """Markdown: one line a type, one column a way of rounding."""
    columns = [k for k in (PLAIN, PEER, IMPORTANCE, CALIBRATED) if any(kind == k for kind, _ in rows)]
    lines = ["| type | MB | " + " | ".join(columns) + " |", "|---|--:|" + "--:|" * len(columns)]

    def cell(kind, name):
        found = rows.get((kind, name))
        return f"{found.divergence:.4f} · {found.same_top:.1%}" if found else "–"

    for name in types:
        sizes = [rows[k, name].size for k in columns if (k, name) in rows]
        if sizes:
            lines.append(f"| {name} | {sizes[-1] / 1e6:.1f} | " + " | ".join(cell(k, name) for k in columns) + " |")
    for name in budgets:
        if (BUDGET, name) in rows:
            blank = [""] * (len(columns) - 1)
            lines.append(f"| `--target-size {name}` | {rows[BUDGET, name].size / 1e6:.1f} | "
                         + " | ".join(blank + [cell(BUDGET, name)]) + " |")
    return lines


def write_documents(bench, types, budgets):
    page = ROOT / "docs/quality.md"
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"bench-quality: {page} needs the lines {BEGIN} and {END} once each, around the table")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    worst = max(r.uncertainty / max(r.divergence, 1e-9) for r in bench.rows.values())
    facts = (f"Mean KLD · same top p, by `llama-perplexity --kl-divergence` on {bench.llama.chunks} chunks of 512 tokens; the "
             f"standard error of a divergence is at most {worst:.0%} of it.")
    page.write_text(f"{before}{BEGIN}\n{facts}\n\n" + "\n".join(table(bench.rows, types, budgets)) + f"\n{END}{after}",
                    encoding="utf-8")
    series = {kind: [(name, r.size / 1e6, r.divergence) for (k, name), r in bench.rows.items() if k == kind]
              for kind in (PLAIN, PEER, CALIBRATED, BUDGET)}
    series = {kind: line for kind, line in series.items() if line}
    (ROOT / "docs/quality.svg").write_text(chart(series, "Size against divergence"), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench-quality", description="Measures quantized files against the whole model.")
    parser.add_argument("--llama-cpp", required=True, metavar="DIR", help="llama.cpp's programs")
    parser.add_argument("--work", default=ROOT / ".bench-quality", metavar="DIR", help="what is made stays here")
    parser.add_argument("--model", help="a llama-architecture GGUF of F32, F16 or BF16 (default: SmolLM2-135M off its grid)")
    parser.add_argument("--calibration-text", metavar="FILE")
    parser.add_argument("--evaluation-text", metavar="FILE", help="must share nothing with the other")
    parser.add_argument("--types", nargs="+", default=TYPES)
    parser.add_argument("--target-sizes", nargs="*", default=[], metavar="SIZE", help="budgets, such as 105M")
    parser.add_argument("--ways", nargs="+", default=["plain", "peer", "importance", "calibrated"],
                        choices=["plain", "peer", "importance", "calibrated"])
    parser.add_argument("--effort", default="normal")
    parser.add_argument("--chunks", type=int, default=18, help="of 512 tokens of the evaluation text that judge (18: all of it)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--evaluate", nargs="+", metavar="FILE", help="only judge these files, and write no document")
    parser.add_argument("--no-documents", action="store_true", help="only print")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    for path in arguments.evaluate or []:
        found = bench.llama.evaluate(pathlib.Path(path), bench.base)
        print(f"{path}  {found.size / 1e6:.1f} MB  {found.divergence:.4f} ± {found.uncertainty:.4f}  {found.same_top:.1%}")
    if arguments.evaluate:
        return
    ways = dict(plain=PLAIN, peer=PEER, importance=IMPORTANCE, calibrated=CALIBRATED)
    for way in arguments.ways:
        for name in arguments.types:
            bench.measure(ways[way], name)
    for size in arguments.target_sizes:
        bench.measure(BUDGET, size)
    if not bench.rows:
        sys.exit("bench-quality: nothing was measured")
    if not arguments.no_documents:
        write_documents(bench, arguments.types, arguments.target_sizes)


if __name__ == "__main__":
    main()
