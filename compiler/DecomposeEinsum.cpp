// Writes every einsum as sums, rearranges and products of one canonical form each.
// Non-goals: choosing the cheapest order of three operands (they are contracted from the left).
#include "compiler/Passes.h"

using namespace mlir;

namespace sinter {

#define GEN_PASS_DEF_DECOMPOSEEINSUM
#include "compiler/Passes.h.inc"

namespace {

/// A value and the letter of each of its axes.
struct Term {
  Value value;
  std::string letters;
};

/// Axes in order; an axis holds the letters merged in it, none for a unit axis.
using Layout = SmallVector<std::string>;

bool contains(StringRef letters, char letter) { return letters.contains(letter); }

template <typename Predicate>
std::string filter(StringRef letters, Predicate keep) {
  std::string kept;
  for (char letter : letters)
    if (keep(letter)) kept += letter;
  return kept;
}

/// One axis per letter.
Layout spread(StringRef letters) {
  Layout layout;
  for (char letter : letters) layout.push_back(std::string(1, letter));
  return layout;
}

std::string printPattern(const Layout &layout) {
  std::string text;
  for (const std::string &axis : layout)
    text += axis.empty() ? "1" : axis.size() == 1 ? axis : "(" + axis + ")";
  return text;
}

/// Values known when the model is built: they become packed weights.
bool isWeight(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto rearrange = dyn_cast_or_null<RearrangeOp>(op)) return isWeight(rearrange.getInput());
  return isa_and_nonnull<ParamOp, ConstantOp>(op);
}

class Decomposer {
 public:
  explicit Decomposer(EinsumOp op)
      : op(op), builder(op), loc(op.getLoc()), dType(op.getType().getDType()) {}

  void run();

 private:
  void readEquation();
  Term takeDiagonal(Term term);
  Term sumOut(Term term, StringRef keep);
  Term contract(Term a, Term b, StringRef keep, StringRef order);
  Term multiply(const Term &a, const Term &b, StringRef order, StringRef summed);
  Value relayout(Value value, const Layout &from, const Layout &to);
  Value arrange(const Term &term, const Layout &to) {
    return relayout(term.value, spread(term.letters), to);
  }
  Value dropUnits(Value value, const llvm::SmallBitVector &drop);
  TensorType makeType(const Layout &layout, DType elements);
  bool canMerge(StringRef letters) const;

