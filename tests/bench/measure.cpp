// SPDX-License-Identifier: MIT
// Runs a command and writes what it took as JSON: wall time, processor time and peak memory, those
// of the processes it waited for included.
//
//   measure FILE COMMAND [ARGUMENT...]      ends as the command ends
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>

extern char** environ;

namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: measure FILE COMMAND [ARGUMENT...]\n");
    return 2;
  }
  const auto started = std::chrono::steady_clock::now();
  pid_t pid = 0;
  if (posix_spawnp(&pid, argv[2], nullptr, nullptr, argv + 2, environ) != 0) {
    std::fprintf(stderr, "measure: cannot run %s\n", argv[2]);
    return 127;
  }
  int status = 0;
  rusage usage{};
  wait4(pid, &status, 0, &usage);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
  std::FILE* file = std::fopen(argv[1], "w");
  if (file == nullptr) {
    std::fprintf(stderr, "measure: cannot write %s\n", argv[1]);
    return 4;
  }
  std::fprintf(file,
               "{\"wall_seconds\": %.6f, \"user_seconds\": %.6f, \"system_seconds\": %.6f, "
               "\"peak_memory_bytes\": %lld}\n",
               wall.count(), seconds(usage.ru_utime), seconds(usage.ru_stime),
               static_cast<long long>(usage.ru_maxrss) * 1024);
  std::fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
