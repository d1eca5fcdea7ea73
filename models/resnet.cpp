// Residual networks: layers that add to what they read.
// Sources: He et al. 2016; torchvision's names. v1.5 puts the stride of a bottleneck on its 3x3
// convolution, v1 on the first 1x1.
// The one idea: x + f(x) can always do nothing, so a hundred layers still learn.
// As programs they read names of image files and answer with labels.
// B = batch, C = channels, H x W = the image.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct ResNetConfig {
  Seq<int, 4> layers = {2, 2, 2, 2};  // blocks of each stage
  int width = 64, classes = 1000;
  bool bottleneck = false, v15 = true;
};
constexpr ResNetConfig resnet50_config{.layers = {3, 4, 6, 3}, .bottleneck = true};

/// size x size pixels; channels less the means and over the deviations of ImageNet's photographs,
/// with which the published weights of both forms were trained.
constexpr Task image_labels(int size, const char* names) {
  return {"images", "labels", {{"size", size}, {"mean", "0.485,0.456,0.406"},
                               {"deviation", "0.229,0.224,0.225"}, {"input", "x"},
                               {"output", "logits"}, {"softmax", "true"}, {"names", names}}};
}

template <int In, int Out, int Size> using Conv = nn::Conv2d<In, Out, Size, false>;
/// torchvision starts convolutions so.
constexpr Inits conv_inits{.matrices = {"kaiming_normal:fan_out"}};

/// What brings x to the shape of f(x), where they differ.
template <int In, int Out, int Stride> struct Shortcut {
  List<Conv<In, Out, 1>, nn::BatchNorm<Out>> downsample;
  static constexpr Inits inits = conv_inits;
  constexpr Tensor operator()(Tensor x) const {
    return downsample.template get<1>()(downsample.template get<0>()(x, {.stride = Stride}));
  }
};
template <int Width> struct Shortcut<Width, Width, 1> {
  constexpr Tensor operator()(Tensor x) const { return x; }
};

/// The CIFAR form's, without weights: every Stride-th place, and zeros as the new channels.
template <int In, int Out, int Stride> struct Padded {
  constexpr Tensor operator()(Tensor x) const {
    if constexpr (In == Out) return x;
    Tensor y = slice(slice(x, 2, 0, x.dim(2), Stride), 3, 0, x.dim(3), Stride);
    constexpr int more = (Out - In) / 2;
    return pad(y, {{0, 0}, {more, more}, {0, 0}, {0, 0}});
  }
};

template <int In, int Planes, int Stride, template <int, int, int> class Bypass = Shortcut>
struct Basic {
  Conv<In, Planes, 3> conv1;
  nn::BatchNorm<Planes> bn1;
  Conv<Planes, Planes, 3> conv2;
  nn::BatchNorm<Planes> bn2;
  Named<"", Bypass<In, Planes, Stride>> shortcut;
  static constexpr Inits inits = conv_inits;

  constexpr Tensor operator()(Tensor x) const {
    Tensor y = relu(bn1(conv1(x, {.stride = Stride, .padding = 1})));
    return relu(bn2(conv2(y, {.padding = 1})) + shortcut(x));
  }
};

template <int In, int Planes, int Stride, bool V15> struct Bottleneck {
  static constexpr int out = 4 * Planes;
  Conv<In, Planes, 1> conv1;
  nn::BatchNorm<Planes> bn1;
  Conv<Planes, Planes, 3> conv2;
  nn::BatchNorm<Planes> bn2;
  Conv<Planes, out, 1> conv3;
  nn::BatchNorm<out> bn3;
  Named<"", Shortcut<In, out, Stride>> shortcut;
  static constexpr Inits inits = conv_inits;

  constexpr Tensor operator()(Tensor x) const {
    Tensor y = relu(bn1(conv1(x, {.stride = V15 ? 1 : Stride})));
    y = relu(bn2(conv2(y, {.stride = V15 ? Stride : 1, .padding = 1})));
    return relu(bn3(conv3(y)) + shortcut(x));
  }
};