  EinsumOp op;
  OpBuilder builder;
  Location loc;
  DType dType;
  llvm::SmallDenseMap<char, StringAttr> dims;
  SmallVector<Term> terms;
  std::string output;
};

//===-- The equation -------------------------------------------------------------------------===//

/// Eight letters that the equation lacks, for the axes of an ellipsis.
std::string freeLetters(StringRef equation) {
  std::string all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return filter(all, [&](char c) { return !contains(equation, c); }).substr(0, 8);
}

/// Fills terms, output and dims; "..." becomes letters, and its unit axes are dropped where another
/// operand is larger.
void Decomposer::readEquation() {
  auto [left, right] = op.getEquation().split("->");
  SmallVector<StringRef> texts;
  left.split(texts, ',');
  std::string pool = freeLetters(op.getEquation());
  auto ellipsis = [&](int64_t width) { return StringRef(pool).take_back(width).str(); };
  int64_t widest = 0;
  for (auto [text, operand] : llvm::zip(texts, op.getOperands())) {
    std::string letters = text.str();
    if (size_t dots = letters.find("..."); dots != std::string::npos) {
      int64_t width = getTensorType(operand).getRank() - (letters.size() - 3);
      letters.replace(dots, 3, ellipsis(width));
      widest = std::max(widest, width);
    }
    terms.push_back({operand, letters});
  }
  output = right.str();
  if (size_t dots = output.find("..."); dots != std::string::npos)
    output.replace(dots, 3, ellipsis(widest));

  for (const Term &term : terms)
    for (auto [letter, dim] : llvm::zip(term.letters, getTensorType(term.value).getDims()))
      if (StringAttr &known = dims[letter]; !known || known.getValue() == "1") known = dim;
  for (Term &term : terms) {
    TensorType type = getTensorType(term.value);
    llvm::SmallBitVector drop(type.getRank());
    for (auto [axis, letter] : llvm::enumerate(term.letters))
      drop[axis] = type.getDims()[axis] != dims[letter];
    term.value = dropUnits(term.value, drop);
    std::string kept;
    for (auto [axis, letter] : llvm::enumerate(term.letters))
      if (!drop[axis]) kept += letter;
    term.letters = kept;
  }
}

//===-- Steps --------------------------------------------------------------------------------===//

TensorType Decomposer::makeType(const Layout &layout, DType elements) {
  SmallVector<StringAttr> sizes;
  for (const std::string &axis : layout) {
    SmallVector<StringAttr> factors;
    for (char letter : axis) factors.push_back(dims.lookup(letter));
    sizes.push_back(multiplyDims(op.getContext(), factors));
  }
  return TensorType::get(op.getContext(), sizes, elements);
}

/// One axis may hold several letters when none is ragged and at most one is symbolic.
bool Decomposer::canMerge(StringRef letters) const {
  auto isSymbolic = [&](char letter) {
    int64_t size;
    return dims.lookup(letter).getValue().getAsInteger(10, size);
  };
  auto isRagged = [&](char letter) { return dims.lookup(letter).getValue().contains('~'); };
  return letters.size() < 2 ||
         (llvm::count_if(letters, isSymbolic) < 2 && llvm::none_of(letters, isRagged));
}

Value Decomposer::relayout(Value value, const Layout &from, const Layout &to) {
  if (from == to) return value;
  NamedAttrList sizes;  // of the letters that the input has merged
  for (const std::string &axis : from)
    for (char letter : axis)
      if (int64_t size; axis.size() > 1 && !dims[letter].getValue().getAsInteger(10, size))
        sizes.set(StringRef(&letter, 1), builder.getI64IntegerAttr(size));
  std::string pattern = printPattern(from) + "->" + printPattern(to);
  return RearrangeOp::create(builder, loc, makeType(to, getTensorType(value).getDType()), value,
                             builder.getStringAttr(pattern),
                             sizes.getDictionary(op.getContext()));
}

Value Decomposer::dropUnits(Value value, const llvm::SmallBitVector &drop) {
  if (drop.none()) return value;
  TensorType type = getTensorType(value);
  std::string from, to;
  SmallVector<StringAttr> kept;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    char letter = static_cast<char>('a' + axis);
    from += drop[axis] ? '1' : letter;
    if (drop[axis]) continue;
    to += letter;
    kept.push_back(type.getDims()[axis]);
  }
  return RearrangeOp::create(builder, loc, type.withDims(kept), value,
                             builder.getStringAttr(from + "->" + to),
                             builder.getDictionaryAttr({}));
}

/// A letter that stands for two axes: the elements where both indices are equal.
Term Decomposer::takeDiagonal(Term term) {
  for (size_t first = 0; first < term.letters.size(); ++first) {
    size_t second = term.letters.find(term.letters[first], first + 1);
    if (second == std::string::npos) continue;
    TensorType type = getTensorType(term.value);
    SmallVector<StringAttr> sizes(type.getDims());
    sizes[second] = builder.getStringAttr("1");
    TensorType line = type.withDims(sizes);
    auto index = IotaOp::create(builder, loc, line.withDType(DType::i64), first);
    Value chosen = GatherAlongOp::create(builder, loc, line, term.value, index, second);
    llvm::SmallBitVector drop(type.getRank());
    drop.set(second);
    term.value = dropUnits(chosen, drop);
    term.letters.erase(second, 1);
    --first;  // the letter may occur once more
  }
  return term;
}

Term Decomposer::sumOut(Term term, StringRef keep) {
  SmallVector<int64_t> axes;
  for (auto [axis, letter] : llvm::enumerate(term.letters))
    if (!contains(keep, letter)) axes.push_back(axis);
  if (axes.empty()) return term;
  std::string kept = filter(term.letters, [&](char c) { return contains(keep, c); });
  TensorType type = makeType(spread(kept), getTensorType(term.value).getDType());
  Value sum = SumOp::create(builder, loc, type, term.value, builder.getDenseI64ArrayAttr(axes),
                            builder.getBoolAttr(false));
  return {sum, kept};
}

