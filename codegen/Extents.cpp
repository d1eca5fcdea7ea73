// Walks dimension expressions; see Extents.h.
#include "codegen/Extents.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace sinter {

Extents::Extents(EntryOp entry) {
  // All symbols come first: those that stand alone as an extent of an input.
  for (BlockArgument argument : entry.getBody().getArguments()) {
    TensorType type = getTensorType(argument);
    for (unsigned axis = 0; axis < type.getRank(); ++axis) {
      rules::Dim dim = 0;
      Text why;
      dim = dims.parse(std::string_view(type.getDimText(axis)), why);
      if (rules::is_constant(dim)) continue;
      for (std::size_t i = 0; i < dims.atom_count(); ++i) {
        if (dims.atom(i).kind != rules::Atom::symbol) continue;
        StringRef name = StringRef(dims.atom(i).text.view());
        bool isRagged = name.consume_back("~");
        if (!symbols.contains(name)) symbols[name] = expressions.symbol(name.str());
        if (isRagged && axis > 0 &&
            llvm::none_of(ragged, [&](const Ragged& r) { return r.symbol == name; }))
          ragged.push_back({name.str(), type.getDimText(axis - 1).str(), true});
      }
    }
  }
  threads = expressions.symbol("threads");
  // A `ragged` op names a symbol that no input has; its extent is that of the dense axis.
  entry->walk([&](RaggedOp op) {
    TensorType type = getTensorType(op.getResult());
    StringRef name = type.getDimText(1);
    if (!name.consume_back("~")) return;
    if (!symbols.contains(name))
      symbols[name] = expression(getTensorType(op.getInput()).getDimText(1));
    ragged.push_back({name.str(), type.getDimText(0).str(), false});
  });
}

int32_t Extents::atom(const rules::Atom& a) {
  if (a.kind == rules::Atom::symbol) {
    StringRef name(a.text.view());
    name.consume_back("~");
    auto found = symbols.find(name);
    return found == symbols.end() ? expressions.constant(0) : found->second;
  }
  SinterOpcode op = a.kind == rules::Atom::floordiv ? SINTER_FLOORDIV
                    : a.kind == rules::Atom::min    ? SINTER_MIN
                                                    : SINTER_MAX;
  int32_t left = sum(a.left), right = sum(a.right);
  return expressions.binary(op, left, right);
}

int32_t Extents::sum(rules::Dim dim) {
  int32_t total = expressions.constant(0);
  rules::Sum terms = dims.sum_of(dim);
  for (const rules::Term& term : terms) {
    int32_t product = expressions.constant(term.coefficient);
    for (int i = 0; i < term.count; ++i)
      product = expressions.binary(SINTER_MUL, product, atom(dims.atom(term.factors[i])));
    total = expressions.binary(SINTER_ADD, total, product);
  }
  return total;
}

int32_t Extents::expression(StringRef dim) {
  Text why;
  const rules::Dim parsed = dims.parse(std::string_view(dim), why);
  rules::Sum terms = dims.sum_of(parsed);
  bool mayBeNegative = llvm::any_of(terms, [](const rules::Term& t) { return t.coefficient < 0; });
  int32_t extent = sum(parsed);
  return mayBeNegative ? expressions.binary(SINTER_MAX, extent, expressions.constant(0)) : extent;
}

int32_t Extents::signedExpression(StringRef text) {
  Text why;
  return sum(dims.parse(std::string_view(text), why));
}

int32_t Extents::product(TensorType type) {
  int32_t total = expressions.constant(1);
  for (unsigned axis = 0; axis < type.getRank(); ++axis)
    total = expressions.binary(SINTER_MUL, total, expression(type.getDimText(axis)));
  return total;
}

int64_t Extents::timesOwner(StringRef dim, int index) {
  Text why;
  const rules::Dim rows = dims.parse(std::string_view(ragged[index].owner), why);
  if (rules::is_constant(rows)) return 0;
  bool isExact = false;
  const rules::Dim times = dims.divide(dims.parse(std::string_view(dim), why), rows, isExact);
  return isExact && rules::is_constant(times) && times > 0 ? times : 0;
}

int Extents::raggedIndex(StringRef dim) {
  size_t tilde = dim.find('~');
  if (tilde == StringRef::npos) return -1;
  size_t begin = tilde;
  while (begin > 0 && (llvm::isAlnum(dim[begin - 1]) || dim[begin - 1] == '_')) --begin;
  StringRef name = dim.slice(begin, tilde);
  for (size_t i = 0; i < ragged.size(); ++i)
    if (ragged[i].symbol == name) return static_cast<int>(i);
  return -1;
}

Value Extents::sumOfRow(OpBuilder& b, Location loc, rules::Dim dim, Value length) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value total = constant(0);
  rules::Sum terms = dims.sum_of(dim);
  for (const rules::Term& term : terms) {
    Value product = constant(term.coefficient);
    for (int i = 0; i < term.count; ++i) {
      const rules::Atom factor = dims.atom(term.factors[i]);
      Value value;
      if (factor.kind == rules::Atom::symbol) {
        value = length;
      } else {
        Value left = sumOfRow(b, loc, factor.left, length);
        Value right = sumOfRow(b, loc, factor.right, length);
        if (factor.kind == rules::Atom::floordiv)
          value = arith::FloorDivSIOp::create(b, loc, left, right);
        else if (factor.kind == rules::Atom::min)
          value = arith::MinSIOp::create(b, loc, left, right);
        else
          value = arith::MaxSIOp::create(b, loc, left, right);
      }
      product = b.createOrFold<arith::MulIOp>(loc, product, value);
    }
    total = b.createOrFold<arith::AddIOp>(loc, total, product);
  }
  return total;
}

Value Extents::ofRow(OpBuilder& b, Location loc, StringRef dim, Value length) {
  Text why;
  Value extent = sumOfRow(b, loc, dims.parse(std::string_view(dim), why), length);
  // A row that is shorter than a window has nothing.
  return arith::MaxSIOp::create(b, loc, extent, arith::ConstantIndexOp::create(b, loc, 0));
}

}  // namespace sinter
