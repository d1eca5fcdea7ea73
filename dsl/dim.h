// Dimensions: integers, or sums of products of symbols in one canonical form, interned in a table,
// so that equal dimensions are equal integers. Used by the DSL while C++ compiles and by the
// dialect's verifiers. Non-goals: shapes and ops (rules.h), inequalities between symbols.
#pragma once
#include "dsl/text.h"

namespace sinter::rules {

/// A constant (>= 0), or ~i for expression i of its DimTable: a negative number is an expression
/// too, see DimTable::number.
using Dim = long long;
constexpr bool is_constant(Dim dim) { return dim >= 0; }

/// What a product multiplies: a symbol, or a function of dimensions that has no simpler form.
struct Atom {
  enum Kind { symbol, floordiv, min, max } kind = symbol;
  Dim left = 0, right = 0;  // of a function; floordiv's right is a constant
  Text text;                // as it is printed; also what orders atoms
  bool ragged = false;      // it holds a symbol that ends in '~'
};

struct Term {
  static constexpr int max_factors = 6;
  long long coefficient = 0;
  int count = 0;
  int factors[max_factors]{};  // atoms, in the order of their texts
  constexpr bool same_product(const Term& other) const {
    if (count != other.count) return false;
    for (int i = 0; i < count; ++i)
      if (factors[i] != other.factors[i]) return false;
    return true;
  }
  constexpr bool operator==(const Term& other) const {
    return coefficient == other.coefficient && same_product(other);
  }
};

/// A sum; terms of higher degree first, then by text, the constant last.
struct Sum {
  static constexpr int max_terms = 8;
  int count = 0;
  Term terms[max_terms]{};
  constexpr const Term* begin() const { return terms; }
  constexpr const Term* end() const { return terms + count; }
  constexpr bool operator==(const Sum& other) const {
    if (count != other.count) return false;
    for (int i = 0; i < count; ++i)
      if (!(terms[i] == other.terms[i])) return false;
    return true;
  }
};

class DimTable {
 public:
  /// Set when a capacity is exceeded or a number overflows; says which.
  Text error;

  constexpr Dim symbol(std::string_view name) {
    Atom atom;
    atom.text << name;
    atom.ragged = name.ends_with('~');
    return from_atom(atom);
  }
  /// A number of either sign as an expression.
  constexpr Dim number(long long value) { return value >= 0 ? value : scale(1, value); }
  constexpr Dim add(Dim a, Dim b) {
    if (is_constant(a) && is_constant(b)) return plus(a, b);
    Sum sum = sum_of(a);
    for (const Sum other = sum_of(b); const Term& term : other) add_term(sum, term);
    return intern(sum);
  }
  constexpr Dim sub(Dim a, Dim b) { return add(a, scale(b, -1)); }
  constexpr Dim scale(Dim a, long long factor) {
    Sum sum = sum_of(a);
    if (factor == 0) return 0;
    for (int i = 0; i < sum.count; ++i)
      sum.terms[i].coefficient = multiply(sum.terms[i].coefficient, factor);
    return intern(sum);
  }
  constexpr Dim mul(Dim a, Dim b) {
    if (is_constant(a) && is_constant(b)) return multiply(a, b);
    Sum result;
    const Sum left = sum_of(a), right = sum_of(b);
    for (const Term& x : left)
      for (const Term& y : right) add_term(result, product(x, y));
    return intern(result);
  }
  /// a / b where b is one product and divides every term; otherwise `exact` is false.
  constexpr Dim divide(Dim a, Dim b, bool& exact) {
    const Sum divisor = sum_of(b);
    Sum sum = sum_of(a);
    exact = divisor.count == 1;
    for (int i = 0; exact && i < sum.count; ++i) {
      Term& term = sum.terms[i];
      exact = term.coefficient % divisor.terms[0].coefficient == 0;
      term.coefficient /= divisor.terms[0].coefficient;
      for (int j = 0; exact && j < divisor.terms[0].count; ++j)
        exact = remove_factor(term, divisor.terms[0].factors[j]);
    }
    return exact ? intern(sum) : 0;
  }
  /// Rounds towards minus infinity. Multiples of n leave the quotient, and the constant inside is
  /// the smallest that is not negative, so equal functions have equal forms.
  constexpr Dim floordiv(Dim a, long long n) {
    if (n == 1) return a;
    Sum outside, inside;
    const Sum sum = sum_of(a);
    for (Term term : sum) {
      long long whole = term.coefficient / n;
      long long rest = term.coefficient % n;
      if (term.count == 0 && rest < 0) {
        rest += n;
        whole -= 1;
      }
      if (term.count != 0 && rest != 0) {  // a symbol's part stays whole unless n divides it
        rest = term.coefficient;
        whole = 0;
      }
      if (whole != 0) {
        term.coefficient = whole;
        add_term(outside, term);
      }
      if (rest != 0) {
        term.coefficient = rest;
        add_term(inside, term);
      }
    }
    bool constant = true;
    for (const Term& term : inside) constant = constant && term.count == 0;
    if (constant) return intern(outside);  // the rest is in [0, n)
    return add(intern(outside), function(Atom::floordiv, intern(inside), n));
  }
  constexpr Dim ceildiv(Dim a, long long n) { return floordiv(add(a, n - 1), n); }
  constexpr Dim min(Dim a, Dim b) { return pick(Atom::min, a, b); }
  constexpr Dim max(Dim a, Dim b) { return pick(Atom::max, a, b); }

