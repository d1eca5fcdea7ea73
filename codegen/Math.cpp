// The elementary functions. Coefficients are minimax fits of the stated function on the stated
// interval (weighted least squares, reweighted until the error is level), relative error < 2^-26.
// Integers are found by adding 1.5 * 2^23, never by float-to-integer conversion, whose result for
// NaN is undefined.
#include "codegen/Math.h"

#include <limits>

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "codegen/Lanes.h"

using namespace mlir;

namespace sinter {
namespace {

using Compare = arith::CmpFPredicate;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kRound = 12582912.0;             // 1.5 * 2^23
constexpr double kRoundWide = 6755399441055744.0;  // 1.5 * 2^52
constexpr double kLog2e = 1.44269504088896340736;
// ln 2 in two parts; the first has 10 bits, so its products with exponents are exact.
constexpr double kLn2High = 0.693359375, kLn2Low = -2.12194440054690583e-4;

/// x = n ln 2 + r with |r| <= ln 2 / 2.
struct Reduced {
  Value n, r;  // i32, f32
  Value count;  // n as f32
};

Reduced reduceByLn2(Lanes& l, Value x) {
  Value shifted = l.fma(x, l.f(kLog2e), l.f(kRound));
  Value n = l.isub(l.bits(shifted, l.i32()), l.i(0x4B400000));  // the bits of kRound
  Value count = l.sub(shifted, l.f(kRound));
  Value r = l.fma(count, l.f(-kLn2High), x);
  return {n, l.fma(count, l.f(-kLn2Low), r), count};
}

/// 2^n for n in [-126, 127].
Value powerOfTwo(Lanes& l, Value n) {
  return l.bits(l.shl(l.iadd(n, l.i(127)), l.i(23)), l.shape);
}

Value clampFinite(Lanes& l, Value x, double low, double high) {  // NaN stays
  x = l.select(l.compare(Compare::OLT, x, l.f(low)), l.f(low), x);
  return l.select(l.compare(Compare::OGT, x, l.f(high)), l.f(high), x);
}

/// log of a positive normal or denormal x; anything else gives some number.
Value logOfPositive(Lanes& l, Value x) {
  Value small = l.compare(Compare::OLT, x, l.f(0x1p-126));
  Value scaled = l.select(small, l.mul(x, l.f(0x1p25)), x);
  Value offset = l.i(0x3F3504F3);  // sqrt(1/2): mantissas from there to sqrt(2)
  Value bits = l.isub(l.bits(scaled, l.i32()), offset);
  Value exponent = l.toF32(l.sar(bits, l.i(23)));
  exponent = l.select(small, l.sub(exponent, l.f(25)), exponent);
  Value mantissa = l.bits(l.iadd(l.iand(bits, l.i(0x7FFFFF)), offset), l.shape);
  Value f = l.sub(mantissa, l.f(1));
  // (log(1 + f) - f + f²/2) / f³ on [sqrt(1/2) - 1, sqrt(2) - 1]
  Value p = l.polynomial(f, {3.333331347e-01, -2.500000894e-01, 2.000211924e-01, -1.666799635e-01,
                             1.421955079e-01, -1.240559146e-01, 1.188817471e-01,
                             -1.167564094e-01, 6.746601313e-02});
  Value square = l.mul(f, f);
  Value y = l.mul(l.mul(p, f), square);
  y = l.fma(exponent, l.f(kLn2Low), y);
  y = l.fma(square, l.f(-0.5), y);
  return l.fma(exponent, l.f(kLn2High), l.add(f, y));
}

/// |x| >= 2^20 as n pi/2 + r, by the bits of 2/pi that matter (Payne & Hanek 1983, "Radian
/// reduction for trigonometric functions"): x is a whole number m times 2^e, and m times 64 bits of
/// 2^e 2/pi modulo 4 wraps to two bits of n and 62 of its fraction. The error of r is below 2^-37.
struct Turn {
  Value quadrant, r;  // i64, f64
};
Turn reduceLarge(Lanes& l, Value x) {
  constexpr uint64_t kTwoOverPi[] = {0x0517CC1B, 0x727220A9, 0x4FE13ABE,  // after five zeros
                                     0x8FA9A6EE, 0x06DB14AC, 0xC9E21C82};
  auto wide = [&](Value narrow) { return arith::ExtUIOp::create(l.b, l.loc, l.i64(), narrow); };
  Value bits = l.iand(l.bits(x, l.i32()), l.i(0x7FFFFFFF));
  Value m = wide(l.ior(l.iand(bits, l.i(0x7FFFFF)), l.i(0x800000)));
  Value place = wide(l.isub(l.shr(bits, l.i(23)), l.i(147)));  // of the first bit: 0 … 107
  Value word = l.shr(place, l.l(5)), shift = l.iand(place, l.l(31));
  Value upper = l.l(0), lower = l.l(0);
  for (int64_t i = 0; i < 4; ++i) {
    Value is = l.icompare(arith::CmpIPredicate::eq, word, l.l(i));
    upper = l.select(is, l.l(static_cast<int64_t>(kTwoOverPi[i] << 32 | kTwoOverPi[i + 1])), upper);
    lower = l.select(is, l.l(static_cast<int64_t>(kTwoOverPi[i + 2])), lower);
  }
  Value window = l.ior(l.shl(upper, shift), l.shr(lower, l.isub(l.l(32), shift)));
  Value product = arith::MulIOp::create(l.b, l.loc, m, window);
  Value quadrant = l.shr(l.iadd(product, l.l(int64_t{1} << 61)), l.l(62));
  Value rest = l.isub(product, l.shl(quadrant, l.l(62)));
  Value r = arith::SIToFPOp::create(l.b, l.loc, l.f64(), rest);
  r = l.mul(r, l.d(0x1p-62 * 1.57079632679489661923));
  Value negative = l.compare(Compare::OLT, x, l.f(0));
  return {l.select(negative, l.isub(l.l(0), quadrant), quadrant), l.select(negative, l.neg(r), r)};
}

/// sin or cos: `quarter` (0 or 1) quarter turns ahead of sin.
Value buildTurn(OpBuilder& b, Location loc, Value x, int32_t quarter) {
  Lanes l{b, loc, x.getType()};
  // x = n pi/2 + r in f64. The first two parts of pi/2 have 33 bits, so their products with n are
  // exact without FMA up to |x| = 2^20.
  Value wide = l.widen(x);
  Value shifted = l.add(l.mul(wide, l.d(0.63661977236758134308)), l.d(kRoundWide));
  Value count = l.sub(shifted, l.d(kRoundWide));
  Value r64 = l.sub(wide, l.mul(count, l.d(1.57079632673412561417)));
  r64 = l.sub(r64, l.mul(count, l.d(6.07710050630396597660e-11)));
  r64 = l.sub(r64, l.mul(count, l.d(2.02226624879595063154e-21)));
  Turn large = reduceLarge(l, x);
  Value magnitude = l.abs(x);
  Value isLarge = arith::AndIOp::create(b, loc, l.compare(Compare::OGE, magnitude, l.f(0x1p20)),
                                        l.compare(Compare::OLT, magnitude, l.f(kInfinity)));
  r64 = l.select(isLarge, large.r, r64);
  Value turns = l.select(isLarge, large.quadrant, l.bits(shifted, l.i64()));
  Value quadrant = arith::TruncIOp::create(b, loc, l.i32(), turns);
  quadrant = l.iadd(quadrant, l.i(quarter));

  Value r = l.narrow(r64);
  Value z = l.mul(r, r);
  // (sin r / r - 1) / r² and (cos r - 1 + r²/2) / r⁴ on [-pi/4, pi/4]
  Value s = l.polynomial(z, {-1.666666716e-01, 8.333329111e-03, -1.983930415e-04,
                             2.718046289e-06});
  Value c = l.polynomial(z, {4.166664556e-02, -1.388730947e-03, 2.443241101e-05});
  Value sine = l.fma(l.mul(s, z), r, r);
  Value cosine = l.fma(l.mul(c, z), z, l.fma(z, l.f(-0.5), l.f(1)));
  Value odd = l.icompare(arith::CmpIPredicate::ne, l.iand(quadrant, l.i(1)), l.i(0));
  Value result = l.select(odd, cosine, sine);
  Value sign = l.shl(l.iand(quadrant, l.i(2)), l.i(30));
  return l.bits(l.ixor(l.bits(result, l.i32()), sign), l.shape);
}

/// log2 of |x| in f64, relative error below 2^-33.
Value wideLog2(Lanes& l, Value x) {
  Value wide = l.widen(l.abs(x));
  Value offset = l.l(0x3FE6A09E667F3BCD);  // sqrt(1/2)
  Value bits = l.isub(l.bits(wide, l.i64()), offset);
  Value exponent64 = l.sar(bits, l.l(52));
  Value exponent = arith::TruncIOp::create(l.b, l.loc, l.i32(), exponent64);
  exponent = arith::SIToFPOp::create(l.b, l.loc, l.f64(), exponent);
  Value mantissa = l.bits(l.iadd(l.iand(bits, l.l(0xFFFFFFFFFFFFF)), offset), l.f64());
  // log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.172
  Value s = l.div(l.sub(mantissa, l.d(1)), l.add(mantissa, l.d(1)));
  Value z = l.mul(s, s);
  Value p = l.polynomial(z, {1., 1. / 3, 1. / 5, 1. / 7, 1. / 9, 1. / 11, 1. / 13, 1. / 15},
                         /*wide=*/true);
  Value log = l.fma(l.mul(s, p), l.d(2 * kLog2e), exponent);
  log = l.select(l.compare(Compare::OEQ, wide, l.d(0)), l.d(-kInfinity), log);
  log = l.select(l.compare(Compare::OEQ, wide, l.d(kInfinity)), l.d(kInfinity), log);
  return l.select(l.compare(Compare::UNO, wide, wide), wide, log);
}

/// 2^t rounded to f32 once, so that overflow and denormals come out right.
Value wideExp2(Lanes& l, Value t) {
  t = l.select(l.compare(Compare::OLT, t, l.d(-200)), l.d(-200), t);
  t = l.select(l.compare(Compare::OGT, t, l.d(200)), l.d(200), t);
  Value shifted = l.add(t, l.d(kRoundWide));
  Value r = l.mul(l.sub(t, l.sub(shifted, l.d(kRoundWide))), l.d(0.69314718055994530942));
  Value p = l.polynomial(r, {1., 1., 1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040,
                             1. / 40320, 1. / 362880}, /*wide=*/true);
  Value exponent = l.shl(l.bits(shifted, l.i64()), l.l(52));
  return l.narrow(l.bits(l.iadd(l.bits(p, l.i64()), exponent), l.f64()));
}

}  // namespace

Value buildExp(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  x = clampFinite(l, x, -104, 89);  // beyond: 0 and infinity by rounding
  Reduced e = reduceByLn2(l, x);
  // (e^r - 1 - r) / r² on |r| <= ln 2 / 2
  Value q = l.polynomial(e.r, {4.999999404e-01, 1.666651517e-01, 4.166845605e-02,
                               8.369418792e-03, 1.381314243e-03});
  Value p = l.fma(q, l.mul(e.r, e.r), l.add(e.r, l.f(1)));
  Value half = l.sar(e.n, l.i(1));  // in two steps, since n reaches from -150 to 129
  return l.mul(l.mul(p, powerOfTwo(l, half)), powerOfTwo(l, l.isub(e.n, half)));
}

Value buildExpm1(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  Value clamped = clampFinite(l, x, -18, 88);
  Reduced e = reduceByLn2(l, clamped);
  // the same as exp's with relative error counted in e^r - 1
  Value q = l.polynomial(e.r, {5.000000000e-01, 1.666666567e-01, 4.166634753e-02,
                               8.333391510e-03, 1.394165331e-03, 1.984595729e-04});
  Value p = l.fma(q, l.mul(e.r, e.r), e.r);
  Value scale = powerOfTwo(l, e.n);
  Value result = l.fma(scale, p, l.sub(scale, l.f(1)));
  Value large = l.compare(Compare::OGT, x, l.f(40));  // e^x - 1 rounds to e^x
  return l.select(large, buildExp(b, loc, x), result);
}

Value buildLog(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  Value result = logOfPositive(l, x);
  Value infinite = l.compare(Compare::OEQ, x, l.f(kInfinity));
  result = l.select(infinite, x, result);
  result = l.select(l.compare(Compare::OEQ, x, l.f(0)), l.f(-kInfinity), result);
  return l.select(l.compare(Compare::ULT, x, l.f(0)), l.f(kNaN), result);  // NaN too
}

Value buildLog1p(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  Value u = l.add(l.f(1), x);
  Value log = buildLog(b, loc, u);
  Value lost = l.sub(x, l.sub(u, l.f(1)));  // what rounding 1 + x took away
  Value corrected = l.add(log, l.div(lost, u));
  Value positive = l.compare(Compare::OGT, u, l.f(0));
  Value finite = l.compare(Compare::OLT, u, l.f(kInfinity));
  Value ordinary = arith::AndIOp::create(b, loc, positive, finite);
  Value result = l.select(ordinary, corrected, log);
  return l.select(l.compare(Compare::OEQ, u, l.f(1)), x, result);
}

Value buildTanh(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  Value magnitude = l.abs(x);
  Value z = l.mul(x, x);
  // (tanh x / x - 1) / x² on |x| <= 0.625
  Value p = l.polynomial(z, {-3.333333135e-01, 1.333320588e-01, -5.394676328e-02,
                             2.170070074e-02, -8.177394979e-03, 2.142958809e-03});
  Value small = l.fma(l.mul(p, z), x, x);
  Value e = buildExp(b, loc, l.add(magnitude, magnitude));
  Value large = l.sub(l.f(1), l.div(l.f(2), l.add(e, l.f(1))));
  Value isSmall = l.compare(Compare::OLT, magnitude, l.f(0.625));
  return l.select(isSmall, small, l.copySign(large, x));
}

Value buildErf(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  Value z = l.mul(x, x);
  // erf x / x - 1 in x² on |x| <= 0.93
  Value p = l.polynomial(z, {1.283791512e-01, -3.761247993e-01, 1.128168255e-01,
                             -2.676171996e-02, 4.985940177e-03, -5.953739164e-04});
  Value small = l.fma(p, x, x);
  Value magnitude = l.abs(x);
  Value t = l.select(l.compare(Compare::OGT, magnitude, l.f(4)), l.f(4), magnitude);
  // -log(erfc t) / t on [0.92, 4]; from 4 on the result rounds to 1
  Value h = l.polynomial(t, {1.128514409e+00, 6.357182860e-01, 1.052618772e-01,
                             -2.288998663e-02, 3.214963013e-03, -2.139859280e-04});
  Value large = l.sub(l.f(1), buildExp(b, loc, l.neg(l.mul(t, h))));
  Value isSmall = l.compare(Compare::OLT, magnitude, l.f(0.925));
  return l.select(isSmall, small, l.copySign(large, x));
}

Value buildSin(OpBuilder& b, Location loc, Value x) { return buildTurn(b, loc, x, 0); }
Value buildCos(OpBuilder& b, Location loc, Value x) { return buildTurn(b, loc, x, 1); }

Value buildPow(OpBuilder& b, Location loc, Value x, Value y) {
  Lanes l{b, loc, x.getType()};
  Value result = wideExp2(l, l.mul(l.widen(y), wideLog2(l, x)));
  Value one = l.f(1), zero = l.f(0);
  result = l.select(l.compare(Compare::OEQ, l.abs(x), one), one, result);  // 1^inf

  Value half = l.mul(y, l.f(0.5));
  Value isInteger = l.compare(Compare::OEQ, l.floor(y), y);
  Value halfOdd = l.compare(Compare::ONE, l.floor(half), half);
  Value odd = arith::AndIOp::create(b, loc, isInteger, halfOdd);
  Value signs = l.iand(l.bits(x, l.i32()), l.i(std::numeric_limits<int32_t>::min()));
  Value negated = l.bits(l.ior(l.bits(result, l.i32()), signs), l.shape);
  Value infiniteY = l.compare(Compare::OEQ, l.abs(y), l.f(kInfinity));
  result = l.select(odd, l.select(infiniteY, result, negated), result);

  Value negative = l.compare(Compare::OLT, x, zero);
  Value finite = l.compare(Compare::OGT, x, l.f(-kInfinity));
  Value fraction = l.compare(Compare::UNE, l.floor(y), y);
  Value invalid = arith::AndIOp::create(b, loc, arith::AndIOp::create(b, loc, negative, finite),
                                        fraction);
  result = l.select(invalid, l.f(kNaN), result);
  result = l.select(l.compare(Compare::UNO, y, y), y, result);
  result = l.select(l.compare(Compare::OEQ, x, one), one, result);   // even for NaN exponents
  return l.select(l.compare(Compare::OEQ, y, zero), one, result);  // even for NaN bases
}

Value buildSigmoid(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  Value e = buildExp(b, loc, l.neg(l.abs(x)));  // at most 1: small results keep their digits
  Value upper = l.div(l.f(1), l.add(l.f(1), e));
  return l.select(l.compare(Compare::OGE, x, l.f(0)), upper, l.mul(e, upper));
}

Value buildSoftplus(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  Value tail = buildLog1p(b, loc, buildExp(b, loc, l.neg(l.abs(x))));
  return l.add(l.select(l.compare(Compare::OLT, x, l.f(0)), l.f(0), x), tail);
}

/// C's fmod in f64, exact for quotients below 2^28: product and difference need no rounding there.
static Value wideFmod(Lanes& l, Value x, Value y) {
  Value x64 = l.widen(x), y64 = l.abs(l.widen(y));
  Value quotient = l.trunc(l.div(l.abs(x64), y64));
  Value r = l.sub(l.abs(x64), l.mul(quotient, y64));
  r = l.select(l.compare(Compare::OLT, r, l.d(0)), l.add(r, y64), r);  // quotient rounded up
  Value whole = l.compare(Compare::OEQ, y64, l.d(kInfinity));
  Value defined = l.compare(Compare::OLT, l.abs(x64), l.d(kInfinity));
  whole = arith::AndIOp::create(l.b, l.loc, whole, defined);
  return l.copySign(l.select(whole, l.abs(x64), r), x64);
}

Value buildFmod(OpBuilder& b, Location loc, Value x, Value y) {
  Lanes l{b, loc, x.getType()};
  return l.narrow(wideFmod(l, x, y));
}

Value buildRemainder(OpBuilder& b, Location loc, Value x, Value y) {
  Lanes l{b, loc, x.getType()};
  Value r = wideFmod(l, x, y);
  Value zero = l.d(0), y64 = l.widen(y);
  Value differ = arith::XOrIOp::create(b, loc, l.compare(Compare::OLT, r, zero),
                                       l.compare(Compare::OLT, y64, zero));
  Value moves = arith::AndIOp::create(b, loc, differ, l.compare(Compare::ONE, r, zero));
  return l.narrow(l.select(moves, l.add(r, y64), r));
}

/// x / 2, finite below: times 0 it must give 0, where -infinity would give NaN.
static Value halfOf(Lanes& l, Value x) {
  Value lowest = l.f(std::numeric_limits<float>::lowest());
  return l.mul(arith::MaximumFOp::create(l.b, l.loc, x, lowest), l.f(0.5));
}

Value buildGelu(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  Value erf = buildErf(b, loc, l.mul(x, l.f(0.70710678118654752440)));
  return l.mul(halfOf(l, x), l.add(l.f(1), erf));
}

Value buildGeluTanh(OpBuilder& b, Location loc, Value x) {
  Lanes l{b, loc, x.getType()};
  Value cubic = l.mul(l.mul(x, x), l.mul(x, l.f(0.044715)));
  Value inner = l.mul(l.f(0.79788456080286535588), l.add(x, cubic));
  return l.mul(halfOf(l, x), l.add(l.f(1), buildTanh(b, loc, inner)));
}

Value combineLanes(OpBuilder& b, Location loc, Value x, Value y, LaneFold fold) {
  switch (fold) {
    case LaneFold::kAdd: return arith::AddFOp::create(b, loc, x, y);
    case LaneFold::kMul: return arith::MulFOp::create(b, loc, x, y);
    case LaneFold::kMin: return arith::MinimumFOp::create(b, loc, x, y);
    case LaneFold::kMax: return arith::MaximumFOp::create(b, loc, x, y);
  }
  return {};
}

Value foldLanes(OpBuilder& b, Location loc, Value lanes, LaneFold fold) {
  auto count = cast<VectorType>(lanes.getType()).getNumElements();
  while (count > 1) {
    count /= 2;
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < count; ++i) low.push_back(i), high.push_back(i + count);
    Value x = vector::ShuffleOp::create(b, loc, lanes, lanes, low);
    Value y = vector::ShuffleOp::create(b, loc, lanes, lanes, high);
    lanes = combineLanes(b, loc, x, y, fold);
  }
  return vector::ExtractOp::create(b, loc, lanes, ArrayRef<int64_t>{0});
}

}  // namespace sinter
