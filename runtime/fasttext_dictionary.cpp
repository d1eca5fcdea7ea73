// fastText's dictionary; see fasttext_dictionary.h. Hashes are FNV-1a over signed bytes in 32 bits;
// a group of words continues in 64 bits from sign-extended hashes, as the original does.
// Most parts of words are not in a pruned model, and which are is hard to guess: each candidate is
// written and only kept where its bucket is, without a branch. Rows are looked up at the end.
#include "fasttext_dictionary.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "error.h"

namespace sinter::runtime {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr int32_t kMagic = 793712314;
constexpr std::string_view kEnd = "</s>";
constexpr std::string_view kLabel = "__label__";

bool is_blank(char c) { return c == ' ' || c == '\0' || (c >= '\t' && c <= '\r'); }
bool continues(char c) { return (c & 0xC0) == 0x80; }

/// One step of FNV-1a.
constexpr uint32_t hashed(uint32_t hash, char c) {
  return (hash ^ static_cast<uint32_t>(static_cast<signed char>(c))) * 16777619u;
}
constexpr uint32_t kHashStart = 2166136261u;
constexpr uint32_t kEndHash = [] {
  uint32_t hash = kHashStart;
  for (char c : kEnd) hash = hashed(hash, c);
  return hash;
}();

/// Little-endian values from the front of a text, bounds checked.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T take() {
    T value;
    std::memcpy(&value, raw(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::string_view raw(size_t size) {
    if (size > bytes_.size()) fail();
    std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }
  std::string_view text() {
    size_t end = bytes_.find('\0');
    if (end == bytes_.npos) fail();
    std::string_view part = raw(end + 1);
    return part.substr(0, end);
  }
  size_t left() const { return bytes_.size(); }
  [[noreturn]] static void fail() {
    sinter::runtime::fail(exit_resource, "the embedded fastText model is not a right one");
  }

 private:
  std::string_view bytes_;
};

/// The part of a model file that is no matrix.
struct Front {
  int32_t word_ngrams, bucket, shortest, longest;
  int64_t pruned;
  std::vector<std::string_view> words, labels;
  std::string_view kept;  // pairs of bucket and row
};

Front read_front(std::string_view model) {
  Bytes bytes(model);
  Front front;
  if (bytes.take<int32_t>() != kMagic) Bytes::fail();
  auto version = bytes.take<int32_t>();
  bytes.raw(5 * 4);  // dim, ws, epoch, minCount, neg
  front.word_ngrams = bytes.take<int32_t>();
  bytes.raw(4);  // loss
  auto kind = bytes.take<int32_t>();
  front.bucket = bytes.take<int32_t>();
  front.shortest = bytes.take<int32_t>();
  front.longest = bytes.take<int32_t>();
  bytes.raw(4 + 8);  // lrUpdateRate, t
  constexpr int32_t kSupervised = 3;
  if (version == 11 && kind == kSupervised) front.longest = 0;  // old ones had no word parts
  auto size = bytes.take<int32_t>();
  auto words = bytes.take<int32_t>();
  auto labels = bytes.take<int32_t>();
  bytes.raw(8);  // ntokens
  front.pruned = bytes.take<int64_t>();
  // Every entry takes at least 10 bytes, every pruned bucket 8: nothing is reserved on trust.
  if (size < 0 || words < 0 || labels < 0 || int64_t{words} + labels != size || front.pruned < -1 ||
      front.bucket < 0 || static_cast<size_t>(size) > bytes.left() / 10)
    Bytes::fail();
  front.words.reserve(static_cast<size_t>(words));
  for (int32_t i = 0; i < size; ++i) {
    std::string_view text = bytes.text();
    bytes.raw(8);  // count
    bool label = bytes.take<int8_t>() == 1;
    if (label != (i >= words)) Bytes::fail();  // words come first
    (label ? front.labels : front.words).push_back(text);
  }
  bool hashes = front.word_ngrams > 1 || front.longest > 0;
  if (hashes && front.bucket == 0 && front.pruned != 0) Bytes::fail();
  if (front.pruned > static_cast<int64_t>(bytes.left() / 8)) Bytes::fail();
  if (front.pruned > 0) front.kept = bytes.raw(static_cast<size_t>(front.pruned) * 8);
  return front;
}

}  // namespace

bool is_fasttext_model(std::string_view bytes) {
  return bytes.size() > 8 && Bytes(bytes).take<int32_t>() == kMagic;
}

std::vector<std::string_view> fasttext_labels(std::string_view model) {
  return read_front(model).labels;
}

FastTextDictionary::FastTextDictionary(std::string_view model) : table_(0) {
  Front front = read_front(model);
  word_ngrams_ = front.word_ngrams;
  shortest_ = front.shortest;
  longest_ = front.longest;
  bucket_ = static_cast<uint32_t>(front.bucket);
  if (bucket_ != 0) inverse_ = UINT64_MAX / bucket_ + 1;
  pruned_ = front.pruned;
  table_ = TextTable(front.words.size());
  for (std::string_view word : front.words) table_.add(word);
  if (pruned_ > 0) read_kept(front.kept);
}

// `pairs` holds (bucket, row behind the words) pairs in any order.
void FastTextDictionary::read_kept(std::string_view pairs) {
  struct Pair {
    int32_t bucket, row;
  };
  auto pair_at = [&](size_t i) {
    Pair pair;
    std::memcpy(&pair, pairs.data() + i * sizeof pair, sizeof pair);
    return pair;
  };
  auto count = static_cast<size_t>(pruned_);
  kept_.assign(bucket_ / 32 + 1, 0);
  for (size_t i = 0; i < count; ++i) {
    auto [bucket, row] = pair_at(i);
    if (bucket < 0 || static_cast<uint32_t>(bucket) >= bucket_ || row < 0 || row >= pruned_)
      Bytes::fail();
    uint32_t &bits = kept_[static_cast<size_t>(bucket) / 32], bit = 1u << (bucket % 32);
    if ((bits & bit) != 0) Bytes::fail();  // twice
    bits |= bit;
  }
  kept_before_.reserve(kept_.size());
  uint32_t before = 0;
  for (uint32_t bits : kept_) {
    kept_before_.push_back(before);
    before += static_cast<uint32_t>(std::popcount(bits));
  }
  kept_rows_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    auto [bucket, row] = pair_at(i);
    kept_rows_[kept_number(static_cast<uint32_t>(bucket))] = static_cast<int32_t>(words()) + row;
  }
}

