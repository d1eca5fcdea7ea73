// Reader `numbers`: a line of numbers with commas, semicolons or blanks between them becomes one
// row of a float input [batch, sizes known when the program was built].
//   input  the input's name (default: the entry's first)
#include <charconv>

#include "runtime/task.h"

namespace sinter::runtime {
namespace {

class Numbers final : public Reader {
 public:
  Numbers(const Options& options, const SinterEntry& entry)
      : input_(choose_input(entry, options, "input")), tensor_(entry.inputs[input_]) {
    for (int axis = 1; axis < tensor_.rank; ++axis) {
      row_.push_back(constant_extent(entry, tensor_, axis));
      if (row_.back() < 0) width_ = -1;
      if (width_ >= 0) width_ *= row_.back();
    }
    if (tensor_.rank < 2 || width_ < 0 || tensor_.type != SINTER_F32)
      fail(exit_usage, "the task's input '" + std::string(tensor_.name) +
                           "' must be f32 with fixed sizes after the first axis");
  }

  std::vector<std::string> inputs() const override { return {tensor_.name}; }

  int64_t encode(std::string_view line) override {
    constexpr std::string_view kBetween = " \t,;";
    size_t before = values_.size();
    for (size_t at = line.find_first_not_of(kBetween); at != line.npos;) {
      size_t end = std::min(line.find_first_of(kBetween, at), line.size());
      float value = 0;
      const char *from = line.data() + at, *to = line.data() + end;
      auto [stop, error] = std::from_chars(from + (*from == '+'), to, value);
      if (error != std::errc() || stop != to) {
        values_.resize(before);
        bad_input("'" + std::string(line.substr(at, end - at)) +
                  "' is not a number that f32 holds");
      }
      values_.push_back(value);
      at = line.find_first_not_of(kBetween, end);
    }
    auto count = static_cast<int64_t>(values_.size() - before);
    if (count != width_) {
      values_.resize(before);
      bad_input("it has " + std::to_string(count) + " numbers, the model takes " +
                std::to_string(width_));
    }
    return width_;
  }

  void fill(Call& call, int64_t rows) override {
    Shape shape = {rows};
    shape.insert(shape.end(), row_.begin(), row_.end());
    call.input(input_).assign(SINTER_F32, shape, values_.data(), SINTER_F32);
    values_.erase(values_.begin(), values_.begin() + rows * width_);
  }

 private:
  int input_;
  const SinterTensor& tensor_;
  Shape row_;
  int64_t width_ = 1;
  std::vector<float> values_;
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Numbers>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_numbers = {nullptr, 0, sinter::runtime::make};
