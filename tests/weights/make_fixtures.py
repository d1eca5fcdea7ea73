"""Makes the fixtures of the weight readers with the programs that people make such files with:
torch 2.13.0, h5py, numpy. Run it only to change them; the tests read what is committed.

  pip install torch==2.13.0 h5py numpy safetensors fasttext-community
  python3 make_fixtures.py                    writes fixtures/ and fixtures/expected.json
  python3 make_fixtures.py --shared SHARED    writes shared_expected.json for the real files there
"""

import argparse
import io
import json
import pathlib
import pickle
import zipfile

import fasttext
import h5py
import numpy
import safetensors.torch
import torch

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "fixtures"

TYPES = {torch.float64: "f64", torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16",
         torch.float8_e4m3fn: "f8_e4m3", torch.float8_e5m2: "f8_e5m2", torch.int64: "i64",
         torch.int32: "i32", torch.int16: "i16", torch.int8: "i8", torch.uint64: "u64",
         torch.uint32: "u32", torch.uint16: "u16", torch.uint8: "u8", torch.bool: "bool"}
NUMPY_TYPES = {"float64": "f64", "float32": "f32", "float16": "f16", "int64": "i64",
               "int32": "i32", "int16": "i16", "int8": "i8", "uint64": "u64", "uint32": "u32",
               "uint16": "u16", "uint8": "u8", "bool": "bool"}


def describe_torch(tensors):
    described = {}
    for name, tensor in tensors.items():
        flat = tensor.detach().reshape(-1)
        values = flat.double() if flat.dtype.is_floating_point else flat.to(torch.int64)
        described[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape),
                           "values": values.tolist()}
    return described


def describe_numpy(arrays):
    described = {}
    for name, array in arrays.items():
        array = numpy.asarray(array)
        if array.dtype.kind in "SUO":
            described[name] = {"dtype": "text", "shape": list(array.shape)}
            continue
        values = array.astype(float if array.dtype.kind == "f" else int).reshape(-1)
        described[name] = {"dtype": NUMPY_TYPES[array.dtype.newbyteorder("=").name],
                           "shape": list(array.shape), "values": values.tolist()}
    return described


def ramp(*shape, dtype=torch.float32, step=0.25, start=-1.0):
    count = int(numpy.prod(shape))
    return (start + step * torch.arange(count, dtype=torch.float64)).reshape(shape).to(dtype)


def all_types():
    tensors = {f"t.{name}": ramp(2, 3, dtype=dtype) for dtype, name in TYPES.items()
               if dtype.is_floating_point}
    for dtype, name in TYPES.items():
        if not dtype.is_floating_point:
            tensors[f"t.{name}"] = torch.tensor([[0, 1, 2], [3, 100, 127]]).to(dtype)
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


def views():
    """A state dict with every kind of view of a storage."""
    whole = ramp(4, 6)
    tied = ramp(3, 2, start=7.0)
    return {"module.part": whole[1:3, 2:5], "module.turned": whole.t(),
            "module.every_other": ramp(10)[::2], "module.same": tied, "module.tied": tied,
            "module.spread": torch.tensor([1.5]).expand(3),
            "module.norm.gamma": ramp(3, dtype=torch.float16),
            "module.norm.beta": ramp(3, dtype=torch.bfloat16),
            "module.norm.num_batches_tracked": torch.tensor(17)}


