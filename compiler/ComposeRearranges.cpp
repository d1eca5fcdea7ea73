// Two rearranges in a row are one: the canonical form of sinter.rearrange.
#include "compiler/Rules.h"

using namespace mlir;

namespace sinter {

namespace {

/// The axes of a pattern's side, each as the letters merged in it; a unit axis has none.
using Groups = SmallVector<SmallVector<int>>;

Groups readGroups(const rules::Rearrange::Side &side) {
  Groups groups(side.group_count);
  for (int g = 0; g < side.group_count; ++g)
    for (int i = side.starts[g]; i < side.starts[g + 1]; ++i)
      if (side.items[i] >= 0) groups[g].push_back(side.items[i]);
  return groups;
}

rules::Rearrange readPlan(rules::Rules &table, RearrangeOp op) {
  rules::Rearrange plan;
  SmallVector<rules::LetterSize> sizes = toSizes(table, op.getSizes());
  rules::rearrange(table, {op.getPattern().data(), op.getPattern().size()}, sizes.data(),
                   static_cast<int>(sizes.size()), toShape(table, getTensorType(op.getInput())),
                   plan);
  return plan;
}

std::string printSide(const rules::Rearrange &plan, const Groups &groups) {
  std::string text;
  for (const auto &group : groups) {
    std::string letters;
    for (int letter : group) letters += plan.letters[letter];
    text += group.empty() ? "1" : group.size() == 1 ? letters : "(" + letters + ")";
  }
  return text;
}

/// The first pattern's letters that each letter of the second stands for. Fails where the second
/// splits an axis in another way than the first merged it.
FailureOr<Groups> resolveLetters(const rules::Rearrange &first, const rules::Rearrange &second) {
  Groups merged = readGroups(first.right), split = readGroups(second.left);
  Groups meaning(second.letter_count);
  for (auto [from, to] : llvm::zip(merged, split)) {
    if (to.size() == 1) {
      meaning[to[0]] = from;
      continue;
    }
    if (to.empty()) continue;  // an axis of 1 that vanishes
    if (from.size() != to.size()) return failure();
    for (auto [letter, other] : llvm::zip(from, to)) {
      if (first.dims[letter] != second.dims[other]) return failure();
      meaning[other] = {letter};
    }
  }
  return meaning;
}

}  // namespace

LogicalResult RearrangeOp::canonicalize(RearrangeOp op, PatternRewriter &rewriter) {
  auto before = op.getInput().getDefiningOp<RearrangeOp>();
  if (!before) return failure();
  rules::Rules table;
  rules::Rearrange first = readPlan(table, before), second = readPlan(table, op);
  FailureOr<Groups> meaning = resolveLetters(first, second);
  if (failed(meaning)) return failure();

  Groups left = readGroups(first.left), right;
  for (const auto &group : readGroups(second.right)) {
    right.emplace_back();
    for (int letter : group) llvm::append_range(right.back(), (*meaning)[letter]);
  }
  NamedAttrList sizes;
  for (const auto &group : left) {
    if (group.size() < 2) continue;
    for (int letter : group) {
      rules::Dim dim = first.dims[letter];
      Attribute size = rewriter.getI64IntegerAttr(dim);
      if (!rules::is_constant(dim))
        size = rewriter.getStringAttr(toStringRef(table.print(dim).view()));
      sizes.set(StringRef(&first.letters[letter], 1), size);
    }
  }
  std::string pattern = printSide(first, left) + "->" + printSide(first, right);
  rewriter.replaceOpWithNewOp<RearrangeOp>(op, op.getType(), before.getInput(),
                                           rewriter.getStringAttr(pattern),
                                           sizes.getDictionary(op.getContext()));
  return success();
}

}  // namespace sinter
