// SPDX-License-Identifier: MIT
#include "taskrun/exec/standstill.hpp"

#include <signal.h>

#include <cstddef>

#include "taskrun/os/descendants.hpp"

namespace taskrun {
void Standstill::stop_descendants(pid_t process) {
  std::vector<pid_t> descendants;
  add_children(process, descendants);
  for (std::size_t i = 0; i < descendants.size(); ++i) {
    const pid_t one = descendants[i];
    const char state = process_state(one);
    // Stopped first, so that its children are all there are.
    if (state != 'T' && state != 'Z' && kill(one, SIGSTOP) == 0) stopped_.push_back(one);
    add_children(one, descendants);
  }
}

void Standstill::go_on() {
  for (const pid_t process : stopped_) kill(process, SIGCONT);
  stopped_.clear();
}

}  // namespace taskrun
