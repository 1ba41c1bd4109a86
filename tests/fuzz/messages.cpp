// SPDX-License-Identifier: MIT
// protocol/messages: any frame is decoded or refused with CorruptData; what is decoded is what
// encode_message would have written.
#include "taskrun/protocol/messages.hpp"

#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  Frame frame;
  frame.type = in.byte() % 16;
  const auto body = view_of(in.rest());
  frame.body.assign(body.begin(), body.end());
  try {
    Message message = decode_message(frame);
    name_of(message);
    const Frame again = encode_message(std::move(message));
    FUZZ_REQUIRE(again.type == frame.type && again.body == frame.body);
  } catch (const CorruptData&) {
  }
  return 0;
}
