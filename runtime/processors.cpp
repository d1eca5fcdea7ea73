// How many processors this process may use: affinity, then the CPU quotas of its control groups,
// which are read as files (cgroup v2: cpu.max; v1: cpu.cfs_quota_us). A quota counts for the group
// itself and everything above it.
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "pool.h"

namespace sinter::runtime {
namespace {

/// The first 64 KB of a file; empty where it cannot be read.
std::string contents(const std::string& path) {
  std::string text;
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  text.resize(1 << 16);
  ssize_t got = read(file, text.data(), text.size());
  close(file);
  text.resize(got > 0 ? got : 0);
  return text;
}

/// quota/period rounded up, or 0 where that is no limit.
int whole(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<int>(std::min((quota + period - 1) / period, 1LL << 20));
}

int quota_v2(const std::string& folder) {
  std::string text = contents(folder + "/cpu.max");  // "150000 100000" or "max 100000"
  char* end = nullptr;
  long long quota = std::strtoll(text.c_str(), &end, 10);
  return end == text.c_str() ? 0 : whole(quota, std::strtoll(end, nullptr, 10));
}

int quota_v1(const std::string& folder) {
  return whole(std::atoll(contents(folder + "/cpu.cfs_quota_us").c_str()),
               std::atoll(contents(folder + "/cpu.cfs_period_us").c_str()));
}

/// The smallest quota of `mount` + `path` and every folder between, by `quota`; 0: none.
int smallest(const std::string& mount, std::string path, int (*quota)(const std::string&)) {
  int least = 0;
  for (;;) {
    int here = quota(mount + path);
    if (here != 0 && (least == 0 || here < least)) least = here;
    size_t slash = path.rfind('/');
    if (slash == std::string::npos) return least;
    path.resize(slash);
  }
}

bool lists_cpu(std::string_view controllers) {
  for (;;) {
    size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "cpu") return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
}

}  // namespace

int quota_processors(const char* root) {
  const std::string base = root;
  std::string groups = contents(base + "/proc/self/cgroup");  // lines "id:controllers:path"
  int least = 0;
  for (size_t at = 0; at < groups.size();) {
    size_t end = std::min(groups.find('\n', at), groups.size());
    std::string line = groups.substr(at, end - at);
    at = end + 1;
    size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::string controllers = line.substr(first + 1, second - first - 1);
    std::string path = line.substr(second + 1);
    int here = 0;
    if (controllers.empty()) {
      here = smallest(base + "/sys/fs/cgroup", path, quota_v2);
    } else if (lists_cpu(controllers)) {
      here = smallest(base + "/sys/fs/cgroup/" + controllers, path, quota_v1);
      if (here == 0) here = smallest(base + "/sys/fs/cgroup/cpu", path, quota_v1);
    }
    if (here != 0 && (least == 0 || here < least)) least = here;
  }
  return least;
}

int allowed_processors() {
  int count = 1;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    count = CPU_COUNT(&set);
  } else if (long online = sysconf(_SC_NPROCESSORS_ONLN); online > 0) {  // over 1024 of them
    count = static_cast<int>(online);
  }
  int quota = quota_processors("");
  return std::max(1, quota == 0 ? count : std::min(count, quota));
}

}  // namespace sinter::runtime
