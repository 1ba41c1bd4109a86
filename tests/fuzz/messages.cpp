// SPDX-License-Identifier: MIT
// protocol/messages: any frame is decoded or refused with CorruptData; what is decoded is what
// encode_message would have written.
#include "taskrun/protocol/messages.hpp"

#include "input.hpp"

namespace {

template <class Decode>
void there_and_back(const taskrun::Frame& frame, Decode decode) {
  try {
    const taskrun::Frame again = encode_message(decode(frame));
    FUZZ_REQUIRE(again.type == frame.type && again.body == frame.body);
  } catch (const taskrun::CorruptData&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  Frame frame;
  const unsigned type = in.byte();
  frame.type = static_cast<std::uint16_t>((type & 8) ? 0x200 + type % 8 : 0x100 + type % 8);
  const auto body = view_of(in.rest());
  frame.body.assign(body.begin(), body.end());
  there_and_back(frame, decode_to_coordinator);
  there_and_back(frame, decode_to_worker);
  return 0;
}
