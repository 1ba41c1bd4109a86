// SPDX-License-Identifier: MIT
// fetch: titles of any HTML in any encoding, addresses that anybody writes.
#include "fetch/address.hpp"
#include "fetch/title.hpp"
#include "input.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/printable.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const unsigned kind = in.byte();
  if (kind % 4 != 0) {
    constexpr const char* types[] = {"", "text/html; charset=shift_jis",
                                     "text/html; charset=utf-16", "text/html; charset=iso-2022-jp"};
    const std::string title = title_of(in.rest().substr(0, 256 << 10), types[kind / 4 % 4]);
    FUZZ_REQUIRE(printable(title) == title);
    return 0;
  }
  try {
    const PageAddress address = page_address(std::string(in.rest()));
    for (const auto& text : {address.text, address.url, address.host}) {
      FUZZ_REQUIRE(!text.empty());
      for (const char c : text) FUZZ_REQUIRE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
  } catch (const Error&) {
  }
  return 0;
}
