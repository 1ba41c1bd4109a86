// SPDX-License-Identifier: MIT
// Fetches many pages on one thread: libcurl's event loop, with tries that wait for their time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fetch/page.hpp"

namespace taskrun {

struct LoopWidth {
  std::uint64_t in_flight = 32;  ///< pages at a time
  std::uint64_t per_host = 6;    ///< connections at a time
};

/// The pages, in the order of the requests. Ends early, with what it has, when nobody wants the
/// result any more. Throws Error (environment) where libcurl fails.
std::vector<Page> fetch_in_loop(std::span<const PageRequest> requests, const FetchLimits& limits,
                                LoopWidth width, const Context& context);

}  // namespace taskrun