/// How many buckets are kept before this one, which is kept.
uint32_t FastTextDictionary::kept_number(uint32_t bucket) const {
  uint32_t lower = kept_[bucket / 32] & ((1u << (bucket % 32)) - 1);
  return kept_before_[bucket / 32] + static_cast<uint32_t>(std::popcount(lower));
}

void FastTextDictionary::begin(std::string_view text) {
  size_t size = 1 + text.size() + 1 + kEnd.size();
  if (text_.size() < size) text_.resize(2 * size);
  std::memcpy(text_.data() + 1, text.data(), text.size());
  std::memcpy(text_.data() + 1 + text.size() + 1, kEnd.data(), kEnd.size());
  hashes_.clear();
  found_count_ = 0;
}

void FastTextDictionary::make_room(size_t more) {
  if (found_.size() < found_count_ + more) found_.resize(2 * (found_count_ + more));
}

/// Writes the bucket; the place behind it is the next one's only where the bucket is kept.
int32_t* FastTextDictionary::put_bucket(uint32_t bucket, int32_t* to) const {
  *to = static_cast<int32_t>(bucket);
  return to + (pruned_ < 0 || (kept_[bucket / 32] >> (bucket % 32) & 1) != 0);
}

// Every run of shortest_ … longest_ characters of "<word>", but for its first and last alone. The
// hash grows with the run. The frame takes the places of the blanks around the word.
void FastTextDictionary::push_parts(size_t begin, size_t end) {
  text_[begin - 1] = '<';
  text_[end] = '>';
  const char *first = text_.data() + begin - 1, *last = text_.data() + end + 1;
  for (const char* from = first; from != last; ++from) {
    if (continues(*from)) continue;
    make_room(std::min(static_cast<size_t>(last - from), static_cast<size_t>(longest_)));
    int32_t* out = found_.data() + found_count_;
    uint32_t hash = kHashStart;
    const char* to = from;
    for (int32_t n = 1; to != last && n <= longest_; ++n) {
      do hash = hashed(hash, *to++);
      while (to != last && continues(*to));
      bool edge = n == 1 && (from == first || to == last);
      if (n < shortest_ || edge) continue;
      // hash % bucket_: the fraction of hash / bucket_ in 64 bits, times bucket_ (Lemire et al.)
      auto fraction = static_cast<Wide>(inverse_ * hash);
      out = put_bucket(static_cast<uint32_t>(fraction * bucket_ >> 64), out);
    }
    found_count_ = static_cast<size_t>(out - found_.data());
  }
}

