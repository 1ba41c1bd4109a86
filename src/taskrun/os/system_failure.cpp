// SPDX-License-Identifier: MIT
#include "taskrun/os/system_failure.hpp"

#include <sys/eventfd.h>

#include <system_error>

namespace taskrun {
namespace {

const char* remedy_for(int error) {
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
    case EFBIG:
      return "; raise ulimit -f, or name a place on a file system that takes larger files";
    case EIO:
      return "; its disk, or the network to it, fails: look at the system's log";
    case ESTALE:
      return "; its server has forgotten it: mount its file system again";
    case ELOOP:
      return "; its links lead in a circle";
    case ENAMETOOLONG:
      return "; use a shorter name";
    case EACCES:
    case EPERM:
      return "; see who may use it and the folders above it (ls -ld)";
    default:
      return "";
  }
}

}  // namespace

std::string system_reason(int error) {
  return std::generic_category().message(error) + remedy_for(error);
}

bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == EAGAIN || error == ENOMEM ||
         error == ENOBUFS || error == ENOSPC || error == EDQUOT;
}

std::string system_failure_text(const std::string& cannot_what, int error) {
  return "cannot " + cannot_what + ": " + system_reason(error);
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
