// PGM and PPM; see image.h.
#include "image.h"

#include <algorithm>
#include <string>

#include "error.h"

namespace sinter::runtime {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class Header {
 public:
  explicit Header(std::string_view bytes) : bytes_(bytes) {}

  /// The next whole number; blanks and comments from # to the line's end may precede it.
  int64_t number(const char* what, int64_t most) {
    while (at_ < bytes_.size() && (is_blank(bytes_[at_]) || bytes_[at_] == '#')) {
      if (bytes_[at_] == '#') at_ = std::min(bytes_.find('\n', at_), bytes_.size() - 1);
      ++at_;
    }
    int64_t value = 0;
    size_t begin = at_;
    for (; at_ < bytes_.size() && bytes_[at_] >= '0' && bytes_[at_] <= '9' && value <= most; ++at_)
      value = 10 * value + (bytes_[at_] - '0');
    if (at_ == begin || value < 1 || value > most)
      bad_input(std::string("its ") + what + " is no number from 1 to " + std::to_string(most));
    return value;
  }

  /// What follows the one blank behind the last number.
  std::string_view rest() const {
    if (at_ == bytes_.size() || !is_blank(bytes_[at_])) bad_input("its header is not ended");
    return bytes_.substr(at_ + 1);
  }

 private:
  std::string_view bytes_;
  size_t at_ = 2;
};

}  // namespace

Image read_image(std::string_view bytes) {
  bool colour = bytes.starts_with("P6");
  if (!colour && !bytes.starts_with("P5")) bad_input("it is no binary PGM or PPM image (P5, P6)");
  constexpr int64_t kMostPixels = 1 << 16, kMostValue = 65535;
  Header header(bytes);
  Image image;
  image.channels = colour ? 3 : 1;
  image.width = header.number("width", kMostPixels);
  image.height = header.number("height", kMostPixels);
  int64_t most = header.number("largest value", kMostValue);
  std::string_view samples = header.rest();
  int64_t places = image.height * image.width, size = most < 256 ? 1 : 2;
  auto need = static_cast<size_t>(places * image.channels * size);
  if (samples.size() < need)
    bad_input("it holds " + std::to_string(samples.size()) + " bytes of pixels, its size needs " +
              std::to_string(need));
  image.pixels.resize(static_cast<size_t>(places * image.channels));
  const auto* from = reinterpret_cast<const unsigned char*>(samples.data());
  for (int64_t place = 0; place < places; ++place)
    for (int64_t channel = 0; channel < image.channels; ++channel, from += size) {
      int value = size == 1 ? from[0] : from[0] * 256 + from[1];
      if (value > most) bad_input("it has a pixel above its largest value");
      image.pixels[static_cast<size_t>(channel * places + place)] =
          static_cast<float>(value) / static_cast<float>(most);
    }
  return image;
}

}  // namespace sinter::runtime