  constexpr bool is_ragged(Dim dim) const {
    if (is_constant(dim)) return false;
    const Sum& sum = sums_[static_cast<std::size_t>(~dim)];
    for (const Term& term : sum)
      for (int i = 0; i < term.count; ++i)
        if (atoms_[static_cast<std::size_t>(term.factors[i])].ragged) return true;
    return false;
  }
  /// The same dimension of the dense storage: every `seq~` becomes `seq`.
  constexpr Dim dense(Dim dim) {
    if (!is_ragged(dim)) return dim;
    Text text = print(dim), plain;
    for (char c : text.view())
      if (c != '~') plain << c;
    Text why;
    return parse(plain, why);
  }
  constexpr std::size_t atom_count() const { return atoms_.size(); }
  constexpr const Atom& atom(std::size_t i) const { return atoms_[i]; }
  constexpr Sum sum_of(Dim dim) const {
    if (!is_constant(dim)) return sums_[static_cast<std::size_t>(~dim)];
    Sum sum;
    if (dim != 0) {
      sum.count = 1;
      sum.terms[0].coefficient = dim;
    }
    return sum;
  }
  /// The value, given each symbol's through `value_of(std::string_view name)`.
  template <class Values> constexpr long long evaluate(Dim dim, const Values& value_of) const {
    if (is_constant(dim)) return dim;
    long long total = 0;
    const Sum sum = sum_of(dim);
    for (const Term& term : sum) {
      long long value = term.coefficient;
      for (int i = 0; i < term.count; ++i)
        value *= evaluate_atom(atoms_[static_cast<std::size_t>(term.factors[i])], value_of);
      total += value;
    }
    return total;
  }

  constexpr Text print(Dim dim) const {
    Text text;
    if (is_constant(dim)) return text << dim;
    const Sum sum = sum_of(dim);
    if (sum.count == 0) return text << 0;
    for (int i = 0; i < sum.count; ++i) {
      const Term& term = sum.terms[i];
      long long coefficient = term.coefficient;
      if (coefficient < 0) text << '-';
      else if (i > 0) text << '+';
      if (coefficient < 0) coefficient = -coefficient;
      if (coefficient != 1 || term.count == 0) text << coefficient;
      for (int j = 0; j < term.count; ++j) {
        if (j > 0 || coefficient != 1) text << '*';
        text << atoms_[static_cast<std::size_t>(term.factors[j])].text;
      }
    }
    return text;
  }

  /// Reads what `print` writes, and any sum of products of the same words, blanks allowed.
  /// On bad text `why` says what was wanted.
  constexpr Dim parse(std::string_view text, Text& why) {
    Reader reader{text, 0};
    Dim dim = parse_sum(reader, why);
    reader.skip();
    if (why.empty() && reader.at != text.size())
      why << "dimension '" << text << "': unexpected '" << text.substr(reader.at) << "'";
    return why.empty() ? dim : 0;
  }