/// The word at [begin, end) of text_.
void FastTextDictionary::push_word(size_t begin, size_t end, uint32_t hash) {
  std::string_view word(text_.data() + begin, end - begin);
  int32_t row = table_.find(word, hash);
  hashes_.push_back(static_cast<int32_t>(hash));
  bool parts = longest_ > 0 && pruned_ != 0 && word != kEnd;
  make_room(1);
  if (row >= 0) found_[found_count_++] = ~row;
  if (parts) push_parts(begin, end);
}

void FastTextDictionary::push_groups() {
  auto count = static_cast<int64_t>(hashes_.size());
  for (int64_t i = 0; i < count; ++i) {
    auto hash = static_cast<uint64_t>(static_cast<int64_t>(hashes_[i]));
    for (int64_t j = i + 1; j < count && j < i + word_ngrams_; ++j) {
      hash = hash * 116049371u + static_cast<uint64_t>(static_cast<int64_t>(hashes_[j]));
      make_room(1);
      int32_t* to = found_.data() + found_count_;
      found_count_ +=
          static_cast<size_t>(put_bucket(static_cast<uint32_t>(hash % bucket_), to) - to);
    }
  }
}

void FastTextDictionary::finish(std::vector<int32_t>& rows) const {
  size_t old = rows.size();
  rows.resize(old + found_count_);
  for (size_t i = 0; i < found_count_; ++i) {
    int32_t found = found_[i];
    int32_t& row = rows[old + i];
    if (found < 0) {
      row = ~found;
    } else if (pruned_ < 0) {
      row = static_cast<int32_t>(words()) + found;
    } else {
      row = kept_rows_[kept_number(static_cast<uint32_t>(found))];
    }
  }
}

void FastTextDictionary::word_rows(std::string_view word, std::vector<int32_t>& rows) {
  begin(word);
  push_word(1, word.size() + 1, TextTable::hash(word));
  finish(rows);
}

void FastTextDictionary::encode(std::string_view line, std::vector<int32_t>& rows) {
  begin(line);
  size_t at = 1;
  for (size_t size = line.size() + 1;; ++at) {  // the frame has taken the blank behind the word
    while (at < size && is_blank(text_[at])) ++at;
    if (at >= size) break;
    size_t first = at;
    uint32_t hash = kHashStart;
    for (; at < size && !is_blank(text_[at]); ++at) hash = hashed(hash, text_[at]);
    std::string_view word(text_.data() + first, at - first);
    if (word == kEnd) break;  // so the original
    if (word.starts_with(kLabel) && table_.find(word, hash) < 0) continue;
    push_word(first, at, hash);
  }
  push_word(line.size() + 2, line.size() + 2 + kEnd.size(), kEndHash);
  if (word_ngrams_ > 1 && pruned_ != 0) push_groups();
  finish(rows);
}

}  // namespace sinter::runtime