/// Element by element over `order` and `summed`, then the sum over the latter.
Term Decomposer::multiply(const Term &a, const Term &b, StringRef order, StringRef summed) {
  std::string all = (order + summed).str();
  auto align = [&](const Term &term) {
    Layout layout;
    for (char letter : all)
      layout.push_back(contains(term.letters, letter) ? std::string(1, letter) : "");
    return arrange(term, layout);
  };
  Value x = align(a), y = align(b);
  Value product = MulOp::create(builder, loc, makeType(spread(all), dType), x, y);
  return sumOut({product, all}, order);
}

/// `order` lists the letters of the result; the others in `keep` do not occur.
Term Decomposer::contract(Term a, Term b, StringRef keep, StringRef order) {
  a = sumOut(a, (keep + b.letters).str());
  b = sumOut(b, (keep + a.letters).str());
  auto isShared = [&](char c) { return contains(a.letters, c) && contains(b.letters, c); };
  std::string summed =
      filter(a.letters, [&](char c) { return isShared(c) && !contains(keep, c); });
  std::string batch = filter(order, isShared);
  auto onlyIn = [&](const Term &term) {
    return filter(order, [&](char c) { return contains(term.letters, c) && !isShared(c); });
  };
  std::string rows = onlyIn(a), columns = onlyIn(b);
  bool swapForOrder = !rows.empty() && !columns.empty() &&
                      order.find(columns[0]) < order.find(rows[0]);
  if (batch.empty() && isWeight(a.value) != isWeight(b.value) ? isWeight(a.value) : swapForOrder) {
    std::swap(a, b);
    std::swap(rows, columns);
  }
  bool isLinear = batch.empty() && isWeight(b.value) && !isWeight(a.value);
  bool isProduct = isFloat(dType) && !summed.empty() && !(rows.empty() && columns.empty()) && canMerge(summed) &&
                   canMerge(columns) && (isLinear || canMerge(rows));
  if (!isProduct) return multiply(a, b, order, summed);

  Layout lead = spread(batch);  // of both operands, and of the result
  Layout left = lead, right = lead;
  if (isLinear)
    llvm::append_range(left, spread(rows));
  else
    left.push_back(rows);
  Layout result = left;
  right.push_back(columns);
  result.push_back(columns);
  left.push_back(summed);
  right.push_back(summed);
  Value x = arrange(a, left), w = arrange(b, right);
  TensorType type = makeType(result, dType);
  Value product;
  if (isLinear) {
    product = LinearOp::create(builder, loc, type, x, w, Value());
  } else {
    std::string b = StringRef("bhgacdef").take_front(batch.size()).str();
    product = EinsumOp::create(builder, loc, type, ValueRange{x, w},
                               b + "mk," + b + "nk->" + b + "mn");
  }
  return {relayout(product, result, spread(order)), order.str()};
}

void Decomposer::run() {
  readEquation();
  for (Term &term : terms) term = takeDiagonal(term);
  while (terms.size() > 2) {
    std::string keep = output;
    for (const Term &term : ArrayRef(terms).drop_front(2)) keep += term.letters;
    auto isNew = [&](char c) { return contains(keep, c) && !contains(terms[0].letters, c); };
    std::string order = filter(terms[0].letters, [&](char c) { return contains(keep, c); }) +
                        filter(terms[1].letters, isNew);
    terms[1] = contract(terms[0], terms[1], keep, order);
    terms.erase(terms.begin());
  }
  Term result = terms.size() == 2 ? contract(terms[0], terms[1], output, output)
                                  : sumOut(terms[0], output);
  op.replaceAllUsesWith(arrange(result, spread(output)));
  op.erase();
}

struct DecomposeEinsum : impl::DecomposeEinsumBase<DecomposeEinsum> {
  void runOnOperation() override {
    SmallVector<EinsumOp> ops;
    getOperation().walk([&](EinsumOp op) { ops.push_back(op); });
    for (EinsumOp op : ops) Decomposer(op).run();
  }
};

}  // namespace
}  // namespace sinter
