// SPDX-License-Identifier: MIT
#include "taskrun/protocol/frame.hpp"

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

constexpr std::uint32_t magic = 0x4e555254;  // "TRUN", little-endian

}  // namespace

FrameHeader header_of(const Frame& frame, const FrameKey& key) {
  if (frame.body.size() > Frame::max_body_size) {
    throw usage_error("a result of " + std::to_string(frame.body.size()) +
                      " bytes is too large to send (at most 64 GiB); use smaller chunks");
  }
  return {frame.type, frame.run, frame.body.size(),
          key.checksum(frame.type, frame.run, frame.body)};
}

void write_header(const FrameHeader& header, Bytes& out) {
  ByteWriter writer(out);
  writer.put(magic);
  writer.put(Frame::version);
  writer.put(header.type);
  writer.put(header.run.value);
  writer.put(header.body_size);
  writer.put(header.body_checksum);
}

FrameHeader read_header(ByteView bytes) {
  ByteReader reader(bytes);
  if (reader.take<std::uint32_t>() != magic) throw CorruptData("a frame with a wrong start");
  if (reader.take<std::uint16_t>() != Frame::version) {
    throw CorruptData("a frame of another version");
  }
  FrameHeader header;
  header.type = reader.take<std::uint16_t>();
  header.run.value = reader.take<std::uint64_t>();
  header.body_size = reader.take<std::uint64_t>();
  header.body_checksum = reader.take<std::uint64_t>();
  if (header.body_size > Frame::max_body_size) throw CorruptData("a frame of absurd length");
  return header;
}

void verify_body(const FrameHeader& header, ByteView body, const FrameKey& key) {
  if (body.size() != header.body_size) throw CorruptData("a frame of the wrong length");
  if (key.checksum(header.type, header.run, body) != header.body_checksum) {
    throw CorruptData("a frame with a wrong checksum");
  }
}

Bytes pack(const Frame& frame, const FrameKey& key) {
  Bytes bytes;
  bytes.reserve(Frame::header_size + frame.body.size());
  write_header(header_of(frame, key), bytes);
  append(bytes, frame.body);
  return bytes;
}

Frame unpack(ByteView bytes, const FrameKey& key) {
  const FrameHeader header = read_header(bytes);
  const ByteView body = bytes.subspan(Frame::header_size);
  verify_body(header, body, key);
  return {header.type, Bytes(body.begin(), body.end()), header.run};
}

}  // namespace taskrun
