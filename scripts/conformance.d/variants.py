"""Files made from a converted pair: as the legacy scripts write it, with a fault, as llama.cpp reads it."""
import re
import shutil

import gguf
import numpy as np


def rewrite(source, output, keys=None, tensors=None):
    """Copies a GGUF file; `keys` changes {key: (value type, element type, value)}, `tensors` {name: array}, in place."""
    reader = gguf.GGUFReader(source)
    found = {}
    for key, field in reader.fields.items():
        if not key.startswith("GGUF."):
            found[key] = (field.types[0], field.types[-1] if len(field.types) > 1 else None, field.contents())
    arrays = {tensor.name: np.array(tensor.data) for tensor in reader.tensors}
    if keys:
        keys(found)
    if tensors:
        arrays = tensors(arrays)
    architecture = found.pop("general.architecture")[2]
    writer = gguf.GGUFWriter(output, architecture)
    for key, (kind, element, value) in found.items():
        writer.add_key_value(key, value, kind, element)
    kinds = {tensor.name: tensor.tensor_type for tensor in reader.tensors}
    for name, array in arrays.items():
        # Blocks come as bytes and have to be told by their type.
        writer.add_tensor(name, array, raw_dtype=kinds[name] if array.dtype == np.uint8 else None)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return output


def legacy_mmproj(mmproj, output):
    """The mmproj as the legacy scripts write it, made from ours (F16).

    They too write only the blocks that run, with `block_count` their number, but not `feature_layer`. The other
    differences change no value: fc1 and fc2 named the other way round, an F16 position table, fewer keys.
    """
    def keys(found):
        for key in list(found):
            if key.startswith("vlmconv.") or key in ("general.type", "clip.vision.feature_layer"):
                del found[key]

    def tensors(arrays):
        swapped = {"ffn_up": "ffn_down", "ffn_down": "ffn_up"}
        named = {re.sub("ffn_up|ffn_down", lambda m: swapped[m[0]], name): array for name, array in arrays.items()}
        named["v.position_embd.weight"] = named["v.position_embd.weight"].astype(np.float16)
        return named

    return rewrite(mmproj, output, keys, tensors)


def unpermuted_rows(model, output):
    """The language model with the Q rows of block 0 in the checkpoint's order: a converter's classical mistake."""
    shutil.copyfile(model, output)
    reader = gguf.GGUFReader(output, "r+")
    heads = reader.fields["llama.attention.head_count"].contents()
    for tensor in reader.tensors:
        if tensor.name == "blk.0.attn_q.weight":
            rows = np.array(tensor.data)
            tensor.data[:] = rows.reshape(heads, -1, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)
            tensor.data.flush()
            return output
    raise RuntimeError(f"{model} has no blk.0.attn_q.weight")


def shifted_positions(mmproj, output):
    """The mmproj with the position rows as llama.cpp hands them out.

    It puts the class token behind the patches and takes position rows in that order: patch p gets row p (meant: p + 1),
    the class token row 576 (meant: 0). Attention has no order of its own, so a correct reader of this file computes
    for every token what llama.cpp computes for it with the right file.
    """
    def tensors(arrays):
        name = "v.position_embd.weight"
        return arrays | {name: np.roll(arrays[name], 1, axis=0)}

    return rewrite(mmproj, output, tensors=tensors)


def block_count(mmproj):
    return gguf.GGUFReader(mmproj).fields["clip.vision.block_count"].contents()
