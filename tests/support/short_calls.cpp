// SPDX-License-Identifier: MIT
// A system that runs short when a test wants it: loaded in front of all other libraries
// (LD_PRELOAD) this fails the n-th call of a kind in the programs called $TASKRUN_SHORT_PROGRAM,
// their forked children counted along. $TASKRUN_SHORT_CALL is KIND:N, or KIND:N+ for that call and
// all that follow. The file $TASKRUN_SHORT_FILE is there when a call was failed.
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <new>

namespace {

struct Plan {
  const char* kind = "";
  std::size_t kind_length = 0;
  long first = 0;
  bool lasts = false;
  const char* file = nullptr;
  std::atomic<long>* calls = nullptr;  // shared with forked children
};

Plan& plan() {
  static Plan the_plan;
  return the_plan;
}

__attribute__((constructor)) void read_plan() {
  const char* const call = getenv("TASKRUN_SHORT_CALL");
  const char* const program = getenv("TASKRUN_SHORT_PROGRAM");
  if (call == nullptr || program == nullptr) return;
  if (strcmp(program, program_invocation_short_name) != 0) return;
  const char* const colon = strchr(call, ':');
  if (colon == nullptr) return;
  void* const memory =
      reinterpret_cast<void*>(syscall(SYS_mmap, nullptr, sizeof(std::atomic<long>),
                                      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  if (memory == MAP_FAILED) return;
  Plan& p = plan();
  p.kind = call;
  p.kind_length = static_cast<std::size_t>(colon - call);
  p.first = strtol(colon + 1, nullptr, 10);
  p.lasts = call[strlen(call) - 1] == '+';
  p.file = getenv("TASKRUN_SHORT_FILE");
  p.calls = new (memory) std::atomic<long>(0);
}

bool strikes(const char* kind) {
  const Plan& p = plan();
  if (p.calls == nullptr || strlen(kind) != p.kind_length ||
      strncmp(kind, p.kind, p.kind_length) != 0) {
    return false;
  }
  const long number = ++*p.calls;
  if (number < p.first || (number > p.first && !p.lasts)) return false;
  if (number == p.first && p.file != nullptr) {
    const long fd = syscall(SYS_openat, AT_FDCWD, p.file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) syscall(SYS_close, fd);
  }
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int failed(int error) {
  errno = error;
  return -1;
}

bool is_file(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

int open_next(const char* name, const char* path, int flags, mode_t mode) {
  if (strikes("open")) return failed(EMFILE);
  return next<int(const char*, int, ...)>(name)(path, flags, mode);
}

FILE* fopen_next(const char* name, const char* path, const char* mode) {
  if (strikes("open")) {
    errno = EMFILE;
    return nullptr;
  }
  return next<FILE*(const char*, const char*)>(name)(path, mode);
}

void* mmap_next(const char* name, void* at, size_t size, int protection, int flags, int fd,
                off_t offset) {
  if (strikes("mmap")) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return next<void*(void*, size_t, int, int, int, off_t)>(name)(at, size, protection, flags, fd,
                                                                offset);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_next("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_next("open64", path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) { return fopen_next("fopen", path, mode); }
FILE* fopen64(const char* path, const char* mode) { return fopen_next("fopen64", path, mode); }

DIR* opendir(const char* path) {
  if (strikes("open")) {
    errno = EMFILE;
    return nullptr;
  }
  return next<DIR*(const char*)>("opendir")(path);
}

int mkostemp(char* name, int flags) {
  return strikes("open") ? failed(EMFILE) : next<int(char*, int)>("mkostemp")(name, flags);
}

FILE* tmpfile() {
  if (strikes("open")) {
    errno = EMFILE;
    return nullptr;
  }
  return next<FILE*()>("tmpfile")();
}

int dup(int fd) noexcept { return strikes("open") ? failed(EMFILE) : next<int(int)>("dup")(fd); }

int pipe2(int* ends, int flags) noexcept {
  return strikes("pipe") ? failed(EMFILE) : next<int(int*, int)>("pipe2")(ends, flags);
}

int socket(int domain, int type, int protocol) noexcept {
  return strikes("socket") ? failed(EMFILE)
                           : next<int(int, int, int)>("socket")(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int* ends) noexcept {
  return strikes("socket")
             ? failed(EMFILE)
             : next<int(int, int, int, int*)>("socketpair")(domain, type, protocol, ends);
}

int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  return strikes("socket")
             ? failed(EMFILE)
             : next<int(int, sockaddr*, socklen_t*, int)>("accept4")(fd, address, size, flags);
}

int eventfd(unsigned count, int flags) noexcept {
  return strikes("eventfd") ? failed(EMFILE) : next<int(unsigned, int)>("eventfd")(count, flags);
}

int signalfd(int fd, const sigset_t* set, int flags) noexcept {
  return strikes("eventfd") ? failed(EMFILE)
                            : next<int(int, const sigset_t*, int)>("signalfd")(fd, set, flags);
}

int epoll_create1(int flags) noexcept {
  return strikes("epoll") ? failed(EMFILE) : next<int(int)>("epoll_create1")(flags);
}

int memfd_create(const char* name, unsigned flags) noexcept {
  return strikes("memfd") ? failed(EMFILE)
                          : next<int(const char*, unsigned)>("memfd_create")(name, flags);
}

// pidfd_open has no function of its own in every libc.
long syscall(long number, ...) noexcept {
  va_list more;
  va_start(more, number);
  long words[6];
  for (long& word : words) word = va_arg(more, long);
  va_end(more);
  if (number == SYS_pidfd_open && strikes("pidfd")) return failed(EMFILE);
  static auto* const real = next<long(long, ...)>("syscall");
  return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

pid_t fork() noexcept { return strikes("fork") ? failed(EAGAIN) : next<pid_t()>("fork")(); }

__attribute__((used, visibility("hidden"))) pid_t (*short_calls_vfork)() = nullptr;

__attribute__((used, visibility("hidden"))) int short_calls_vfork_fails() {
  short_calls_vfork = next<pid_t()>("vfork");
  return strikes("fork") ? failed(EAGAIN) : 0;
}

#ifdef __x86_64__
// A child must not come back to where its parent will be: this is left by a jump.
asm(R"(
  .globl vfork
  .type vfork, @function
vfork:
  sub $8, %rsp
  call short_calls_vfork_fails
  add $8, %rsp
  test %eax, %eax
  jnz 1f
  jmp *short_calls_vfork(%rip)
1:
  ret
  .size vfork, .-vfork
)");
#endif

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                   void* argument) noexcept {
  if (strikes("thread")) return EAGAIN;
  return next<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create")(
      thread, attributes, body, argument);
}

void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  return mmap_next("mmap", at, size, protection, flags, fd, offset);
}

void* mmap64(void* at, size_t size, int protection, int flags, int fd, off64_t offset) noexcept {
  return mmap_next("mmap64", at, size, protection, flags, fd, offset);
}

ssize_t write(int fd, const void* bytes, size_t count) {
  if (plan().calls != nullptr && is_file(fd) && strikes("write")) return failed(ENOSPC);
  return next<ssize_t(int, const void*, size_t)>("write")(fd, bytes, count);
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t at) {
  if (is_file(fd) && strikes("write")) return failed(ENOSPC);
  return next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64")(fd, bytes, count, at);
}

}  // extern "C"

void* operator new(std::size_t size) {
  if (strikes("new")) throw std::bad_alloc();
  void* const memory = malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept { free(memory); }
void operator delete(void* memory, std::size_t) noexcept { free(memory); }