 private:
  static constexpr int max_depth = 32;
  struct Reader {
    std::string_view text;
    std::size_t at;
    int depth = 0;
    constexpr void skip() {
      while (at < text.size() && text[at] == ' ') ++at;
    }
    constexpr bool eat(char c) {
      skip();
      if (at >= text.size() || text[at] != c) return false;
      ++at;
      return true;
    }
  };
  static constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  constexpr long long multiply(long long a, long long b) {
    long long result = 0;
    return __builtin_mul_overflow(a, b, &result) ? too_large() : result;
  }
  constexpr long long plus(long long a, long long b) {
    long long result = 0;
    return __builtin_add_overflow(a, b, &result) ? too_large() : result;
  }
  constexpr long long too_large() {
    if (error.empty()) error << "a dimension is larger than 64 bits";
    return 0;  // a wrapped number would be taken for an expression
  }
  constexpr bool remove_factor(Term& term, int factor) const {
    for (int i = 0; i < term.count; ++i) {
      if (term.factors[i] != factor) continue;
      for (int j = i; j + 1 < term.count; ++j) term.factors[j] = term.factors[j + 1];
      term.factors[--term.count] = 0;
      return true;
    }
    return false;
  }
  constexpr bool atom_before(int a, int b) const {
    return atoms_[static_cast<std::size_t>(a)].text.view() <
           atoms_[static_cast<std::size_t>(b)].text.view();
  }
  constexpr bool term_before(const Term& a, const Term& b) const {
    if (a.count != b.count) return a.count > b.count;
    for (int i = 0; i < a.count; ++i)
      if (a.factors[i] != b.factors[i]) return atom_before(a.factors[i], b.factors[i]);
    return false;
  }
  constexpr Term product(const Term& x, const Term& y) {
    Term term = x;
    term.coefficient = multiply(x.coefficient, y.coefficient);
    for (int i = 0; i < y.count; ++i) {
      if (term.count == Term::max_factors) {
        if (error.empty())
          error << "a dimension multiplies more than " << Term::max_factors << " factors";
        break;
      }
      int place = term.count++;
      while (place > 0 && atom_before(y.factors[i], term.factors[place - 1])) {
        term.factors[place] = term.factors[place - 1];
        --place;
      }
      term.factors[place] = y.factors[i];
    }
    return term;
  }
  constexpr void add_term(Sum& sum, const Term& term) {
    if (term.coefficient == 0) return;
    int place = 0;
    while (place < sum.count && term_before(sum.terms[place], term)) ++place;
    if (place < sum.count && sum.terms[place].same_product(term)) {
      sum.terms[place].coefficient = plus(sum.terms[place].coefficient, term.coefficient);
      if (sum.terms[place].coefficient != 0) return;
      for (int i = place; i + 1 < sum.count; ++i) sum.terms[i] = sum.terms[i + 1];
      sum.terms[--sum.count] = Term{};
      return;
    }
    if (sum.count == Sum::max_terms) {
      if (error.empty()) error << "a dimension adds more than " << Sum::max_terms << " terms";
      return;
    }
    for (int i = sum.count++; i > place; --i) sum.terms[i] = sum.terms[i - 1];
    sum.terms[place] = term;
  }
  constexpr Dim intern(const Sum& sum) {
    if (sum.count == 0) return 0;
    if (sum.count == 1 && sum.terms[0].count == 0 && sum.terms[0].coefficient >= 0)
      return sum.terms[0].coefficient;
    for (std::size_t i = 0; i < sums_.size(); ++i)
      if (sums_[i] == sum) return ~static_cast<Dim>(i);
    sums_.push_back(sum);
    return ~static_cast<Dim>(sums_.size() - 1);
  }
  constexpr Dim from_atom(const Atom& atom) {
    std::size_t i = 0;
    while (i < atoms_.size() && !(atoms_[i].text.view() == atom.text.view())) ++i;
    if (i == atoms_.size()) atoms_.push_back(atom);
    Sum sum;
    sum.count = 1;
    sum.terms[0].coefficient = 1;
    sum.terms[0].count = 1;
    sum.terms[0].factors[0] = static_cast<int>(i);
    return intern(sum);
  }
  constexpr Dim function(Atom::Kind kind, Dim left, Dim right) {
    Atom atom;
    atom.kind = kind;
    atom.left = left;
    atom.right = right;
    atom.ragged = is_ragged(left) || is_ragged(right);
    atom.text << (kind == Atom::floordiv ? "floordiv(" : kind == Atom::min ? "min(" : "max(")
              << print(left) << ", " << print(right) << ')';
    return from_atom(atom);
  }
  constexpr Dim pick(Atom::Kind kind, Dim a, Dim b) {
    if (a == b) return a;
    const Sum difference = sum_of(sub(a, b));  // a constant difference decides
    if (difference.count == 1 && difference.terms[0].count == 0)
      return (difference.terms[0].coefficient < 0) == (kind == Atom::min) ? a : b;
    if (print(b).view() < print(a).view()) return function(kind, b, a);
    return function(kind, a, b);
  }
  template <class Values>
  constexpr long long evaluate_atom(const Atom& atom, const Values& value_of) const {
    if (atom.kind == Atom::symbol) return value_of(atom.text.view());
    const long long left = evaluate(atom.left, value_of), right = evaluate(atom.right, value_of);
    if (atom.kind == Atom::min) return left < right ? left : right;
    if (atom.kind == Atom::max) return left > right ? left : right;
    return left / right - (left % right < 0 ? 1 : 0);
  }

