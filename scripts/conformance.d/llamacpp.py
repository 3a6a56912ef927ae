"""llama.cpp as a client runs it. One process per pair, because llama.cpp aborts where it meets what it does not expect.

    llamacpp.py JOB.json RESULT.json     does what JOB asks; image features go to the .npy that JOB names

Text, probabilities and answers go through llama.cpp's own HTTP server. It has no call that gives the rows of a picture's
features, so those come from the C functions of `mtmd.h`, which the wheel exports.
"""
import base64
import contextlib
import ctypes
import glob
import json
import os
import sys
import urllib.error
import urllib.request

import numpy as np
import xllamacpp

MARKER = "<__media__>"
THREADS = 2


class Server:
    def __init__(self, model, mmproj):
        # The server takes a random marker unless told, so that a user's text cannot hold it.
        os.environ["LLAMA_MEDIA_MARKER"] = MARKER
        params = xllamacpp.CommonParams()
        params.model.path, params.mmproj.path = model, mmproj
        params.n_ctx, params.n_parallel, params.port = 2048, 1, 0
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = THREADS
        params.warmup = params.fit_params = False
        params.use_jinja = True
        self.server = xllamacpp.Server(params)

    def post(self, path, body):
        request = urllib.request.Request(
            self.server.listening_address + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()}") from error

    def token_ids(self, text):
        return self.post("/tokenize", {"content": text, "add_special": True, "parse_special": True})["tokens"]

    def applied_template(self, content):
        return self.post("/apply-template", {"messages": [{"role": "user", "content": content}]})["prompt"]

    def distributions(self, text, count, vocabulary, banned=()):
        """Greedy tokens after a text, and log p of the whole vocabulary at each.

        The server reports the softmax of the unchanged logits; temperature and bans, EOS among them, only choose the
        token. It leaves tokens out that are no whole character: `banned` names those.
        """
        reply = self.post("/completion", {
            "prompt": text, "n_predict": count, "temperature": 0, "ignore_eos": True, "n_probs": vocabulary,
            "cache_prompt": False, "logit_bias": [[token, False] for token in banned]})
        table = np.full((len(reply["completion_probabilities"]), vocabulary), -np.inf)
        for row, entry in zip(table, reply["completion_probabilities"]):
            for token in entry["top_logprobs"]:
                row[token["id"]] = token["logprob"]
        return [entry["id"] for entry in reply["completion_probabilities"]], table

    def answer(self, prompt, picture):
        with open(picture, "rb") as file:
            data = base64.b64encode(file.read()).decode()
        reply = self.post("/completion", {
            "prompt": {"prompt_string": prompt, "multimodal_data": [data]}, "n_predict": 32, "temperature": 0,
            "cache_prompt": False})
        return {"answer": reply["content"].strip(), "positions": reply["tokens_evaluated"], "stop": reply["stop_type"]}


class Opaque(ctypes.Structure):
    """A parameter structure that goes from llama.cpp's `…_default` function back to llama.cpp unread.

    Larger than any of them. Where the ABI passes a structure of this size on the stack (x86-64) the callee reads the
    part it knows, where it passes the address of a copy (arm64) likewise, so that their fields need not be known here.
    """
    _fields_ = [("words", ctypes.c_uint64 * 64)]


class InputText(ctypes.Structure):
    """`mtmd_input_text` of the pinned version. The token ids that come back, which are checked, show a change of it."""
    _fields_ = [("text", ctypes.c_char_p), ("length", ctypes.c_size_t), ("add_special", ctypes.c_bool),
                ("parse_special", ctypes.c_bool), ("later_fields", ctypes.c_uint64 * 4)]


