// SPDX-License-Identifier: MIT
// Files that others write and taskrun looks into: the first line of a script that did not start,
// the marks of what ranks are at, and parameters of any job as a journal may hold them.
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/cli/param_json.hpp"
#include "exec/interpreter.hpp"
#include "input.hpp"
#include "registry.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/exec/chunk_marks.hpp"
#include "taskrun/job/job.hpp"

namespace {

std::string file_of(std::string_view bytes) {
  static const int file = memfd_create("fuzz", 0);
  static_cast<void>(!ftruncate(file, 0));
  static_cast<void>(!pwrite(file, bytes.data(), bytes.size(), 0));
  return "/proc/self/fd/" + std::to_string(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const unsigned kind = in.byte();
  if (kind % 3 == 0) {
    const auto why = why_not_started(file_of(in.rest()), kind & 4 ? ENOENT : ENOEXEC);
    FUZZ_REQUIRE(why.size() < size + 4096);
  } else if (kind % 3 == 1) {
    const auto bytes = in.rest();
    FUZZ_REQUIRE(marked_chunks(file_of(bytes)).size() <= bytes.size() / 8 + 1);
  } else {
    static const auto jobs = [] {
      std::vector<std::unique_ptr<Job>> all;
      for (const char* name : {"sieve", "exec", "fetch", "features", "sleep", "wordcount"}) {
        all.push_back(fuzz::jobs().find(name)->make());
      }
      return all;
    }();
    Params params;
    jobs[in.byte() % jobs.size()]->declare(params);
    const auto& all = params.all();
    if (all.empty()) return 0;
    const Param& param = all[in.byte() % all.size()];
    try {
      static_cast<void>(param_json(param, std::string(in.rest()))
                            .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    } catch (const Error&) {
    }
  }
  return 0;
}
