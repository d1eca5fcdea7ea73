// SentencePiece's unigram tokenizer; see unigram.h. Field numbers are sentencepiece_model.proto's.
#include "unigram.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "error.h"
#include "protobuf.h"
#include "utf8.h"

namespace sinter::runtime {
namespace {

constexpr std::string_view kBlank = "\xE2\x96\x81";  // ▁, which stands for a blank
constexpr float kUnknownPenalty = 10;                // below the least likely piece
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The bytes of the valid character at the front, or 0.
size_t valid_length(std::string_view rest) {
  size_t at = 0;
  bool invalid = next_code_point(rest, at) == 0xFFFD && rest.substr(0, 3) != kReplacement;
  return invalid ? 0 : at;
}

/// What the lead byte says, whether or not it is right.
size_t character_length(std::string_view rest) {
  auto lead = static_cast<unsigned char>(rest[0]);
  size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(length, rest.size());
}

}  // namespace

// ---- the file ----------------------------------------------------------------------------------

Unigram::Unigram(std::string_view model, Settings settings) : settings_(std::move(settings)) {
  try {
    read(model);
  } catch (const ProtobufReader::Malformed&) {
    fail(exit_usage, "the task's SentencePiece model is damaged or no such file");
  }
  index_pieces();
}

void Unigram::read(std::string_view model) {
  if (model.empty()) throw ProtobufReader::Malformed{};
  for (ProtobufReader fields(model); fields.next();) {
    if (fields.field() == 1) read_piece(fields.bytes());
    if (fields.field() == 2) read_trainer(fields.bytes());
    if (fields.field() == 3) read_normalizer(fields.bytes());
  }
}

void Unigram::read_piece(std::string_view message) {
  Piece piece;
  for (ProtobufReader fields(message); fields.next();) {
    if (fields.field() == 1) piece.text = fields.bytes();
    if (fields.field() == 2) piece.score = fields.real();
    if (fields.field() == 3) {
      if (fields.number() < normal || fields.number() > byte) throw ProtobufReader::Malformed{};
      piece.type = static_cast<Type>(fields.number());
    }
  }
  if (piece.text.empty()) throw ProtobufReader::Malformed{};
  pieces_.push_back(piece);
}

void Unigram::read_trainer(std::string_view message) {
  constexpr const char* kKinds[] = {"unigram", "BPE", "word", "character"};
  for (ProtobufReader fields(message); fields.next();) {
    if (fields.field() == 3 && fields.number() != 1)
      fail(exit_usage, "the task's SentencePiece model is a " +
                           std::string(kKinds[std::clamp<uint64_t>(fields.number(), 1, 4) - 1]) +
                           " model; the reader takes unigram models");
    if (fields.field() == 24) blank_behind_ = fields.flag();
    if (fields.field() == 35) byte_fallback_ = fields.flag();
  }
}

void Unigram::read_normalizer(std::string_view message) {
  for (ProtobufReader fields(message); fields.next();) {
    if (fields.field() == 2) map_ = CharacterMap(fields.bytes());
    if (fields.field() == 3) dummy_prefix_ = fields.flag();
    if (fields.field() == 4) remove_blanks_ = fields.flag();
    if (fields.field() == 5) escape_blanks_ = fields.flag();
  }
}

void Unigram::index_pieces() {
  std::vector<PieceTrie::Entry> all, spoken, kept;
  bool any = false;
  bytes_.assign(256, -1);
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    PieceTrie::Entry entry(piece.text, static_cast<int32_t>(i));
    all.push_back(entry);
    if (piece.type == normal || piece.type == user_defined) spoken.push_back(entry);
    if (piece.type == user_defined) kept.push_back(entry);
    if (piece.type == unknown) unknown_ = entry.second;
    if (piece.type == byte && piece.text.size() == 6 && piece.text.starts_with("<0x"))
      bytes_[std::strtoul(std::string(piece.text.substr(3, 2)).c_str(), nullptr, 16)] =
          entry.second;
    if (piece.type != normal) continue;
    least_ = any ? std::min(least_, piece.score) : piece.score;
    any = true;
  }
  if (unknown_ < 0) fail(exit_usage, "the task's SentencePiece model has no unknown piece");
  if (byte_fallback_ && std::find(bytes_.begin(), bytes_.end(), -1) != bytes_.end())
    fail(exit_usage, "the task's SentencePiece model lacks pieces of its byte fallback");
  names_ = PieceTrie(std::move(all));
  spoken_ = PieceTrie(std::move(spoken));
  kept_ = PieceTrie(std::move(kept));
}