  constexpr Dim parse_sum(Reader& reader, Text& why) {
    Dim total = 0;
    if (++reader.depth > max_depth)
      why << "dimension '" << reader.text << "' nests deeper than " << max_depth;
    bool negative = reader.eat('-');
    while (why.empty()) {
      const Dim product = parse_product(reader, why);
      total = negative ? sub(total, product) : add(total, product);
      if (reader.eat('+')) negative = false;
      else if (reader.eat('-')) negative = true;
      else break;
    }
    --reader.depth;
    return total;
  }
  constexpr Dim parse_product(Reader& reader, Text& why) {
    Dim product = why.empty() ? parse_factor(reader, why) : 0;
    while (why.empty() && reader.eat('*')) product = mul(product, parse_factor(reader, why));
    return product;
  }
  constexpr Dim parse_factor(Reader& reader, Text& why) {
    reader.skip();
    const std::string_view text = reader.text;
    const std::size_t start = reader.at;
    if (start < text.size() && is_digit(text[start])) {
      long long value = 0;
      while (reader.at < text.size() && is_digit(text[reader.at])) {
        if (__builtin_mul_overflow(value, 10LL, &value) ||
            __builtin_add_overflow(value, text[reader.at] - '0', &value)) {
          why << "dimension '" << text << "': a number is larger than 64 bits";
          return 0;
        }
        ++reader.at;
      }
      return value;
    }
    if (reader.eat('(')) {
      const Dim inner = parse_sum(reader, why);
      if (why.empty() && !reader.eat(')')) why << "dimension '" << text << "': ')' is missing";
      return inner;
    }
    if (start >= text.size() || !is_letter(text[start])) {
      why << "dimension '" << text << "': wants a number or a name at '" << text.substr(start)
          << "'";
      return 0;
    }
    while (reader.at < text.size() && (is_letter(text[reader.at]) || is_digit(text[reader.at])))
      ++reader.at;
    if (reader.at < text.size() && text[reader.at] == '~') ++reader.at;
    const std::string_view word = text.substr(start, reader.at - start);
    if (!reader.eat('(')) return symbol(word);
    const Dim left = parse_sum(reader, why);
    if (why.empty() && !reader.eat(',')) why << "dimension '" << text << "': ',' is missing";
    const Dim right = why.empty() ? parse_sum(reader, why) : 0;
    if (why.empty() && !reader.eat(')')) why << "dimension '" << text << "': ')' is missing";
    if (!why.empty()) return 0;
    if (word == "min") return min(left, right);
    if (word == "max") return max(left, right);
    if (word != "floordiv" && word != "ceildiv") {
      why << "dimension '" << text << "': '" << word << "' is not floordiv, ceildiv, min or max";
      return 0;
    }
    if (!is_constant(right) || right == 0) {
      why << "dimension '" << text << "': " << word << " wants a constant divisor of at least 1";
      return 0;
    }
    return word == "floordiv" ? floordiv(left, right) : ceildiv(left, right);
  }

  Vec<Atom> atoms_;
  Vec<Sum> sums_;
};

}  // namespace sinter::rules
