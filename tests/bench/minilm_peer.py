"""One answer of ONNX Runtime in a process of its own, as a person would write it: what
`minilm.py` measures from the start of the process to its end.
usage: minilm_peer.py MODEL.onnx TOKENIZER.json < line"""
import os
import sys

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
tokenizer = Tokenizer.from_file(sys.argv[2])
tokenizer.no_padding()
ids = np.array([tokenizer.encode(sys.stdin.readline().rstrip("\n")).ids])
feed = {"input_ids": ids, "token_type_ids": ids * 0, "attention_mask": ids * 0 + 1}
print(*session.run(None, feed)[0][0], sep="\t", flush=True)
os._exit(0)  # the answer is out: do not count Python's tidying up
