// SPDX-License-Identifier: MIT
// launch/launcher_text (the same however the bytes come) and launch/hostfile.
#include <sys/mman.h>
#include <unistd.h>

#include "input.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/launch/hostfile.hpp"
#include "taskrun/launch/launcher_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const unsigned mode = in.byte();
  if (mode % 3 == 0) {
    static const int file = memfd_create("hosts", 0);
    const auto text = in.rest();
    static_cast<void>(!ftruncate(file, 0));
    static_cast<void>(!pwrite(file, text.data(), text.size(), 0));
    try {
      const auto hosts = read_hostfile("/proc/self/fd/" + std::to_string(file));
      for (const auto& host : hosts) FUZZ_REQUIRE(!host.name.empty());
      slot_count(hosts);
    } catch (const Error&) {
    }
    return 0;
  }
  const std::size_t step = 1 + in.byte() % 64;
  const auto text = in.rest();
  LauncherText whole("secret");
  std::string shown = whole.filter(text);
  shown += whole.rest();
  LauncherText pieces("secret");
  std::string shown_pieces;
  for (std::size_t at = 0; at < text.size(); at += step) {
    shown_pieces += pieces.filter(text.substr(at, step));
  }
  shown_pieces += pieces.rest();
  FUZZ_REQUIRE(shown == shown_pieces && whole.cause() == pieces.cause());
  FUZZ_REQUIRE(whole.take_words().size() == pieces.take_words().size());
  return 0;
}
