"""all-MiniLM-L6-v2 as ONNX graphs, straight from its safetensors weights: a plain one in standard
ops, as an exporter writes it, and one in ONNX Runtime's own fused ops, which is that peer's best
case. Inputs input_ids, token_type_ids, attention_mask [batch, seq]; output embedding [batch, H].
Non-goals: other models, other peers."""
import json
import pathlib
import struct

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

FUSED = "com.microsoft"


def read_weights(path):
    content = pathlib.Path(path).read_bytes()
    size, = struct.unpack("<Q", content[:8])
    data = memoryview(content)[8 + size:]
    types = {"F32": np.float32, "I64": np.int64}
    return {name: np.frombuffer(data[slice(*t["data_offsets"])], types[t["dtype"]])
            .reshape(t["shape"])
            for name, t in json.loads(content[8:8 + size]).items() if name != "__metadata__"}


class Graph:
    def __init__(self, package):
        self.config = json.loads(pathlib.Path(package, "config.json").read_text())
        self.weights = read_weights(pathlib.Path(package, "model.safetensors"))
        self.nodes, self.constants, self.count = [], {}, 0

    def op(self, kind, *inputs, domain="", outputs=1, **attributes):
        names = [f"v{self.count + i}" for i in range(outputs)]
        self.count += outputs
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names[0]

    def constant(self, array, name=None):
        name = name or f"c{len(self.constants)}"
        self.constants.setdefault(name, np.ascontiguousarray(array))
        return name

    def param(self, key):
        return self.constant(self.weights[key], key)

    def linear(self, x, key):
        product = self.op("MatMul", x, self.constant(self.weights[key + ".weight"].T, key + ".T"))
        return self.op("Add", product, self.param(key + ".bias"))

    def norm(self, x, key):
        return self.op("LayerNormalization", x, self.param(key + ".weight"),
                       self.param(key + ".bias"), axis=-1, epsilon=self.config["layer_norm_eps"])

    def skip_norm(self, x, skip, bias, key):
        return self.op("SkipLayerNormalization", x, skip, self.param(key + ".weight"),
                       self.param(key + ".bias"), self.param(bias), domain=FUSED,
                       epsilon=self.config["layer_norm_eps"])

    def embeddings(self):
        at = "embeddings."
        seq = self.op("Slice", self.op("Shape", "input_ids"), self.constant(np.array([1])),
                      self.constant(np.array([2])))
        places = self.op("Slice", self.param(at + "position_embeddings.weight"),
                         self.constant(np.array([0])), seq, self.constant(np.array([0])))
        words = self.op("Gather", self.param(at + "word_embeddings.weight"), "input_ids")
        types = self.op("Gather", self.param(at + "token_type_embeddings.weight"), "token_type_ids")
        return self.norm(self.op("Add", self.op("Add", words, types), places), at + "LayerNorm")

    def plain_layer(self, x, at, mask):
        heads = self.config["num_attention_heads"]
        width = self.config["hidden_size"] // heads
        shape = self.constant(np.array([0, 0, heads, width]))

        def split(key, perm):
            part = self.op("Reshape", self.linear(x, f"{at}.attention.self.{key}"), shape)
            return self.op("Transpose", part, perm=perm)

        scores = self.op("MatMul", split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]))
        scores = self.op("Div", scores, self.constant(np.float32(width ** 0.5)))
        weights = self.op("Softmax", self.op("Add", scores, mask), axis=-1)
        context = self.op("MatMul", weights, split("value", [0, 2, 1, 3]))
        context = self.op("Reshape", self.op("Transpose", context, perm=[0, 2, 1, 3]),
                          self.constant(np.array([0, 0, heads * width])))
        dense = self.linear(context, at + ".attention.output.dense")
        h = self.norm(self.op("Add", dense, x), at + ".attention.output.LayerNorm")
        wide = self.linear(h, at + ".intermediate.dense")
        root = self.op("Div", wide, self.constant(np.float32(2 ** 0.5)))
        bend = self.op("Add", self.op("Erf", root), self.constant(np.float32(1)))
        wide = self.op("Mul", self.op("Mul", wide, bend), self.constant(np.float32(0.5)))
        return self.norm(self.op("Add", self.linear(wide, at + ".output.dense"), h),
                         at + ".output.LayerNorm")

    def fused_layer(self, x, at, mask):
        own = f"{at}.attention.self."
        parts = ("query", "key", "value")
        weight = np.concatenate([self.weights[f"{own}{p}.weight"].T for p in parts], axis=1)
        bias = np.concatenate([self.weights[f"{own}{p}.bias"] for p in parts])
        context = self.op("Attention", x, self.constant(weight), self.constant(bias), mask,
                          domain=FUSED, num_heads=self.config["num_attention_heads"])

        def product(value, key):
            return self.op("MatMul", value, self.constant(self.weights[key + ".weight"].T))

        dense = at + ".attention.output.dense"
        h = self.skip_norm(product(context, dense), x, dense + ".bias",
                           at + ".attention.output.LayerNorm")
        wide = self.op("BiasGelu", product(h, at + ".intermediate.dense"),
                       self.param(at + ".intermediate.dense.bias"), domain=FUSED)
        return self.skip_norm(product(wide, at + ".output.dense"), h, at + ".output.dense.bias",
                              at + ".output.LayerNorm")

    def build(self, fused):
        x = self.embeddings()
        if fused:
            mask = self.op("Cast", "attention_mask", to=TensorProto.INT32)
        else:
            ones = self.op("Cast", self.op("Unsqueeze", "attention_mask",
                                           self.constant(np.array([1, 2]))), to=TensorProto.FLOAT)
            mask = self.op("Mul", self.op("Sub", self.constant(np.float32(1)), ones),
                           self.constant(np.finfo(np.float32).min))
        for i in range(self.config["num_hidden_layers"]):
            x = (self.fused_layer if fused else self.plain_layer)(x, f"encoder.layer.{i}", mask)
        counts = self.op("Unsqueeze", self.op("Cast", "attention_mask", to=TensorProto.FLOAT),
                         self.constant(np.array([2])))
        axis = self.constant(np.array([1]))
        total = self.op("ReduceSum", self.op("Mul", x, counts), axis, keepdims=0)
        mean = self.op("Div", total, self.op("ReduceSum", counts, axis, keepdims=0))
        length = self.op("ReduceL2", mean, self.constant(np.array([-1])), keepdims=1)
        self.nodes.append(helper.make_node("Div", [mean, length], ["embedding"]))


def write_model(package, path, fused):
    graph = Graph(package)
    graph.build(fused)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "seq"])
              for name in ("input_ids", "token_type_ids", "attention_mask")]
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT,
                                           ["batch", graph.config["hidden_size"]])
    constants = [numpy_helper.from_array(array, name) for name, array in graph.constants.items()]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "minilm", inputs, [output], constants),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)], ir_version=9)
    save(model, path)
