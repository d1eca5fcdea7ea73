#!/usr/bin/env python3
"""Programs with published weights against PyTorch itself, which loads the same files: the CIFAR-10
ResNets on the data set's images, ESIM on SNLI's sentences. The tests beside this file compare with
plain programs and need no package; this one ends with 77 (skipped) where there is no torch.
usage: with_torch.py SINTER ROOT SHARED. Non-goals: speed; PyTorch's own file formats."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

try:
    import torch
except ModuleNotFoundError:
    print("skipped: there is no torch; pip install torch==2.13.0")
    sys.exit(77)
import torch.nn.functional as F

SINTER, ROOT, SHARED = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
CIFAR, SNLI = SHARED / "data/cifar10-resnet", SHARED / "data/esim-tiny/snli.jsonl"
PLACE = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(PLACE.name)


def build(file, model, weights, *options):
    program = FOLDER / weights.name
    subprocess.run([SINTER, "build", ROOT / "models" / file, "--model", model, "--weights", weights,
                    *options, "-o", program], check=True)
    return program


def run(program, lines, *options):
    done = subprocess.run([program, "--json", *options], input="".join(line + "\n" for line in lines),
                          capture_output=True, text=True, check=True)
    return [json.loads(row) for row in done.stdout.splitlines()]


def resnet(w, blocks, x):
    """x [B, 3, 32, 32] -> logits [B, 10]; shortcuts take every second pixel and pad channels."""
    def norm(y, name):
        return F.batch_norm(y, w[f"{name}.running_mean"], w[f"{name}.running_var"],
                            w[f"{name}.weight"], w[f"{name}.bias"])

    x = F.relu(norm(F.conv2d(x, w["conv1.weight"], padding=1), "bn1"))
    for stage in (1, 2, 3):
        for block in range(blocks):
            name, stride = f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1
            y = F.relu(norm(F.conv2d(x, w[f"{name}.conv1.weight"], stride=stride, padding=1),
                            f"{name}.bn1"))
            y = norm(F.conv2d(y, w[f"{name}.conv2.weight"], padding=1), f"{name}.bn2")
            if stride == 2:
                more = x.shape[1] // 2
                x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, more, more))
            x = F.relu(y + x)
    return F.linear(x.mean((2, 3)), w["linear.weight"], w["linear.bias"])


class Esim(torch.nn.Module):
    """AllenNLP's, of modules that hold its weights under its names."""

    def __init__(self, w):
        super().__init__()
        def encoder(name, size):
            module = torch.nn.LSTM(size, 25, bidirectional=True, batch_first=True)
            prefix = f"{name}._module."
            module.load_state_dict({key.removeprefix(prefix): value for key, value in w.items()
                                    if key.startswith(prefix)})
            return module

        self.w = w
        self.encoder = encoder("_encoder", 10)
        self.composition = encoder("_inference_encoder", 25)

    def linear(self, name, x):
        return F.linear(x, self.w[f"{name}.weight"].to(x.dtype), self.w[f"{name}.bias"].to(x.dtype))

    def forward(self, premise, hypothesis):
        """Ids [P], [Q] -> probabilities [3]"""
        table = "_text_field_embedder.token_embedder_tokens"
        dtype = self.encoder.weight_ih_l0.dtype
        p, q = (self.encoder(self.linear(f"{table}._projection",
                                         self.w[f"{table}.weight"].to(dtype)[ids])[None])[0][0]
                for ids in (premise, hypothesis))
        similarity, pooled = p @ q.T, []
        for own, other, scores in ((p, q, similarity), (q, p, similarity.T)):
            aligned = scores.softmax(-1) @ other
            x = torch.cat([own, aligned, own - aligned, own * aligned], -1)
            x = F.relu(self.linear("_projection_feedforward._linear_layers.0", x))
            x = self.composition(x[None])[0][0]
            pooled += [x.mean(0), x.max(0).values]
        h = F.relu(self.linear("_output_feedforward._linear_layers.0", torch.cat(pooled)))
        return self.linear("_output_logit._linear_layers.0", h).softmax(-1)


class WithTorch(unittest.TestCase):
    def compare(self, name, got, exact, rounded, tolerance):
        """Sinter's numbers and torch's in f32, each against torch's in f64."""
        got = torch.tensor(got, dtype=torch.float64)
        own, torchs = ((x - exact).abs().max().item() for x in (got, rounded))
        print(f"{name}: {exact.numel()} numbers, largest difference {own:.1e}, torch's in f32 {torchs:.1e}")
        self.assertEqual(got.shape, exact.shape)
        self.assertLess(own, tolerance)

    def test_cifar(self):
        records = torch.frombuffer(bytearray((CIFAR / "cifar10_test_200.bin").read_bytes()),
                                   dtype=torch.uint8).reshape(200, 3073)
        pixels = records[:, 1:].reshape(200, 3, 32, 32)
        names = []
        for i, image in enumerate(pixels.permute(0, 2, 3, 1)):
            names.append(str(FOLDER / f"{i}.ppm"))
            pathlib.Path(names[-1]).write_bytes(b"P6\n32 32\n255\n" + bytes(image.flatten().tolist()))
        mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).reshape(3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).reshape(3, 1, 1)
        x = (pixels.double() / 255 - mean) / deviation
        for path in sorted(CIFAR.glob("*.th")):
            w = torch.load(path, map_location="cpu")["state_dict"]
            w = {key.removeprefix("module."): value for key, value in w.items()}
            blocks = sum(key.startswith("layer1.") and key.endswith("conv1.weight") for key in w)
            program = build("resnet.cpp", "cifar_resnet", path, "-D", f"blocks={blocks}")
            got = [row["logits"] for row in run(program, names, "--output", "logits")]
            exact = resnet({key: value.double() for key, value in w.items()}, blocks, x)
            self.compare(path.name, got, exact, resnet(w, blocks, x.float()), 2e-5)
            correct = (torch.tensor(got).argmax(1) == records[:, 0]).double().mean().item()
            self.assertEqual(correct, {3: 0.9, 5: 0.94, 7: 0.885, 9: 0.91}[blocks])

    def test_esim(self):
        data = ROOT / "models/data/esim-tiny"
        pairs = [json.loads(line) for line in SNLI.read_text().splitlines()]
        pairs = [(pair["sentence1"], pair["sentence2"]) for pair in pairs]
        pairs += [(a, d) for a, _ in pairs for _, d in pairs]  # more of the vocabulary's words meet
        words = ["", *(data / "tokens.txt").read_text().splitlines()]

        def ids(text):
            found = re.findall(r"\w+|[^\w\s]", text.lower())
            return torch.tensor([words.index(word if word in words else "@@UNKNOWN@@")
                                 for word in found])

        program = build("esim.cpp", "allen_esim", data / "best.th", "--asset",
                        f"vocabulary={data}/tokens.txt", "--asset", f"labels={data}/labels.txt")
        got = [row["probs"] for row in run(program, ["\t".join(pair) for pair in pairs],
                                           "--output", "probs")]
        w = torch.load(data / "best.th", map_location="cpu")
        rounded, exact = (torch.stack([Esim(w).to(dtype)(ids(a), ids(b)) for a, b in pairs])
                          for dtype in (torch.float32, torch.float64))
        self.compare("esim", got, exact, rounded, 2e-6)


if not CIFAR.is_dir():
    print(f"skipped: there is no {CIFAR}")
    sys.exit(77)
torch.set_grad_enabled(False)
unittest.main(argv=sys.argv[:1])
