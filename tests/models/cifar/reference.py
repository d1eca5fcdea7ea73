#!/usr/bin/env python3
"""The CIFAR-10 ResNets in float64 with numpy, from the published weights and the CIFAR binary
format: labels and logits for ../cifar.py. Independent of Sinter.
usage: reference.py FOLDER > expected.json
Non-goals: speed, other networks."""
import json
import pathlib
import pickle
import sys

import numpy as np

MODELS = {"resnet20-12fca82f.th": 3, "resnet32-d509ac18.th": 5, "resnet44-014dd654.th": 7,
          "resnet56-4bfd9763.th": 9}  # blocks of a stage
MEAN = np.array([0.485, 0.456, 0.406]).reshape(3, 1, 1)
DEVIATION = np.array([0.229, 0.224, 0.225]).reshape(3, 1, 1)


class Legacy(pickle.Unpickler):
    """torch.save's stream of before 1.6: tensors are (storage key, offset, shape, strides)."""
    def find_class(self, module, name):
        if name == "_rebuild_tensor":
            return lambda storage, offset, shape, strides: (storage, offset, shape, strides)
        if name == "OrderedDict":
            return dict
        return name

    def persistent_load(self, identifier):
        return identifier[2]


def load(path):
    with open(path, "rb") as file:
        for _ in range(3):
            pickle.load(file)  # magic number, protocol, system
        saved = Legacy(file).load()["state_dict"]
        storages = {}
        for key in pickle.load(file):
            count = int.from_bytes(file.read(8), "little")
            storages[key] = np.frombuffer(file.read(4 * count), "<f4")
    tensors = {}
    for name, (key, offset, shape, strides) in saved.items():
        assert strides == tuple(int(np.prod(shape[i + 1:])) for i in range(len(shape)))
        size = int(np.prod(shape))
        tensors[name.removeprefix("module.")] = \
            storages[key][offset:offset + size].reshape(shape).astype(np.float64)
    return tensors


def conv3x3(x, weight, stride):
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.einsum("bchwij,ocij->bohw", windows, weight, optimize=True)


def batch_norm(x, w, name):
    scale = w[f"{name}.weight"] / np.sqrt(w[f"{name}.running_var"] + 1e-5)
    shift = w[f"{name}.bias"] - scale * w[f"{name}.running_mean"]
    return x * scale.reshape(-1, 1, 1) + shift.reshape(-1, 1, 1)


def logits(w, blocks, x):
    x = np.maximum(batch_norm(conv3x3(x, w["conv1.weight"], 1), w, "bn1"), 0)
    for stage in (1, 2, 3):
        for block in range(blocks):
            name, stride = f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1
            y = np.maximum(batch_norm(conv3x3(x, w[f"{name}.conv1.weight"], stride), w,
                                      f"{name}.bn1"), 0)
            y = batch_norm(conv3x3(y, w[f"{name}.conv2.weight"], 1), w, f"{name}.bn2")
            if stride == 2:
                more = x.shape[1] // 2
                x = np.pad(x[:, :, ::2, ::2], ((0, 0), (more, more), (0, 0), (0, 0)))
            x = np.maximum(y + x, 0)
    return x.mean((2, 3)) @ w["linear.weight"].T + w["linear.bias"]


def drawing():
    """An image that needs no licence: a disc of colour on a slope of grey. u8 [3, 32, 32]"""
    y, x = np.mgrid[:32, :32]
    image = np.stack([4 * x + 3 * y, 4 * x + 3 * y, 4 * x + 3 * y])
    disc = (x - 18) ** 2 + (y - 14) ** 2 < 90
    for channel, value in enumerate((200, 90, 30)):
        image[channel][disc] = value
    return image.astype(np.uint8)


def main():
    folder = pathlib.Path(sys.argv[1])
    records = np.frombuffer((folder / "cifar10_test_200.bin").read_bytes(), np.uint8)
    records = records.reshape(200, 3073)
    images = np.concatenate([records[:, 1:].reshape(-1, 3, 32, 32), drawing()[None]])
    pixels = (images / 255 - MEAN) / DEVIATION
    answers = {}
    for name, blocks in MODELS.items():
        scores = logits(load(folder / name), blocks, pixels)
        correct = int((scores[:-1].argmax(1) == records[:, 0]).sum())
        print(f"{name}: {correct / 2} %", file=sys.stderr)
        answers[name] = {"blocks": blocks, "correct": correct,
                         "labels": "".join(map(str, scores[:-1].argmax(1))),
                         "logits": {str(i): [round(x, 6) for x in scores[i]]
                                    for i in (0, 1, 57, 113, 199)},
                         "drawing": [round(x, 6) for x in scores[-1]]}
    rows = [f"{json.dumps(name)}: {json.dumps(answer)}" for name, answer in answers.items()]
    print("{" + ",\n ".join(rows) + "}")


main()
