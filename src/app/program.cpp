// SPDX-License-Identifier: MIT
#include "app/program.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "taskrun/core/error.hpp"
#include "taskrun/engine/rank.hpp"
#include "taskrun/exec/cpu_count.hpp"
#include "taskrun/net/launched_rank.hpp"
#include "taskrun/net/loopback.hpp"
#if TASKRUN_WITH_MPI
#include "taskrun/mpi/mpi_transport.hpp"
#endif

namespace taskrun {
namespace {

class StreamSink final : public Sink {
 public:
  void write(ByteView bytes) override { std::cout << text_of(bytes); }
  std::uint64_t backlog_bytes() const override { return 0; }
};

class QuietObserver final : public RunObserver {
 public:
  void on_event(const Event& event) override {
    if (event.level >= Level::warning) std::cerr << "taskrun: " << event.text << '\n';
  }
  void on_progress(const Progress&) override {}
};

void set(Params& params, const std::string& name, std::string_view value) {
  for (const auto& param : params.all()) {
    if (param.name == name) return param.parse(value);
  }
  throw usage_error("--" + name + " is not an option of this job");
}

int run_rank(Transport& transport, Wakeup& wakeup, Job& job, const RunOptions& options) {
  StreamSink sink;
  QuietObserver observer;
  Rank rank(transport, wakeup, job, options, sink, observer);
  const auto outcome = rank.run();
  if (outcome && !job.emits()) job.print(outcome->result, std::cout);
  std::cout.flush();
  return 0;
}

int run_launched([[maybe_unused]] Wakeup& wakeup, [[maybe_unused]] Job& job,
                 [[maybe_unused]] const RunOptions& options) {
#if TASKRUN_WITH_MPI
  MpiEnvironment environment;
  MpiTransport transport(environment);
  return run_rank(transport, wakeup, job, options);
#else
  throw usage_error("this program was built without MPI; start it without mpirun");
#endif
}

int run_job(int argc, const char* const* argv, const Registry& jobs) {
  if (argc < 2) throw usage_error("no job given");
  const auto* entry = jobs.find(argv[1]);
  if (entry == nullptr) throw usage_error(std::string("there is no job ") + argv[1]);
  const auto job = entry->make();
  Params params;
  job->declare(params);
  for (int i = 2; i < argc; i += 2) {
    set(params, std::string(argv[i]).substr(2), i + 1 < argc ? argv[i + 1] : "");
  }
  job->check();

  RunOptions options;
  Wakeup wakeup;
  if (const auto launched = launched_rank(); launched && launched->size > 1) {
    options.slots = std::max(1U, usable_core_count() / launched->local_size);
    return run_launched(wakeup, *job, options);
  }
  options.slots = usable_core_count();
  LoopbackHub hub(1);
  const auto transport = hub.connect(0, wakeup);
  return run_rank(*transport, wakeup, *job, options);
}

}  // namespace

int run_program(int argc, const char* const* argv, const Registry& jobs) {
  try {
    return run_job(argc, argv, jobs);
  } catch (const Error& e) {
    std::cerr << "taskrun: " << e.what() << '\n';
    return static_cast<int>(e.code());
  } catch (const std::exception& e) {
    std::cerr << "taskrun: " << e.what() << '\n';
    return static_cast<int>(ExitCode::environment);
  }
}

}  // namespace taskrun
