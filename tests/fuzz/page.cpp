// SPDX-License-Identifier: MIT
// fetch/page: titles of any HTML, hosts of any URL.
#include "fetch/page.hpp"

#include "input.hpp"
#include "taskrun/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  if (in.byte() % 4 != 0) {
    const std::string title = title_of(in.rest().substr(0, 256 << 10));
    for (const char c : title) FUZZ_REQUIRE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    return 0;
  }
  try {
    const std::string url(in.rest());
    const std::string host = host_of(url.c_str());
    // It becomes a part of a file's name.
    for (const char c : host) FUZZ_REQUIRE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  } catch (const Error&) {
  }
  return 0;
}
