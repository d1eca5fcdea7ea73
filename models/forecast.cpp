// Forecasting a series: the next value from a window of several measurements.
// Source: Chollet 2017, chapter 6.3 and 6.4 (the weather at Jena, 14 features every hour);
// torch.nn.GRU's names. The one idea: recurrence is not only for words, and a convolution in
// front of it shortens the series. B = batch, T = steps of the window, F = features, H = units.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct ForecastConfig {
  int features = 14, units = 32;
  int filters = 32, kernel = 5, pool = 3;  // of the convolutions
  int feature = 1;                         // what is forecast: the temperature
};

template <int Features> using Window = Input<"x", f32, "batch", "window", Features>;
using Target = Input<"target", f32, "batch">;

struct Forecast {
  Tensor prediction, loss;  // [B], []
};
constexpr Forecast forecast(Tensor prediction, Tensor target) {
  return {prediction, nn::absolute_error(prediction, target)};
}

template <ForecastConfig C> struct Gru {
  nn::GRU<C.features, C.units> gru;
  nn::Linear<C.units, 1> dense;

  constexpr Forecast forward(Window<C.features> x, Target target) const {
    Tensor last = select(gru(x).h_n, 0, 0);  // [B, H]
    return forecast(rearrange(dense(last), "b1->b"), target);
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "forecast" && c.is("model", "gru");
  }
};

template <ForecastConfig C> struct ConvGru {
  nn::Conv1d<C.features, C.filters, C.kernel> conv1;
  nn::Conv1d<C.filters, C.filters, C.kernel> conv2;
  nn::GRU<C.filters, C.units> gru;
  nn::Linear<C.units, 1> dense;

  constexpr Forecast forward(Window<C.features> x, Target target) const {
    Tensor y = max_pool(relu(conv1(rearrange(x, "btf->bft"))), C.pool);
    y = rearrange(relu(conv2(y)), "bft->btf");  // about T / pool steps
    Tensor last = select(gru(y).h_n, 0, 0);
    return forecast(rearrange(dense(last), "b1->b"), target);
  }
  static constexpr bool serves(const Case& c) {
    return c.architecture == "forecast" && c.is("model", "hybrid");
  }
};

/// Nothing changes: what every other forecast has to beat.
template <ForecastConfig C> struct Naive {
  constexpr Forecast forward(Window<C.features> x, Target target) const {
    return forecast(select(nn::last_step(x), 1, C.feature), target);
  }
};

inline constexpr auto& forecast_gru = model<Gru<config<ForecastConfig>>>;
inline constexpr auto& forecast_conv_gru = model<ConvGru<config<ForecastConfig>>>;
inline constexpr auto& forecast_naive = model<Naive<config<ForecastConfig>>>;

}  // namespace
