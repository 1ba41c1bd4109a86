// SPDX-License-Identifier: MIT
// protocol/helper_messages: bodies of frames, and a stream of bytes through FrameReader.
#include "taskrun/protocol/helper_messages.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "input.hpp"

namespace {

// Of a frame: what is decoded is what was sent.
bool same(taskrun::ByteView frame, taskrun::ByteView body) {
  const auto again = frame.subspan(16);
  return std::equal(again.begin(), again.end(), body.begin(), body.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const auto mode = in.byte() % 4;
  const auto bytes = view_of(in.rest());
  try {
    if (mode == 0) {
      const Work work = decode_work(bytes);
      const Bytes frame = work_frame(work);
      FUZZ_REQUIRE(same(frame, bytes));
    } else if (mode == 1) {
      const HelperReport report = decode_report(bytes);
      const Bytes frame = report_frame(report);
      FUZZ_REQUIRE(same(frame, bytes));
    } else {
      int ends[2];
      if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 0;
      struct Close {
        int* ends;
        ~Close() {
          close(ends[0]);
          if (ends[1] >= 0) close(ends[1]);
        }
      } closes{ends};
      // A frame with the right checksum, then bytes as they are.
      if (mode == 3) {
        const std::uint64_t header[2] = {bytes.size(), checksum(bytes)};
        send_all(ends[1], std::as_bytes(std::span(header)));
      }
      send_all(ends[1], bytes.first(std::min<std::size_t>(bytes.size(), 100000)));
      close(ends[1]);
      ends[1] = -1;
      FrameReader reader;
      for (;;) {
        while (const auto body = reader.next()) static_cast<void>(decode_report(*body));
        if (reader.read(ends[0], MSG_DONTWAIT) == FrameReader::Got::end) break;
      }
    }
  } catch (const CorruptData&) {
  }
  return 0;
}
