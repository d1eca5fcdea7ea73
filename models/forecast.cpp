// Forecasting a series: the next value from a window of several measurements.
// Source: Chollet 2017, chapter 6.3 and 6.4 (the weather at Jena, 14 features every hour);
// torch.nn.GRU's names. The one idea: recurrence is not only for words, and a convolution in
// front of it shortens the series. As programs they read a table in CSV and answer each row that
// has a whole window behind it. B = batch, T = steps of the window, F = features, H = units.
#include "dsl/dsl.h"

namespace {
using namespace sinter;

struct ForecastConfig {
  int features = 14, units = 32;
  int filters = 32, kernel = 5, pool = 3;  // of the convolutions
  int feature = 1;                         // what is forecast: the temperature
  int window = 240;                        // rows that a program looks back: ten days of hours
};

template <int Features> using Window = Input<"x", f32, "batch", "window", Features>;
using Target = Input<"target", f32, "batch">;

struct Forecast {
  Tensor prediction, loss;  // [B], []
};
constexpr Forecast forecast(Tensor prediction, Tensor target) {
  return {prediction, nn::absolute_error(prediction, target)};
}
struct Next {
  Tensor prediction;  // [B]
};
/// The table in its own units where the program has the asset `normalisation`.
template <ForecastConfig C>
constexpr Task next_value{"csv", "numbers",
                          {{"entry", "step"}, {"input", "x"}, {"output", "prediction"},
                           {"window", C.window}, {"column", C.feature}}};

template <ForecastConfig C> struct Gru {
  nn::GRU<C.features, C.units> gru;
  nn::Linear<C.units, 1> dense;
  static constexpr Inits inits = nn::keras_inits;

  constexpr Next step(Window<C.features> x) const {
    Tensor last = select(gru(x).h_n, 0, 0);  // [B, H]
    return {rearrange(dense(last), "b1->b")};
  }
  constexpr Forecast forward(Window<C.features> x, Target target) const {
    return forecast(step(x).prediction, target);
  }
  static constexpr Task task = next_value<C>;
  static constexpr bool serves(const Case& c) {
    return c.architecture == "forecast" && c.is("model", "gru");
  }
};

template <ForecastConfig C> struct ConvGru {
  nn::Conv1d<C.features, C.filters, C.kernel> conv1;
  nn::Conv1d<C.filters, C.filters, C.kernel> conv2;
  nn::GRU<C.filters, C.units> gru;
  nn::Linear<C.units, 1> dense;
  static constexpr Inits inits = nn::keras_inits;

  constexpr Next step(Window<C.features> x) const {
    Tensor y = max_pool(relu(conv1(rearrange(x, "btf->bft"))), C.pool);
    y = rearrange(relu(conv2(y)), "bft->btf");  // about T / pool steps
    Tensor last = select(gru(y).h_n, 0, 0);
    return {rearrange(dense(last), "b1->b")};
  }
  constexpr Forecast forward(Window<C.features> x, Target target) const {
    return forecast(step(x).prediction, target);
  }
  static constexpr Task task = next_value<C>;
  static constexpr bool serves(const Case& c) {
    return c.architecture == "forecast" && c.is("model", "hybrid");
  }
};

/// Nothing changes: what every other forecast has to beat.
template <ForecastConfig C> struct Naive {
  constexpr Next step(Window<C.features> x) const {
    return {select(nn::last_step(x), 1, C.feature)};
  }
  constexpr Forecast forward(Window<C.features> x, Target target) const {
    return forecast(step(x).prediction, target);
  }
  static constexpr Task task = next_value<C>;
};

inline constexpr auto& forecast_gru = model<Gru<config<ForecastConfig>>>;
inline constexpr auto& forecast_conv_gru = model<ConvGru<config<ForecastConfig>>>;
inline constexpr auto& forecast_naive = model<Naive<config<ForecastConfig>>>;

}  // namespace