class Net(torch.nn.Module):
    """Saved whole, as people should not but do."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(2, 3)
        self.rest = torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1))
        self.note = "anything"


def write_torch(expected):
    state = views()
    checkpoint = {"epoch": 3, "best_prec1": numpy.float64(0.5), "state_dict": state,
                  "optimizer": {"state": {0: {"exp_avg": torch.zeros(2)}}}}
    for name, is_zip in (("torch_zip.pt", True), ("torch_legacy.pt", False)):
        torch.save(checkpoint, FOLDER / name, _use_new_zipfile_serialization=is_zip)
        expected[name] = {"tensors": describe_torch(state), "same": {"module.tied": "module.same"},
                          "notes": ["these are the tensors under 'state_dict' of the file"]}
    torch.save(all_types(), FOLDER / "torch_types.pt")
    expected["torch_types.pt"] = {"tensors": describe_torch(all_types())}
    torch.manual_seed(1)
    net = Net()
    torch.save(net, FOLDER / "torch_module.pt")
    expected["torch_module.pt"] = {"tensors": describe_torch(net.state_dict())}
    torch.save({"w": ramp(2)}, FOLDER / "torch_protocol4.pt", pickle_protocol=4)
    expected["torch_protocol4.pt"] = {"tensors": describe_torch({"w": ramp(2)})}
    torch.serialization.set_crc32_options(False)
    torch.save({"w": ramp(2)}, FOLDER / "torch_no_checksums.pt")
    torch.serialization.set_crc32_options(True)
    expected["torch_no_checksums.pt"] = {"tensors": describe_torch({"w": ramp(2)})}
    mixed = {"w": ramp(2), "odd": torch.sparse_coo_tensor([[0], [1]], [1.0], (2, 2))}
    torch.save(mixed, FOLDER / "torch_sparse.pt")
    expected["torch_sparse.pt"] = {
        "tensors": describe_torch({"w": ramp(2)}),
        "notes": ["left out 'odd': Sinter does not read what torch._utils._rebuild_sparse_tensor "
                  "makes"]}


def write_safetensors(expected):
    safetensors.torch.save_file(all_types(), FOLDER / "plain.safetensors", {"made": "by a test"})
    expected["plain.safetensors"] = {"tensors": describe_torch(all_types())}
    folder = FOLDER / "sharded"
    folder.mkdir(exist_ok=True)
    shards = {"model-1.safetensors": {"a.weight": ramp(2, 2)},
              "model-2.safetensors": {"b.weight": ramp(3), "b.bias": ramp(1, start=4.0)}}
    for name, tensors in shards.items():
        safetensors.torch.save_file(tensors, folder / name)
    places = {key: name for name, tensors in shards.items() for key in tensors}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    merged = shards["model-1.safetensors"] | shards["model-2.safetensors"]
    expected["sharded"] = {"tensors": describe_torch(merged)}


def write_numpy(expected):
    arrays = {"rows": numpy.arange(6, dtype="<f4").reshape(2, 3),
              "columns": numpy.asfortranarray(numpy.arange(24, dtype="<i4").reshape(2, 3, 4)),
              "big": numpy.arange(4, dtype=">f8").reshape(2, 2) / 8,
              "half": numpy.arange(3, dtype="<f2"), "flags": numpy.array([True, False]),
              "scalar": numpy.float32(1.5), "words": numpy.array(["one", "three"])}
    with_object = arrays | {"object": numpy.array([{}], dtype=object)}
    note = "left out 'object': Sinter does not read arrays of numpy's type |O"
    for name, save in (("stored.npz", numpy.savez), ("deflated.npz", numpy.savez_compressed)):
        save(FOLDER / name, **with_object)
        expected[name] = {"tensors": describe_numpy(arrays), "notes": [note]}
    limit, zipfile.ZIP64_LIMIT = zipfile.ZIP64_LIMIT, 0  # as if every size were above 4 GiB
    numpy.savez(FOLDER / "zip64.npz", rows=arrays["rows"])
    zipfile.ZIP64_LIMIT = limit
    expected["zip64.npz"] = {"tensors": describe_numpy({"rows": arrays["rows"]})}
    for name in ("columns", "big"):
        numpy.save(FOLDER / f"{name}.npy", arrays[name])
        expected[f"{name}.npy"] = {"tensors": describe_numpy({"array": arrays[name]})}


def write_keras(expected):
    """The layout of Keras 2's save_weights, and a model's, made with h5py alone."""
    kernel = numpy.arange(6, dtype="f4").reshape(2, 3) / 4
    bias = numpy.arange(3, dtype="f4")

    def layers(group):
        group.attrs["layer_names"] = [b"dense", b"flatten"]
        group.create_group("flatten").attrs["weight_names"] = []
        dense = group.create_group("dense")
        dense.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        dense["dense/kernel:0"] = kernel
        dense["dense/bias:0"] = bias

    tensors = describe_numpy({"dense/bias:0": bias, "dense/kernel:0": kernel})
    with h5py.File(FOLDER / "keras_weights.h5", "w") as file:
        layers(file)
    expected["keras_weights.h5"] = {"tensors": tensors}
    with h5py.File(FOLDER / "keras_model.h5", "w") as file:
        layers(file.create_group("model_weights"))
        file["optimizer_weights/step"] = 3
    expected["keras_model.h5"] = {
        "tensors": tensors, "notes": ["these are the tensors under 'model_weights' of the file"]}
    inner = io.BytesIO()
    with h5py.File(inner, "w", libver=("earliest", "v108")) as file:
        file["layers/dense/vars/0"] = kernel
    with zipfile.ZipFile(FOLDER / "whole.keras", "w") as archive:
        archive.writestr(zipfile.ZipInfo("config.json"), "{}")
        archive.writestr(zipfile.ZipInfo("model.weights.h5"), inner.getvalue(),
                         zipfile.ZIP_DEFLATED)
    expected["whole.keras"] = {"tensors": describe_numpy({"layers/dense/vars/0": kernel})}


def write_hdf5(expected):
    arrays = {"big": numpy.arange(4, dtype=">f4"), "flags": numpy.array([True, False]),
              "half": numpy.arange(3, dtype="f2"), "packed": numpy.arange(64, dtype="i4"),
              "scalar": numpy.float64(2.5), "text": numpy.array([b"one", b"two"])}
    with h5py.File(FOLDER / "types.h5", "w") as file:
        for name, array in arrays.items():
            packing = {"chunks": (16,), "compression": "gzip", "shuffle": True}
            file.create_dataset(name, data=array, **(packing if name == "packed" else {}))
        file["pair"] = numpy.zeros(1, dtype=[("a", "f4"), ("b", "i4")])
    expected["types.h5"] = {
        "tensors": describe_numpy(arrays),
        "notes": ["left out 'pair': its type is not one that Sinter reads"]}


def write_vectors(expected):
    words = ["the", "cat", "naïve", "."]
    table = (numpy.arange(12, dtype="<f4").reshape(4, 3) - 5) / 4
    described = {"tensors": describe_numpy({"vectors": table}), "vocabulary": words}
    for name, end in (("word2vec.bin", b"\n"), ("word2vec_gensim.bin", b"")):
        rows = b"".join(w.encode() + b" " + r.tobytes() + end for w, r in zip(words, table))
        (FOLDER / name).write_bytes(b"4 3\n" + rows)
        expected[name] = described
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in zip(words, table)]
    (FOLDER / "word2vec.txt").write_text("4 3\n" + " \n".join(lines) + " \n")
    expected["word2vec.txt"] = described
    spaced = [". .", "at 1", "cat"]
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in zip(spaced, table)]
    (FOLDER / "glove.txt").write_text("cat\t1e-50\t-2.5e0\t3\n" + "\n".join(lines))
    numbers = numpy.vstack([[0.0, -2.5, 3.0], table[:3]]).astype("f4")
    expected["glove.txt"] = {"tensors": describe_numpy({"vectors": numbers}),
                             "vocabulary": ["cat", *spaced]}


def write_fasttext(expected):
    """Small models of a small text. Rows of 3 in parts of 2: the last part is narrower."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [a + b + "é" * (a == b) for a in letters for b in letters[:12]]
    lines = [f"__label__{'xyz'[i % 3]} {w} {words[i * 7 % len(words)]} the end"
             for i, w in enumerate(words)]
    text = FOLDER / "text"
    text.write_text("\n".join(lines) + "\n")
    common = {"input": str(text), "dim": 3, "bucket": 40, "thread": 1, "verbose": 0, "epoch": 2}

    def save(name, model, rows, output):
        model.save_model(str(FOLDER / name))
        input_ = numpy.array([model.get_input_vector(i) for i in range(rows)])
        expected[name] = {"tensors": describe_numpy({"input": input_, "output": output}),
                          "vocabulary": model.words}

    model = fasttext.train_unsupervised(model="skipgram", minCount=4, **common)
    save("skipgram.bin", model, len(model.words) + 40, model.get_output_matrix())
    options = common | {"minCount": 1, "minn": 2, "maxn": 3, "wordNgrams": 2}
    model = fasttext.train_supervised(loss="hs", **options)
    save("supervised.bin", model, len(model.words) + 40, model.get_output_matrix())
    model = fasttext.train_supervised(loss="softmax", **options)
    output = model.get_output_matrix()  # quantising leaves it alone
    model.quantize(input=str(text), qnorm=True, cutoff=280, retrain=False)
    save("supervised.ftz", model, 280, output)
    text.unlink()


