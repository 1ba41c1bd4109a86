// SPDX-License-Identifier: MIT
#include "taskrun/protocol/helper_messages.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "taskrun/protocol/fields.hpp"

namespace taskrun {
namespace {

constexpr std::size_t header_size = 2 * sizeof(std::uint64_t);  // length, checksum
// As between ranks.
constexpr std::uint64_t most_body_bytes = std::uint64_t{1} << 36;
constexpr std::size_t read_size = std::size_t{64} << 10;  // most reports are far smaller

// The body goes behind a header that is filled in at the end.
Bytes begin_frame() { return Bytes(header_size); }

Bytes finish_frame(Bytes frame) {
  const ByteView body = ByteView(frame).subspan(header_size);
  const std::uint64_t header[2] = {body.size(), checksum(body)};
  std::memcpy(frame.data(), header, sizeof header);
  return frame;
}

}  // namespace

template <class A, FieldsOf<HelperReport> M>
void fields(A& a, M& report) {
  a.choice(report.kind, HelperReport::Kind::short_of);
  a.text(report.error);
  fields(a, report.results);
}

namespace {

template <class M>
Bytes frame_of(const M& message) {
  Bytes frame = begin_frame();
  WritingArchive out(frame);
  fields(out, message);
  return finish_frame(std::move(frame));
}

template <class M>
M decode(ByteView body) {
  M message;
  ReadingArchive in(body);
  fields(in, message);
  in.finish();
  return message;
}

}  // namespace

Bytes work_frame(const Work& work) { return frame_of(work); }
Bytes report_frame(const HelperReport& report) { return frame_of(report); }

Work decode_work(ByteView body) { return decode<Work>(body); }
HelperReport decode_report(ByteView body) { return decode<HelperReport>(body); }

FrameReader::Got FrameReader::read(int socket, int flags) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  const std::size_t size = buffer_.size();
  buffer_.resize(size + read_size);
  const auto count = recv(socket, buffer_.data() + size, read_size, flags);
  buffer_.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count > 0) return Got::some;
  const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
  return later ? Got::nothing : Got::end;
}

std::optional<ByteView> FrameReader::next() {
  const ByteView left = ByteView(buffer_).subspan(begin_);
  if (left.size() < header_size) return std::nullopt;
  ByteReader header(left);
  const auto size = header.take<std::uint64_t>();
  const auto sum = header.take<std::uint64_t>();
  if (size > most_body_bytes) throw CorruptData("a frame of absurd length");
  if (left.size() - header_size < size) return std::nullopt;
  const ByteView body = left.subspan(header_size, size);
  if (checksum(body) != sum) throw CorruptData("a frame with a wrong checksum");
  begin_ += header_size + size;
  return body;
}

bool send_all(int socket, ByteView bytes) {
  while (!bytes.empty()) {
    const auto count = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) return false;
  }
  return true;
}

}  // namespace taskrun