// ---- from text to normal text ------------------------------------------------------------------

void Unigram::append(Traced& out, std::string_view part, Place from, bool trace) {
  out.text += part;
  if (trace) out.from.resize(out.text.size(), from);
}

// ALBERT's preprocessing: quotes, accents, case.
void Unigram::prepare(std::string_view text, int64_t offset, bool trace) {
  prepared_.clear();
  const bool lower = settings_.lower, strip_accents = settings_.strip_accents;
  std::string character;
  for (size_t at = 0; at < text.size();) {
    std::string_view rest = text.substr(at);
    size_t length = valid_length(rest);
    bool quote = settings_.quotes && (rest.starts_with("``") || rest.starts_with("''"));
    if (quote) length = 2;
    character.assign(rest.substr(0, std::max<size_t>(length, 1)));
    Place from = {offset + static_cast<int64_t>(at), 0};
    at += character.size();
    from.end = offset + static_cast<int64_t>(at);
    if (quote) {
      character = "\"";
    } else if (length != 0 && (lower || strip_accents)) {
      size_t zero = 0;
      utf8proc_int32_t parts[32] = {static_cast<int32_t>(next_code_point(character, zero))};
      utf8proc_ssize_t count = 1;
      int bound = UTF8PROC_BOUNDCLASS_START;
      if (strip_accents && parts[0] >= 0x80)
        count = utf8proc_decompose_char(
            parts[0], parts, 32,
            static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT), &bound);
      if (count < 1 || count > 32) count = 1;
      character.clear();
      for (utf8proc_ssize_t i = 0; i < count; ++i) {
        if (strip_accents && utf8proc_get_property(parts[i])->combining_class != 0) continue;
        int32_t c = lower ? utf8proc_tolower(parts[i]) : parts[i];
        append_utf8(character, static_cast<uint32_t>(c));
      }
    }
    append(prepared_, character, from, trace);
  }
}

// The file's own normalisation of prepared_, and its rules for blanks.
void Unigram::normalize(bool trace) {
  normal_.clear();
  std::string_view rest = prepared_.text;
  auto next = [&] {
    struct {
      std::string_view part;
      size_t length = 0;
    } found;
    kept_.each_prefix(rest, [&](size_t length, int32_t) { found.length = length; });
    if (found.length != 0) {
      found.part = rest.substr(0, found.length);
      return found;
    }
    CharacterMap::Rule rule = map_.find(rest);
    found.length = rule.length != 0 ? rule.length : valid_length(rest);
    found.part = rule.length != 0 ? rule.replacement : rest.substr(0, found.length);
    if (found.length != 0) return found;
    found.part = kReplacement;
    found.length = 1;
    return found;
  };
  while (remove_blanks_ && !rest.empty()) {
    auto [part, length] = next();
    if (part != " ") break;
    rest.remove_prefix(length);
  }
  if (rest.empty()) return;
  std::string_view blank = escape_blanks_ ? kBlank : " ";
  auto source = [&](size_t length) {
    size_t at = prepared_.text.size() - rest.size();
    if (!trace) return Place{};
    return Place{prepared_.from[at].begin, prepared_.from[at + length - 1].end};
  };
  auto nothing = [&](int64_t at) { return Place{at, at}; };
  if (dummy_prefix_ && !blank_behind_)
    append(normal_, blank, nothing(trace ? source(1).begin : 0), trace);
  bool after_blank = remove_blanks_;
  while (!rest.empty()) {
    auto [part, length] = next();
    while (after_blank && part.starts_with(' ')) part.remove_prefix(1);
    Place from = source(length);
    if (!part.empty()) after_blank = part.ends_with(' ');
    for (char c : part) append(normal_, c == ' ' ? blank : std::string_view(&c, 1), from, trace);
    rest.remove_prefix(length);
    if (!remove_blanks_) after_blank = false;
  }
  while (remove_blanks_ && normal_.text.ends_with(blank)) {
    normal_.text.resize(normal_.text.size() - blank.size());
    if (trace) normal_.from.resize(normal_.text.size());
  }
  if (dummy_prefix_ && blank_behind_)
    append(normal_, blank, nothing(trace ? prepared_.from.back().end : 0), trace);
}

