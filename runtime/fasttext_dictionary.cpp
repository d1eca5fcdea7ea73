// fastText's dictionary; see fasttext_dictionary.h. Hashes are FNV-1a over signed bytes in 32 bits;
// a group of words continues in 64 bits from sign-extended hashes, as the original does.
#include "fasttext_dictionary.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "error.h"

namespace sinter::runtime {
namespace {

constexpr int32_t kMagic = 793712314;
constexpr std::string_view kEnd = "</s>";
constexpr std::string_view kLabel = "__label__";
constexpr std::string_view kBlanks{" \n\r\t\v\f\0", 7};

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

bool continues(char c) { return (c & 0xC0) == 0x80; }

}  // namespace

bool FastTextDictionary::is_model(std::string_view bytes) {
  return bytes.size() > 8 && Bytes(bytes).take<int32_t>() == kMagic;
}

FastTextDictionary::FastTextDictionary(std::string_view model) : table_(0) {
  Bytes bytes(model);
  if (bytes.take<int32_t>() != kMagic) Bytes::fail();
  auto version = bytes.take<int32_t>();
  bytes.raw(5 * 4);  // dim, ws, epoch, minCount, neg
  word_ngrams_ = bytes.take<int32_t>();
  bytes.raw(4);  // loss
  auto kind = bytes.take<int32_t>();
  bucket_ = bytes.take<int32_t>();
  shortest_ = bytes.take<int32_t>();
  longest_ = bytes.take<int32_t>();
  bytes.raw(4 + 8);  // lrUpdateRate, t
  constexpr int32_t kSupervised = 3;
  if (version == 11 && kind == kSupervised) longest_ = 0;  // old classifiers had no word parts
  auto size = bytes.take<int32_t>();
  words_ = bytes.take<int32_t>();
  auto labels = bytes.take<int32_t>();
  bytes.raw(8);  // ntokens
  pruned_ = bytes.take<int64_t>();
  // Every entry takes at least 10 bytes, every pruned bucket 8: nothing is reserved on trust.
  if (size < 0 || words_ < 0 || labels < 0 || words_ + labels != size || pruned_ < -1 ||
      bucket_ < 0 || static_cast<size_t>(size) > bytes.left() / 10)
    Bytes::fail();
  table_ = TextTable(static_cast<size_t>(words_));
  for (int32_t i = 0; i < size; ++i) {
    std::string_view text = bytes.text();
    bytes.raw(8);  // count
    bool label = bytes.take<int8_t>() == 1;
    if (label != (i >= words_)) Bytes::fail();  // words come first
    if (label) {
      labels_.push_back(text);
    } else {
      table_.add(text);
    }
  }
  bool hashed = word_ngrams_ > 1 || longest_ > 0;
  if (hashed && bucket_ == 0 && pruned_ != 0) Bytes::fail();
  if (pruned_ > static_cast<int64_t>(bytes.left() / 8)) Bytes::fail();
  if (pruned_ > 0) read_kept(bytes.raw(static_cast<size_t>(pruned_) * 8));
}

// `pairs` holds (bucket, row behind the words) pairs in any order.
void FastTextDictionary::read_kept(std::string_view pairs) {
  struct Pair {
    int32_t bucket, row;
  };
  std::vector<Pair> sorted(static_cast<size_t>(pruned_));
  std::memcpy(sorted.data(), pairs.data(), pairs.size());
  std::sort(sorted.begin(), sorted.end(),
            [](const Pair& a, const Pair& b) { return a.bucket < b.bucket; });
  kept_.bits.assign(static_cast<size_t>(bucket_) / 64 + 1, 0);
  for (size_t i = 0; i < sorted.size(); ++i) {
    auto [bucket, row] = sorted[i];
    bool twice = i != 0 && sorted[i - 1].bucket == bucket;
    if (bucket < 0 || bucket >= bucket_ || row < 0 || row >= pruned_ || twice) Bytes::fail();
    kept_.bits[static_cast<size_t>(bucket) / 64] |= uint64_t(1) << (bucket % 64);
    kept_.rows.push_back(static_cast<int32_t>(words_) + row);
  }
  int32_t before = 0;
  for (uint64_t bits : kept_.bits) {
    kept_.before.push_back(before);
    before += std::popcount(bits);
  }
}

int64_t FastTextDictionary::rows() const { return words_ + (pruned_ >= 0 ? pruned_ : bucket_); }

void FastTextDictionary::push_bucket(int64_t bucket, std::vector<int32_t>& rows) const {
  if (pruned_ < 0) {
    rows.push_back(static_cast<int32_t>(words_ + bucket));
    return;
  }
  auto word = static_cast<size_t>(bucket) / 64;
  uint64_t bit = uint64_t(1) << (bucket % 64), bits = kept_.bits[word];
  if ((bits & bit) == 0) return;
  rows.push_back(
      kept_.rows[static_cast<size_t>(kept_.before[word] + std::popcount(bits & (bit - 1)))]);
}

// Every run of shortest_ … longest_ characters of "<word>", but for its first and last alone. The
// hash grows with the run.
void FastTextDictionary::push_parts(std::string_view word, std::vector<int32_t>& rows) {
  if (longest_ <= 0 || pruned_ == 0) return;
  framed_ = '<';
  (framed_ += word) += '>';
  for (size_t i = 0; i < framed_.size(); ++i) {
    if (continues(framed_[i])) continue;
    uint32_t hash = 2166136261u;
    size_t j = i;
    for (int32_t n = 1; j < framed_.size() && n <= longest_; ++n) {
      do {
        hash ^= static_cast<uint32_t>(static_cast<signed char>(framed_[j++]));
        hash *= 16777619u;
      } while (j < framed_.size() && continues(framed_[j]));
      bool edge = n == 1 && (i == 0 || j == framed_.size());
      if (n >= shortest_ && !edge) push_bucket(hash % static_cast<uint32_t>(bucket_), rows);
    }
  }
}

void FastTextDictionary::word_rows(std::string_view word, std::vector<int32_t>& rows) {
  int32_t row = table_.find(word);
  if (row >= 0) rows.push_back(row);
  if (word != kEnd) push_parts(word, rows);
}

void FastTextDictionary::push_token(std::string_view token, std::vector<int32_t>& rows) {
  uint32_t hash = TextTable::hash(token);
  int32_t row = table_.find(token, hash);
  if (row < 0 && token.starts_with(kLabel)) return;
  hashes_.push_back(static_cast<int32_t>(hash));
  if (row >= 0) rows.push_back(row);
  if (token != kEnd) push_parts(token, rows);
}

void FastTextDictionary::encode(std::string_view line, std::vector<int32_t>& rows) {
  hashes_.clear();
  bool ended = false;
  for (size_t at = 0; !ended;) {
    at = line.find_first_not_of(kBlanks, at);
    if (at == line.npos) break;
    size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    std::string_view token = line.substr(at, end - at);
    push_token(token, rows);
    ended = token == kEnd;  // the original stops there, too
    at = end;
  }
  if (!ended) push_token(kEnd, rows);
  if (word_ngrams_ < 2 || pruned_ == 0) return;
  auto count = static_cast<int64_t>(hashes_.size());
  for (int64_t i = 0; i < count; ++i) {
    auto hash = static_cast<uint64_t>(static_cast<int64_t>(hashes_[i]));
    for (int64_t j = i + 1; j < count && j < i + word_ngrams_; ++j) {
      hash = hash * 116049371u + static_cast<uint64_t>(static_cast<int64_t>(hashes_[j]));
      push_bucket(static_cast<int64_t>(hash % static_cast<uint64_t>(bucket_)), rows);
    }
  }
}

}  // namespace sinter::runtime
