// The thread pool and the number of processors; run it under the thread sanitizer too.
#include "runtime/pool.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace sinter::runtime;

namespace {

struct Marks {
  std::vector<int> thread_of;
};

void mark(void* context, int64_t begin, int64_t end, int64_t thread) {
  for (int64_t i = begin; i < end; ++i)
    static_cast<Marks*>(context)->thread_of[static_cast<size_t>(i)] = static_cast<int>(thread);
}

void write_file(const std::string& path, const char* text) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    mkdir(path.substr(0, slash).c_str(), 0777);
  std::FILE* file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  std::fputs(text, file);
  std::fclose(file);
}

}  // namespace

TEST_CASE("each thread gets its fixed part") {
  for (int threads : {1, 2, 3, 5}) {
    Pool pool(threads);
    for (int64_t count : {0, 1, 2, 7, 100}) {
      Marks marks{std::vector<int>(static_cast<size_t>(count), -1)};
      pool.run(count, mark, &marks);
      for (int64_t i = 0; i < count; ++i) {
        int expected = 0;
        while (count * (expected + 1) / threads <= i) ++expected;
        CHECK(marks.thread_of[static_cast<size_t>(i)] == expected);
      }
    }
  }
}

TEST_CASE("loops follow each other, awake and asleep") {
  Pool pool(3);
  int64_t total = 0;
  for (int round = 0; round < 300; ++round) {
    int64_t sums[3] = {0, 0, 0};
    pool.run(
        99,
        [](void* context, int64_t begin, int64_t end, int64_t thread) {
          for (int64_t i = begin; i < end; ++i) static_cast<int64_t*>(context)[thread] += i;
        },
        sums);
    total += sums[0] + sums[1] + sums[2];
    if (round % 100 == 0) usleep(2000);  // long enough for the workers to sleep
  }
  CHECK(total == 300 * 99 * 98 / 2);
}

TEST_CASE("two callers and a nested loop share a pool") {
  Pool pool(2);
  struct Job {
    Pool* pool;
    int64_t sum;
  };
  auto caller = [](void* argument) -> void* {
    Job& job = *static_cast<Job*>(argument);
    for (int round = 0; round < 200; ++round) {
      int64_t parts[2] = {0, 0};
      struct Inner {
        Pool* pool;
        int64_t* parts;
      } inner{job.pool, parts};
      job.pool->run(
          10,
          [](void* context, int64_t begin, int64_t end, int64_t thread) {
            Inner& inner = *static_cast<Inner*>(context);
            int64_t nested[2] = {0, 0};
            inner.pool->run(
                end - begin,
                [](void* c, int64_t b, int64_t e, int64_t t) {
                  static_cast<int64_t*>(c)[t] += e - b;
                },
                nested);
            inner.parts[thread] += nested[0] + nested[1];
          },
          &inner);
      job.sum += parts[0] + parts[1];
    }
    return nullptr;
  };
  Job first{&pool, 0}, second{&pool, 0};
  pthread_t other;
  REQUIRE(pthread_create(&other, nullptr, caller, &second) == 0);
  caller(&first);
  pthread_join(other, nullptr);
  CHECK(first.sum == 2000);
  CHECK(second.sum == 2000);
}

TEST_CASE("control groups limit the processors") {
  char folder[] = "/tmp/sinter_cgroup_XXXXXX";
  REQUIRE(mkdtemp(folder) != nullptr);
  std::string root = folder;
  CHECK(quota_processors(folder) == 0);
  write_file(root + "/proc/self/cgroup", "0::/a/b\n");
  write_file(root + "/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  CHECK(quota_processors(folder) == 0);
  write_file(root + "/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  CHECK(quota_processors(folder) == 2);  // the folder above counts, rounded up
  write_file(root + "/proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/job\n");
  CHECK(quota_processors(folder) == 0);
  write_file(root + "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
  write_file(root + "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  CHECK(quota_processors(folder) == 1);
  write_file(root + "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  CHECK(quota_processors(folder) == 0);
  CHECK(allowed_processors() >= 1);
  CHECK(std::system(("rm -r " + root).c_str()) == 0);
}