class Pictures:
    """`mtmd.h`: a picture prompt's token ids, and the rows that the projector makes of the picture."""

    TEXT, IMAGE = 0, 1

    def __init__(self, model, mmproj):
        self.functions = ctypes.CDLL(glob.glob(os.path.join(xllamacpp.__path__[0], "xllamacpp*.so"))[0])
        self.call("llama_backend_init", None)
        self.model = self.call(
            "llama_model_load_from_file", ctypes.c_void_p, model.encode(), self.call("llama_model_default_params", Opaque))
        if not self.model:
            raise RuntimeError(f"llama.cpp does not load {model}")
        self.context = self.call(
            "mtmd_init_from_file", ctypes.c_void_p, mmproj.encode(), ctypes.c_void_p(self.model),
            self.call("mtmd_context_params_default", Opaque))
        if not self.context:
            raise RuntimeError(f"llama.cpp does not load {mmproj}")
        self.width = self.call("llama_model_n_embd", ctypes.c_int32, ctypes.c_void_p(self.model))

    def call(self, name, result, *arguments):
        function = self.functions[name]
        function.restype = result
        return function(*arguments)

    def encode(self, prompt, picture):
        """(token ids with -200 for the picture, rows [positions, width])."""
        pointer = ctypes.c_void_p
        context = pointer(self.context)
        bitmap = self.call("mtmd_helper_bitmap_init_from_file", pointer, context, picture.encode(), ctypes.c_bool(False))
        if not bitmap:
            raise RuntimeError(f"llama.cpp does not read {picture}")
        chunks = pointer(self.call("mtmd_input_chunks_init", pointer))
        text = InputText(prompt.encode(), len(prompt.encode()), True, True)
        status = self.call("mtmd_tokenize", ctypes.c_int32, context, chunks, ctypes.byref(text),
                           (pointer * 1)(bitmap), ctypes.c_size_t(1))
        if status:
            raise RuntimeError(f"mtmd_tokenize gives {status}")
        ids, rows = [], None
        for index in range(self.call("mtmd_input_chunks_size", ctypes.c_size_t, chunks)):
            chunk = pointer(self.call("mtmd_input_chunks_get", pointer, chunks, ctypes.c_size_t(index)))
            kind = self.call("mtmd_input_chunk_get_type", ctypes.c_int, chunk)
            count = ctypes.c_size_t()
            if kind == self.TEXT:
                tokens = self.call("mtmd_input_chunk_get_tokens_text", ctypes.POINTER(ctypes.c_int32), chunk,
                                   ctypes.byref(count))
                ids += tokens[:count.value]
            elif kind == self.IMAGE:
                if self.call("mtmd_encode_chunk", ctypes.c_int32, context, chunk):
                    raise RuntimeError("mtmd_encode_chunk fails")
                found = self.call("mtmd_input_chunk_get_n_tokens", ctypes.c_size_t, chunk)
                values = self.call("mtmd_get_output_embd", ctypes.POINTER(ctypes.c_float), context)
                rows = np.ctypeslib.as_array(values, (found, self.width)).copy()
                ids.append(-200)
        self.call("mtmd_input_chunks_free", None, chunks)
        self.call("mtmd_bitmap_free", None, pointer(bitmap))
        return ids, rows


def work(job):
    result = {}
    if "pictures" in job:
        pictures = Pictures(job["model"], job["mmproj"])
        encoded = [pictures.encode(*pair) for pair in job["pictures"]]
        result["picture_ids"] = [ids for ids, _ in encoded]
        np.save(job["features"], np.stack([rows for _, rows in encoded]))
    if any(job.get(key) for key in ("texts", "contents", "continued", "questions")):
        server = Server(job["model"], job["mmproj"])
        result["ids"] = [server.token_ids(text) for text in job.get("texts", [])]
        result["templates"] = [server.applied_template(content) for content in job.get("contents", [])]
        result["answers"] = [server.answer(prompt, picture) for prompt, picture in job.get("questions", [])]
        found = [server.distributions(text, job["count"], job["vocabulary"], job.get("banned", ())) for text in job.get("continued", [])]
        result["continuations"] = [ids for ids, _ in found]
        if found:
            np.save(job["distributions"], np.concatenate([table for _, table in found]))
    return result


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as job_file:
        outcome = work(json.load(job_file))
    with open(sys.argv[2], "w", encoding="utf-8") as result_file:
        json.dump(outcome, result_file)
    # Leaving at once: nothing here is worth the time that llama.cpp takes to free it.
    sys.stderr.flush()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(0)
