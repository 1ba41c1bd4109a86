// SPDX-License-Identifier: MIT
#include "taskrun/os/process_tree.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "taskrun/os/pipe.hpp"

namespace taskrun {
namespace {

// A process below this one that holds some memory until it is told to end.
class Child {
 public:
  explicit Child(std::size_t bytes) : ready_(make_pipe()), end_(make_pipe()), process_(fork()) {
    char byte = 0;
    if (process_ == 0) {
      end_.writer.reset();
      const std::vector<char> held(bytes, 'x');
      const bool told = write(ready_.writer.fd(), held.data(), 1) == 1;
      _exit(told && read(end_.reader.fd(), &byte, 1) == 0 ? 0 : 1);
    }
    EXPECT_EQ(read(ready_.reader.fd(), &byte, 1), 1);
  }
  ~Child() {
    end_.writer.reset();
    waitpid(process_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  Pipe ready_;
  Pipe end_;
  const pid_t process_;
};

TEST(ProcessTreeTest, the_peak_is_read_from_what_the_kernel_writes) {
  EXPECT_EQ(peak_memory_in("VmPeak:\t 9 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 5 kB\n"), 1234U * 1024);
  EXPECT_EQ(peak_memory_in("Name:\tkthread\n"), 0U);
}

TEST(ProcessTreeTest, this_process_has_memory) {
  ProcessTree tree(getpid());
  tree.look();
  EXPECT_GT(tree.peak_memory_bytes(), 100'000U);
  EXPECT_GE(tree.queued_time(), Duration::zero());
}

TEST(ProcessTreeTest, the_peak_is_that_of_all_processes_together) {
  constexpr std::size_t held = 50'000'000;
  ProcessTree alone(getpid());
  alone.look();
  ProcessTree together(getpid());
  {
    const Child first(held);
    const Child second(held);
    together.look();
  }
  EXPECT_GE(together.peak_memory_bytes(), alone.peak_memory_bytes() + 2 * held);
  const std::uint64_t peak = together.peak_memory_bytes();
  together.look();
  EXPECT_EQ(together.peak_memory_bytes(), peak);
}

TEST(ProcessTreeTest, looking_throws_nothing_while_processes_end) {
  ProcessTree tree(getpid());
  const std::jthread starter([](const std::stop_token& enough) {
    while (!enough.stop_requested()) {
      const pid_t process = fork();
      if (process == 0) _exit(0);
      waitpid(process, nullptr, 0);
    }
  });
  for (int round = 0; round < 2'000; ++round) ASSERT_NO_THROW(tree.look());
}

}  // namespace
}  // namespace taskrun
