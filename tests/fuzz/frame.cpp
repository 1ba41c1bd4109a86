// SPDX-License-Identifier: MIT
// protocol/frame: unpack; read_header and verify_body.
#include "taskrun/protocol/frame.hpp"

#include "input.hpp"
#include "taskrun/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const auto mode = in.byte() % 3;
  try {
    if (mode == 0) {
      const auto bytes = view_of(in.rest());
      const Frame frame = unpack(bytes);
      const Bytes again = pack(frame);
      FUZZ_REQUIRE(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
    } else if (mode == 1) {
      Frame frame;
      frame.type = static_cast<std::uint16_t>(in.number());
      frame.run.value = in.number();
      const auto body = view_of(in.rest());
      frame.body.assign(body.begin(), body.end());
      const Frame same = unpack(pack(frame));
      FUZZ_REQUIRE(same.type == frame.type && same.run == frame.run && same.body == frame.body);
    } else {
      // A good frame with one byte changed is refused.
      Frame frame;
      frame.type = in.byte();
      frame.run.value = in.byte();
      const std::size_t at = in.number();
      const auto change = static_cast<std::byte>(in.byte());
      const auto body = view_of(in.rest());
      frame.body.assign(body.begin(), body.end());
      Bytes bytes = pack(frame);
      bytes[at % bytes.size()] ^= change;
      const Frame read = unpack(bytes);
      FUZZ_REQUIRE(change == std::byte{0} && read.body == frame.body);
    }
  } catch (const CorruptData&) {
  }
  return 0;
}
