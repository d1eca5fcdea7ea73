// Images in the portable formats PGM and PPM (binary: P5, P6), bytes to numbers. Non-goals: other
// formats, changes of size or colour.
#ifndef SINTER_RUNTIME_IMAGE_H
#define SINTER_RUNTIME_IMAGE_H

#include <cstdint>
#include <string_view>
#include <vector>

namespace sinter::runtime {

struct Image {
  int64_t channels = 0, height = 0, width = 0;  // channels: 1 grey, 3 red, green, blue
  std::vector<float> pixels;                    // [channels, height, width], 0 to 1
};

/// An Error says what is wrong with the bytes.
Image read_image(std::string_view bytes);

}  // namespace sinter::runtime
#endif
