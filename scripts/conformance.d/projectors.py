"""LDP and LDPv2 on given rows, as llama.cpp computes them, in NumPy and 32-bit floats."""
import gguf
import numpy as np


def gelu(x):
    """The tanh approximation, which llama.cpp uses."""
    return 0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x ** 3)))


def depthwise(x, kernel, stride):
    """[rows, columns, channels] by [channels, 3, 3], zeros outside."""
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    out = [-(-side // stride) for side in x.shape[:2]]
    parts = [padded[i:i + stride * out[0]:stride, j:j + stride * out[1]:stride][:out[0], :out[1]] * kernel[:, i, j]
             for i in range(3) for j in range(3)]
    return sum(parts)


class Weights:
    def __init__(self, mmproj):
        reader = gguf.GGUFReader(mmproj)
        self.kind = reader.fields["clip.projector_type"].contents()
        self.eps = reader.fields["clip.vision.attention.layer_norm_epsilon"].contents()
        self.arrays = {t.name: gguf.quants.dequantize(t.data, t.tensor_type) for t in reader.tensors if t.name.startswith("mm.model.")}

    def get(self, name):
        return self.arrays["mm.model." + name]

    def linear(self, x, name):
        return x @ self.get(name + ".weight").T + self.get(name + ".bias")

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred ** 2).mean(-1, keepdims=True) + np.float32(self.eps))
        return centred / scale * self.get(name + ".weight") + self.get(name + ".bias")

    def ldpv2(self, x):
        x = self.linear(gelu(self.linear(x, "mlp.0")), "mlp.2").reshape(12, 2, 12, 2, -1).mean((1, 3))
        return x + depthwise(x, self.get("peg.0.weight"), 1) + self.get("peg.0.bias")

    def ldp(self, x):
        x = self.linear(gelu(self.linear(x, "mlp.1")), "mlp.3").reshape(24, 24, -1)
        return self.block(self.block(x, "mb_block.1.block.", 1), "mb_block.2.block.", 2)

    def block(self, x, name, stride):
        y = self.norm(depthwise(x, self.get(name + "0.0.weight"), stride), name + "0.1")
        y = y * np.clip(y + 3, 0, 6) / 6
        gate = self.linear(np.maximum(self.linear(y.mean((0, 1)), name + "1.fc1"), 0), name + "1.fc2")
        y = y * np.clip(gate + 3, 0, 6) / 6
        y = self.norm(y @ self.get(name + "2.0.weight").T, name + "2.1")
        return x + y if stride == 1 else y


def project(mmproj, rows):
    """[576, C] -> [144, H]."""
    weights = Weights(mmproj)
    out = {"ldp": weights.ldp, "ldpv2": weights.ldpv2}[weights.kind](rows)
    return out.reshape(144, -1)