class Evil:
    def __reduce__(self):
        import os
        return os.system, ("touch executed",)


def write_evil():
    """Files that would run a command if anything of them ran. Not in expected.json."""
    torch.save({"w": ramp(2), "x": Evil()}, FOLDER / "evil.pt")
    (FOLDER / "evil.pkl").write_bytes(pickle.dumps(Evil(), protocol=2))


def signature(values):
    """Depends on order: sum of x[i] * (i % 13 + 1)."""
    flat = numpy.asarray(values, dtype=numpy.float64).reshape(-1)
    return float((flat * (numpy.arange(flat.size) % 13 + 1)).sum())


def read_shared(path):
    if path.suffix in (".hdf5", ".h5"):
        arrays = {}
        with h5py.File(path) as file:
            file.visititems(lambda name, item: arrays.update({name: item[()]})
                            if isinstance(item, h5py.Dataset) else None)
        return arrays
    data = torch.load(path, map_location="cpu", weights_only=False)
    return {name: tensor.numpy() for name, tensor in data.get("state_dict", data).items()}


SHARED = ["cifar10-resnet/resnet20-12fca82f.th", "cifar10-resnet/resnet56-4bfd9763.th",
          "bert-xsmall-dummy/pytorch_model.bin", "elmo-tiny/allennlp-tagger-with-elmo/best.th",
          "elmo-tiny/bilm-model/lm_weights.hdf5", "elmo-tiny/allennlp/lm_embeddings_0.hdf5",
          "esim-tiny/serialization/best.th"]


def write_shared(shared):
    expected = {}
    for name in SHARED:
        arrays = read_shared(pathlib.Path(shared) / "data" / name)
        expected[name] = {key: [list(array.shape), signature(array)]
                          for key, array in arrays.items()}
    (HERE / "shared_expected.json").write_text(json.dumps(expected, indent=0) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared")
    options = parser.parse_args()
    if options.shared:
        return write_shared(options.shared)
    FOLDER.mkdir(exist_ok=True)
    expected = {}
    for write in (write_torch, write_safetensors, write_numpy, write_keras, write_hdf5,
                  write_vectors, write_fasttext):
        write(expected)
    write_evil()
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=0) + "\n")


if __name__ == "__main__":
    main()