/// Stage S halves the image (but the first) and doubles the channels; its blocks are "0", "1", …
template <ResNetConfig C, int S> struct Stage {
  static constexpr int planes = C.width << S, wide = C.bottleneck ? 4 : 1;
  static constexpr int in = S == 0 ? C.width : (planes / 2) * wide, out = planes * wide;
  template <int I> static constexpr int from = I == 0 ? in : out;
  template <int I> static constexpr int stride = I == 0 && S > 0 ? 2 : 1;
  template <int I>
  using Block = std::conditional_t<C.bottleneck, Bottleneck<from<I>, planes, stride<I>, C.v15>,
                                   Basic<from<I>, planes, stride<I>>>;
  using Blocks = ListOf<C.layers[S], Block>;
};
template <ResNetConfig C, int S, bool Present = (S < C.layers.size())> struct StageField {
  using Blocks = typename Stage<C, S>::Blocks;
};
template <ResNetConfig C, int S> struct StageField<C, S, false> {
  using Blocks = List<>;
};

template <ResNetConfig C> struct ResNet {
  static constexpr int features = Stage<C, C.layers.size() - 1>::out;
  Started<"kaiming_normal:fan_out", Conv<3, C.width, 7>> conv1;
  nn::BatchNorm<C.width> bn1;
  typename StageField<C, 0>::Blocks layer1;
  typename StageField<C, 1>::Blocks layer2;
  typename StageField<C, 2>::Blocks layer3;
  typename StageField<C, 3>::Blocks layer4;
  nn::Linear<features, C.classes> fc;

  struct Answer {
    Tensor logits, features;  // [B, classes], [B, C, H / 32, W / 32]
  };
  constexpr Answer forward(Input<"x", f32, "batch", 3, "height", "width"> image) const {
    Tensor x = relu(bn1(conv1(image, {.stride = 2, .padding = 3})));
    x = max_pool(x, 3, {.stride = 2, .padding = 1});
    const auto through = [&](const auto& block, int) { x = block(x); };
    layer1.each(through);
    layer2.each(through);
    layer3.each(through);
    layer4.each(through);
    return {fc(mean(x, {2, 3})), x};
  }
  static constexpr Task task = image_labels(224, "");
  static constexpr bool serves(const Case& c) {
    return c.architecture == "resnet" && c.kind == "net";
  }
};

struct CifarConfig {
  int blocks = 3;  // of a stage: 3, 5, 7, 9 are ResNet-20, 32, 44, 56
  int classes = 10;
};

/// For 32 x 32 images: a 3x3 stem and three stages of 16, 32 and 64 channels. Field names are those
/// of github.com/akamaster/pytorch_resnet_cifar10.
template <CifarConfig C> struct CifarResNet {
  template <int S> struct Blocks {
    static constexpr int planes = 16 << S;
    template <int I> static constexpr int stride = I == 0 && S > 0 ? 2 : 1;
    template <int I> using Block = Basic<planes / stride<I>, planes, stride<I>, Padded>;
    using All = ListOf<C.blocks, Block>;
  };
  Conv<3, 16, 3> conv1;
  nn::BatchNorm<16> bn1;
  typename Blocks<0>::All layer1;
  typename Blocks<1>::All layer2;
  typename Blocks<2>::All layer3;
  nn::Linear<64, C.classes> linear;
  static constexpr Inits inits{.matrices = {"kaiming_normal"}};

  struct Answer {
    Tensor logits;  // [B, classes]
  };
  constexpr Answer forward(Input<"x", f32, "batch", 3, "height", "width"> image) const {
    Tensor x = relu(bn1(conv1(image, {.padding = 1})));
    const auto through = [&](const auto& block, int) { x = block(x); };
    layer1.each(through);
    layer2.each(through);
    layer3.each(through);
    return {linear(mean(x, {2, 3}))};
  }
  static constexpr Task task =
      image_labels(32, C.classes != 10 ? ""
                                       : "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,"
                                         "truck");
};

inline constexpr auto& resnet = model<ResNet<config<ResNetConfig>>>;
inline constexpr auto& cifar_resnet = model<CifarResNet<config<CifarConfig>>>;

// The published shapes, whatever a configuration says.
inline constexpr auto& resnet18 = model<ResNet<ResNetConfig{}>>;
inline constexpr auto& resnet50 = model<ResNet<resnet50_config>>;
static_assert(parameters(resnet18) == 11'689'512);
static_assert(parameters(resnet50) == 25'557'032);
static_assert(parameters(model<CifarResNet<CifarConfig{}>>) == 269'722);

}  // namespace