// ---- from normal text to pieces ----------------------------------------------------------------

// Viterbi over the bytes. Sums are kept small where the library (0.2.3) does so, and rounded like
// its own, so that ties fall alike.
void Unigram::search() {
  constexpr float kLargeSum = 100'000;
  std::string_view text = normal_.text;
  best_.assign(text.size() + 1, {});
  size_t frontier = 0;  // the last byte at which a piece ends
  auto offer = [&](size_t begin, size_t length, float score, int32_t id) {
    frontier = std::max(frontier, begin + length);
    Best& end = best_[begin + length];
    if (end.begin < 0 || score > end.score) end = {score, static_cast<int64_t>(begin), id};
  };
  for (size_t begin = 0; begin < text.size();) {
    float so_far = best_[begin].score;
    if (std::abs(so_far) > kLargeSum) {
      for (size_t i = begin; i <= frontier; ++i) best_[i].score -= so_far;
      so_far = 0;
    }
    std::string_view rest = text.substr(begin);
    size_t character = character_length(rest);
    bool covered = false;
    spoken_.each_prefix(rest, [&](size_t length, int32_t id) {
      const Piece& piece = pieces_[static_cast<size_t>(id)];
      bool kept = piece.type == user_defined;  // such pieces are chosen before all others
      float score = kept ? static_cast<float>(0.1 * static_cast<double>(length - 1)) : piece.score;
      offer(begin, length, score + so_far, id);
      covered |= length == character;
    });
    if (!covered) offer(begin, character, least_ - kUnknownPenalty + so_far, unknown_);
    begin += character;
  }
}

Place Unigram::place(int64_t begin, int64_t end) const {
  bool blank =
      std::string_view(normal_.text).substr(static_cast<size_t>(begin)).starts_with(kBlank);
  int64_t seen =
      std::min<int64_t>(end, blank ? begin + static_cast<int64_t>(kBlank.size()) : begin);
  Place last = normal_.from[static_cast<size_t>(end - 1)];
  if (seen == end) return {last.end, last.end, true};
  return {normal_.from[static_cast<size_t>(seen)].begin, last.end, blank || begin == 0};
}

void Unigram::encode_plain(std::string_view text, int64_t offset, std::vector<int32_t>& ids,
                           std::vector<Place>* places) {
  if (text.empty()) return;
  bool trace = places != nullptr;
  prepare(text, offset, trace);
  normalize(trace);
  search();
  ends_.clear();
  for (auto end = static_cast<int64_t>(normal_.text.size()); end > 0; end = best(end).begin)
    ends_.push_back(end);
  bool after_unknown = false;
  for (size_t i = ends_.size(); i-- > 0;) {
    auto [score, begin, id] = best(ends_[i]);
    bool is_unknown = id == unknown_;
    Place here = trace ? place(begin, ends_[i]) : Place{};
    auto push = [&](int32_t piece) {
      ids.push_back(piece);
      if (trace) places->push_back(here);
      here.starts_word = false;
    };
    if (is_unknown && byte_fallback_) {
      for (int64_t at = begin; at < ends_[i]; ++at)
        push(bytes_[static_cast<unsigned char>(normal_.text[static_cast<size_t>(at)])]);
    } else if (!is_unknown || !after_unknown) {
      push(id);
    } else if (trace) {  // a run of unknown characters is one unknown piece
      places->back().end = here.end;
    }
    after_unknown = is_unknown;
  }
}

void Unigram::encode(std::string_view text, std::vector<int32_t>& ids, std::vector<Place>* places) {
  size_t begin = 0;
  for (size_t at = 0; at < text.size() && !settings_.symbols.empty();) {
    std::string_view rest = text.substr(at);
    auto symbol = std::find_if(settings_.symbols.begin(), settings_.symbols.end(),
                               [&](const std::string& s) { return rest.starts_with(s); });
    int32_t id = symbol == settings_.symbols.end() ? -1 : find(*symbol);
    if (id < 0) {
      ++at;
      continue;
    }
    encode_plain(text.substr(begin, at - begin), static_cast<int64_t>(begin), ids, places);
    ids.push_back(id);
    begin = at + symbol->size();
    if (places) places->push_back({static_cast<int64_t>(at), static_cast<int64_t>(begin), true});
    at = begin;
  }
  encode_plain(text.substr(begin), static_cast<int64_t>(begin), ids, places);
}

}  // namespace sinter::runtime
