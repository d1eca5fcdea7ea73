// The operations that a reference case may name, one row for each: those of kind "op" and "loss" by
// the goldens' mnemonics, those of kind "onnx" by ONNX's names, attributes and order of operands.
// Adding one: its row in the table of its family. Non-goals: writing the struct (OpWriter.h).
#pragma once

#include "compiler/tools/golden/OpWriter.h"

namespace sinter::golden {

const OpTable& operations();
// An element-wise operation of one or two operands, which needs no row of its own.
std::string elementwise(const std::string& op, const Texts& operands);

const OpTable& losses();

const OpTable& onnxOperations();
// Of these: RNN, GRU and LSTM (OnnxRecurrent.cpp).
Texts onnxRnn(OpWriter& w);
Texts onnxGru(OpWriter& w);
Texts onnxLstm(OpWriter& w);

}  // namespace sinter::golden
