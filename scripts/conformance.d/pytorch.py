"""PyTorch's answers and picture features: run by a Python that has fixtures/requirements.txt.

    pytorch.py CHECKPOINT QUESTIONS.json RESULT.json FEATURES.npy
"""
import json
import os
import sys

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures"))
import evaluate_tiny  # noqa: E402
import mobilevlm_reference as reference  # noqa: E402


def main(checkpoint, questions, result, features):
    torch.set_num_threads(2)
    model, tokenizer = reference.load(checkpoint)
    with open(questions, encoding="utf-8") as file:
        rows = json.load(file)
    pictures = {path: Image.open(path) for path in dict.fromkeys(row["image"] for row in rows)}
    asked = {path: evaluate_tiny.Picture(model, tokenizer, image) for path, image in pictures.items()}
    with open(result, "w", encoding="utf-8") as file:
        json.dump([asked[row["image"]].answer(row["question"]) for row in rows], file)
    with torch.no_grad():
        pixels = [reference.pixel_values(reference.crop_picture(image)) for image in pictures.values()]
        np.save(features, np.stack([model.projector(model.patch_features(x))[0].numpy() for x in pixels]))


if __name__ == "__main__":
    main(*sys.argv[1:])
