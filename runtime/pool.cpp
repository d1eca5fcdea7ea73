// The thread pool; see pool.h. What a loop needs is written before `generation_` rises and read
// after a worker has seen it rise; results are read after `running_` has fallen to zero.
#include "pool.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace sinter::runtime {
namespace {

// About 20 microseconds: longer than the serial gaps between kernels, shorter than a time slice.
constexpr int kSpins = 2000;

void pause_briefly() { __builtin_ia32_pause(); }

void sleep_while(std::atomic<uint32_t>& word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void wake_all(std::atomic<uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

thread_local Pool::Place here;

// count*t/n without overflow.
int64_t border(int64_t count, int64_t t, int64_t n) { return count / n * t + count % n * t / n; }

}  // namespace

Pool::Pool(int threads) : threads_(threads) {}

Pool::~Pool() {
  stop_ = true;
  generation_.fetch_add(1);
  wake_all(generation_);
  for (Worker& worker : workers_) pthread_join(worker.handle, nullptr);
}

bool Pool::start() {
  if (!workers_.empty()) return true;
  workers_.reserve(threads_ - 1);  // workers keep pointers into it
  for (int t = 1; t < threads_; ++t) {
    workers_.push_back({this, t, {}});
    if (pthread_create(&workers_.back().handle, nullptr, work, &workers_.back()) != 0) {
      workers_.pop_back();
      return false;
    }
  }
  return true;
}

Pool::Place Pool::place() { return here; }

void Pool::part(int thread) const {
  int64_t begin = border(count_, thread, threads_), end = border(count_, thread + 1, threads_);
  here = {time_, thread};
  if (begin < end) body_(context_, begin, end, thread);
}

void* Pool::work(void* argument) {
  Worker& worker = *static_cast<Worker*>(argument);
  Pool& pool = *worker.pool;
  uint32_t seen = 0;
  for (;;) {
    for (int spins = 0; pool.generation_.load(std::memory_order_acquire) == seen;) {
      if (++spins < kSpins) {
        pause_briefly();
      } else {
        pool.sleepers_.fetch_add(1);
        sleep_while(pool.generation_, seen);
        pool.sleepers_.fetch_sub(1);
      }
    }
    ++seen;
    if (pool.stop_) return nullptr;
    pool.part(worker.thread);
    pool.running_.fetch_sub(1, std::memory_order_release);
  }
}

void Pool::run(int64_t count, Body body, void* context) {
  if (count <= 0) return;
  bool alone = threads_ == 1 || count == 1 || busy_.exchange(true, std::memory_order_acquire);
  // Where the system gives too few threads, busy_ stays set: every loop is done alone from then on.
  const uint64_t time = here.time + 1;
  if (alone || !start()) {
    for (int t = 0; t < threads_; ++t) {
      int64_t begin = border(count, t, threads_), end = border(count, t + 1, threads_);
      here = {time, t};
      if (begin < end) body(context, begin, end, t);
    }
    here = {time + 1, 0};
    return;
  }
  body_ = body;
  context_ = context;
  count_ = count;
  time_ = time;
  running_.store(threads_ - 1, std::memory_order_relaxed);
  generation_.fetch_add(1);
  if (sleepers_.load() != 0) wake_all(generation_);
  part(0);
  for (int spins = 0; running_.load(std::memory_order_acquire) != 0;) {
    if (++spins < 20 * kSpins) {
      pause_briefly();
    } else {
      sched_yield();
    }
  }
  here = {time + 1, 0};
  busy_.store(false, std::memory_order_release);
}

void Pool::parallel(void* pool, int64_t count, Body body, void* context) {
  static_cast<Pool*>(pool)->run(count, body, context);
}

}  // namespace sinter::runtime
