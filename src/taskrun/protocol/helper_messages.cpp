// SPDX-License-Identifier: MIT
#include "taskrun/protocol/helper_messages.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace taskrun {
namespace {

constexpr std::size_t header_size = 2 * sizeof(std::uint64_t);  // length, checksum
// As between ranks.
constexpr std::uint64_t most_body_bytes = std::uint64_t{1} << 36;
// No lease lasts longer.
constexpr Duration longest_lease = std::chrono::hours(24 * 365 * 10);
constexpr std::size_t read_size = std::size_t{64} << 10;  // most reports are far smaller

// The body goes behind a header that is filled in at the end.
Bytes begin_frame() { return Bytes(header_size); }

Bytes finish_frame(Bytes frame) {
  const ByteView body = ByteView(frame).subspan(header_size);
  const std::uint64_t header[2] = {body.size(), checksum(body)};
  std::memcpy(frame.data(), header, sizeof header);
  return frame;
}

void write_range(ByteWriter& out, ChunkRange range) {
  out.put(range.begin);
  out.put(range.end);
}

ChunkRange read_range(ByteReader& in) {
  const auto begin = in.take<std::uint64_t>();
  const auto end = in.take<std::uint64_t>();
  if (begin > end) throw CorruptData("a range that ends before it begins");
  return {begin, end};
}

void write_results(ByteWriter& out, const Results& results) {
  out.put<std::uint64_t>(results.pieces.size());
  for (const Piece& piece : results.pieces) {
    write_range(out, piece.chunks);
    out.put(piece.payload_size);
  }
  out.put<std::uint64_t>(results.failures.size());
  for (const ChunkFailure& failure : results.failures) {
    out.put(failure.lease.value);
    out.put(failure.chunk);
    out.put_sized(view_of(failure.error));
    out.put_sized(view_of(failure.text));
    out.put(failure.is_final);
    out.put(failure.end.how);
    out.put(failure.end.number);
    out.put(failure.begun.count());
    out.put(failure.busy.count());
    out.put_sized(view_of(failure.details));
  }
  out.put<std::uint64_t>(results.progress.size());
  for (const LeaseProgress& progress : results.progress) {
    out.put(progress.lease.value);
    out.put(progress.next);
    out.put(progress.ended);
    out.put(progress.computed);
    out.put(progress.busy.count());
  }
  out.put_sized(results.payloads);
}

void expect_end(const ByteReader& in) {
  if (!in.at_end()) throw CorruptData("a frame longer than its fields");
}

bool read_flag(ByteReader& in) {
  const auto byte = in.take<std::uint8_t>();
  if (byte > 1) throw CorruptData("a truth value that is none");
  return byte == 1;
}

template <class Enum>
Enum read_choice(ByteReader& in, Enum last) {
  const auto number = in.take<std::underlying_type_t<Enum>>();
  if (number > static_cast<std::underlying_type_t<Enum>>(last)) {
    throw CorruptData("a choice that is none");
  }
  return static_cast<Enum>(number);
}

Duration read_duration(ByteReader& in) {
  const Duration duration(in.take<Duration::rep>());
  if (duration < Duration::zero() || duration > longest_lease) {
    throw CorruptData("a time that is none");
  }
  return duration;
}

Results read_results(ByteReader& in) {
  Results results;
  for (auto count = in.take<std::uint64_t>(); count > 0; --count) {
    const ChunkRange chunks = read_range(in);
    results.pieces.push_back({chunks, in.take<std::uint64_t>()});
  }
  for (auto count = in.take<std::uint64_t>(); count > 0; --count) {
    const LeaseId lease{in.take<std::uint64_t>()};
    const auto chunk = in.take<std::uint64_t>();
    std::string error = in.take_text();
    std::string text = in.take_text();
    ChunkFailure failure{lease, chunk, std::move(error), std::move(text), read_flag(in)};
    failure.end.how = read_choice(in, ProcessEnd::How::killed);
    failure.end.number = in.take<std::int32_t>();
    failure.begun = read_duration(in);
    failure.busy = read_duration(in);
    failure.details = in.take_text();
    results.failures.push_back(std::move(failure));
  }
  for (auto count = in.take<std::uint64_t>(); count > 0; --count) {
    LeaseProgress progress;
    progress.lease.value = in.take<std::uint64_t>();
    progress.next = in.take<std::uint64_t>();
    progress.ended = read_flag(in);
    progress.computed = in.take<std::uint64_t>();
    progress.busy = read_duration(in);
    results.progress.push_back(progress);
  }
  append(results.payloads, in.take_sized());
  return results;
}

}  // namespace

Bytes work_frame(const Work& work) {
  Bytes frame = begin_frame();
  ByteWriter out(frame);
  out.put(work.lease.value);
  write_range(out, work.chunks);
  out.put(work.attempt);
  out.put_sized(work.shipped);
  return finish_frame(std::move(frame));
}

Work decode_work(ByteView body) {
  ByteReader in(body);
  Work work;
  work.lease.value = in.take<std::uint64_t>();
  work.chunks = read_range(in);
  work.attempt = in.take<std::uint32_t>();
  append(work.shipped, in.take_sized());
  expect_end(in);
  return work;
}

Bytes report_frame(const HelperReport& report) {
  Bytes frame = begin_frame();
  ByteWriter out(frame);
  out.put(report.kind);
  out.put_sized(view_of(report.error));
  write_results(out, report.results);
  return finish_frame(std::move(frame));
}

HelperReport decode_report(ByteView body) {
  ByteReader in(body);
  HelperReport report;
  report.kind = read_choice(in, HelperReport::Kind::short_of);
  report.error = in.take_text();
  report.results = read_results(in);
  expect_end(in);
  return report;
}

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
