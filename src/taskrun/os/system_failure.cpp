// SPDX-License-Identifier: MIT
#include "taskrun/os/system_failure.hpp"

#include <sys/eventfd.h>

#include <system_error>

namespace taskrun {
namespace {

const char* remedy_of(int error) {
  switch (error) {
    case EMFILE:
      return "; use fewer slots (-j) or raise ulimit -n";
    case ENFILE:
      return "; the whole machine has no more: end other programs, or raise fs.file-max";
    case EAGAIN:
      return "; use fewer slots (-j), or raise ulimit -u or -v, or the limit of the control group";
    case ENOMEM:
    case ENOBUFS:
      return "; use fewer slots (-j), raise ulimit -v, or end other programs";
    case ENOSPC:
      return "; make room there";
    case EDQUOT:
      return "; make room within your quota there";
    case EROFS:
      return "; name a place that may be written to";
    default:
      return "";
  }
}

}  // namespace

bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == EAGAIN || error == ENOMEM ||
         error == ENOBUFS || error == ENOSPC || error == EDQUOT;
}

std::string system_failure_text(const std::string& cannot_what, int error) {
  return "cannot " + cannot_what + ": " + std::generic_category().message(error) + remedy_of(error);
}

void throw_system_failure(const std::string& cannot_what, int error) {
  throw_if_short(cannot_what, error);
  throw environment_error(system_failure_text(cannot_what, error));
}

void throw_if_short(const std::string& cannot_what, int error) {
  if (is_shortage(error)) throw Shortage(system_failure_text(cannot_what, error));
}

Descriptor required(int fd, const std::string& cannot_what) {
  if (fd < 0) throw_system_failure(cannot_what);
  return Descriptor(fd);
}

Descriptor make_event_descriptor() {
  return required(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "wake a thread");
}

}  // namespace taskrun
