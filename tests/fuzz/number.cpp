// SPDX-License-Identifier: MIT
// job/number, jobs/shared/number, app/slurm, app/chaos_hand, net/launched_rank and the numbers of
// sleep/distribution: texts of a line.
#include "shared/number.hpp"

#include <cmath>

#include "app/chaos_hand.hpp"
#include "app/slurm.hpp"
#include "input.hpp"
#include "sleep/distribution.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/number.hpp"
#include "taskrun/net/launched_rank.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const auto which = in.byte() % 8;
  const auto text = in.rest();
  switch (which) {
    case 0: {
      const auto count = parse_count(text);
      if (count) {
        FUZZ_REQUIRE(parse_count(std::to_string(*count)) == count);
        FUZZ_REQUIRE(parse_byte_count(std::string(text) + "B") == count);
      }
      break;
    }
    case 1:
      parse_byte_count(text);
      break;
    case 2:
      if (const auto real = parse_real(text)) FUZZ_REQUIRE(parse_real(shortest(*real)) == real);
      break;
    case 3:
      if (const auto time = parse_duration(text)) FUZZ_REQUIRE(time->count() >= 0);
      break;
    case 4:
      try {
        const Number number = number_from(text);
        FUZZ_REQUIRE(as_double(number_from(text_of(number))) == as_double(number));
      } catch (const std::invalid_argument&) {
      }
      break;
    case 5:
      if (const auto time = parse_slurm_time(text)) FUZZ_REQUIRE(time->count() >= 0);
      try {
        parse_chaos(text);
      } catch (const Error&) {
      }
      break;
    case 6:
      try {
        const Distribution distribution("--seconds", text);
        for (const double u : {1e-10, 0.25, 0.5, 1 - 1e-10}) {
          FUZZ_REQUIRE(distribution.at(u, 1 - u) >= 0);
        }
      } catch (const Error&) {
      }
      break;
    default: {
      fuzz::Input parts(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
      const auto values = parts.words('\n');
      const char* const names[] = {"OMPI_COMM_WORLD_RANK",
                                   "OMPI_COMM_WORLD_SIZE",
                                   "OMPI_COMM_WORLD_LOCAL_SIZE",
                                   "SLURM_STEP_TASKS_PER_NODE",
                                   "SLURM_NODEID",
                                   "PMIX_RANK",
                                   "SLURM_STEP_NUM_TASKS",
                                   "PMI_RANK",
                                   "PMI_SIZE",
                                   "MPI_LOCALNRANKS"};
      const auto rank = launched_rank([&](const char* name) -> const char* {
        for (std::size_t i = 0; i < values.size() && i < std::size(names); ++i) {
          if (std::string_view(names[i]) == name && !values[i].empty()) return values[i].c_str();
        }
        return nullptr;
      });
      if (rank) FUZZ_REQUIRE(rank->rank < rank->size && rank->local_size <= rank->size);
    }
  }
  return 0;
}
