// Reader `images`: a line is the name of an image file, PPM for three channels, PGM for one
// (image.h).
//   size             height and width that an image must have, one number (default: any)
//   mean, deviation  of each channel, with commas between; pixels from 0 to 1 become
//                    (pixel - mean) / deviation (default: 0 and 1)
//   input            f32 [batch, channels, height, width] (default: the entry's first input)
// Images are not scaled: ImageMagick's `convert FILE -resize 32x32! FILE.ppm` does it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/csv.h"
#include "runtime/image.h"
#include "runtime/task.h"

namespace sinter::runtime {
namespace {

constexpr int64_t kMostBytes = int64_t{1} << 30;

std::string read_file(const std::string& name) {
  int file = open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) bad_input("'" + name + "' cannot be opened: " + std::strerror(errno));
  std::string content;
  struct stat facts{};
  ssize_t got = -1;
  if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size <= kMostBytes) {
    content.resize(static_cast<size_t>(facts.st_size));
    size_t have = 0;
    while ((got = read(file, content.data() + have, content.size() - have)) > 0)
      have += static_cast<size_t>(got);
    content.resize(have);
  }
  close(file);
  if (got < 0) bad_input("'" + name + "' is no file that can be read");
  return content;
}

class Images final : public Reader {
 public:
  Images(const Options& options, const SinterEntry& entry)
      : input_(choose_input(entry, options, "input")),
        tensor_(entry.inputs[input_]),
        size_(options.integer("size", 0)),
        mean_(numbers(options, "mean")),
        deviation_(numbers(options, "deviation")) {
    channels_ = tensor_.rank == 4 ? constant_extent(entry, tensor_, 1) : -1;
    if (tensor_.type != SINTER_F32 || (channels_ != 1 && channels_ != 3))
      fail(exit_usage, "the task's input '" + std::string(tensor_.name) +
                           "' must be f32 [batch, 1 or 3 channels, height, width]");
    for (const std::vector<float>* list : {&mean_, &deviation_})
      if (!list->empty() && static_cast<int64_t>(list->size()) != channels_)
        fail(exit_usage, "the task's mean and deviation need a number for each channel");
    for (float deviation : deviation_)
      if (deviation == 0) fail(exit_usage, "the task's deviation must not be 0");
  }

  std::vector<std::string> inputs() const override { return {tensor_.name}; }
  bool equal_lengths() const override { return true; }

  int64_t encode(std::string_view line) override {
    std::string name(line);
    Image image;
    try {
      image = read_image(read_file(name));
    } catch (const Error& error) {
      if (error.sentence.starts_with("'")) throw;
      bad_input("'" + name + "': " + error.sentence);
    }
    if (image.channels != channels_)
      bad_input("'" + name + "' has " + std::to_string(image.channels) +
                " channels, the model takes " + std::to_string(channels_));
    if (size_ != 0 && (image.height != size_ || image.width != size_))
      bad_input("'" + name + "' has " + std::to_string(image.width) + " x " +
                std::to_string(image.height) + " pixels, the model takes " + std::to_string(size_) +
                " x " + std::to_string(size_));
    size_t places = image.pixels.size() / static_cast<size_t>(channels_);
    for (size_t i = 0; i < image.pixels.size(); ++i) {
      float pixel = image.pixels[i];
      if (!mean_.empty()) pixel -= mean_[i / places];
      if (!deviation_.empty()) pixel /= deviation_[i / places];
      pixels_.push_back(pixel);
    }
    sizes_.push_back({image.height, image.width});
    // Images of other sizes cannot share a run: their sides make different numbers.
    constexpr int64_t kMostSide = 1 << 16;
    return size_ != 0 ? size_ * size_ : image.height * kMostSide + image.width;
  }

  void fill(Call& call, int64_t rows) override {
    auto [height, width] = sizes_.front();
    int64_t count = rows * channels_ * height * width;
    call.input(input_).assign(SINTER_F32, {rows, channels_, height, width}, pixels_.data(),
                              SINTER_F32);
    pixels_.erase(pixels_.begin(), pixels_.begin() + count);
    sizes_.erase(sizes_.begin(), sizes_.begin() + rows);
  }

 private:
  struct Size {
    int64_t height, width;
  };

  static std::vector<float> numbers(const Options& options, std::string_view key) {
    std::vector<float> list;
    std::string_view text = options.text(key, "");
    if (text.empty()) return list;
    for (const std::string& cell : csv_cells(text, ','))
      if (!csv_number(cell, list.emplace_back()))
        fail(exit_usage,
             "the task's " + std::string(key) + " has '" + cell + "', which is not a number");
    return list;
  }

  int input_;
  const SinterTensor& tensor_;
  int64_t size_, channels_ = 0;
  std::vector<float> mean_, deviation_;
  std::vector<float> pixels_;
  std::vector<Size> sizes_;
};

std::unique_ptr<Reader> make(const Options& options, const SinterEntry& entry) {
  return std::make_unique<Images>(options, entry);
}

}  // namespace
}  // namespace sinter::runtime

extern "C" const SinterReader sinter_reader_images = {nullptr, 0, sinter::runtime::make};
