// Threads that share one loop at a time: a static split, spin then futex, the caller takes part.
// Threads start at the first loop that needs them. Non-goals: no queue, no stealing, no nesting: a
// loop that begins while another runs is done by its caller alone, with the same split.
#ifndef SINTER_RUNTIME_POOL_H
#define SINTER_RUNTIME_POOL_H

#include <pthread.h>

#include <atomic>
#include <compare>
#include <cstdint>
#include <vector>

namespace sinter::runtime {

/// Processors that affinity and the control groups (v1 and v2) allow this process; at least 1.
int allowed_processors();
/// The control groups' part of it, with the files below `root` ("" or a test's folder); 0: no
/// limit.
int quota_processors(const char* root);

class Pool {
 public:
  /// Item ranges of one thread: body(context, begin, end, thread).
  using Body = void (*)(void* context, int64_t begin, int64_t end, int64_t thread);

  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const { return threads_; }
  /// Thread t of n gets [count*t/n, count*(t+1)/n); returns when all are done.
  void run(int64_t count, Body body, void* context);
  /// Where this thread is: how many loops its caller has begun and ended so far, and which thread
  /// of the loop it is. Of two places, one thread alone would come first to the lesser one.
  struct Place {
    uint64_t time = 0;
    int thread = 0;
    auto operator<=>(const Place&) const = default;
  };
  static Place place();
  /// The same in the form of SinterCall::parallel.
  static void parallel(void* pool, int64_t count, Body body, void* context);

 private:
  struct Worker {
    Pool* pool;
    int thread;
    pthread_t handle;
  };
  static void* work(void* worker);
  bool start();  // false where the system gives too few threads
  void part(int thread) const;

  const int threads_;
  std::vector<Worker> workers_;
  Body body_ = nullptr;
  void* context_ = nullptr;
  uint64_t time_ = 0;
  int64_t count_ = 0;
  bool stop_ = false;
  std::atomic<bool> busy_{false};
  alignas(64) std::atomic<uint32_t> generation_{0};  // rises with every loop
  alignas(64) std::atomic<uint32_t> running_{0};     // workers that have not finished this loop
  alignas(64) std::atomic<uint32_t> sleepers_{0};
};

}  // namespace sinter::runtime
#endif
