// SPDX-License-Identifier: MIT
// What travels between ranks: a header that says what it is, and a body. Nothing in the body is
// looked at before header, length and checksum were verified.
#pragma once

#include <cstddef>
#include <cstdint>

#include "taskrun/core/bytes.hpp"
#include "taskrun/protocol/frame_key.hpp"

namespace taskrun {

/// The bytes of a frame: a 32-byte header, then the body.
///
///   0  u32 magic "TRUN"   4  u16 version   6  u16 type
///   8  u64 run   16  u64 body length   24  u64 checksum
///
/// The checksum is that of type, run and body, with the key that all ranks have.
struct Frame {
  static constexpr std::size_t header_size = 32;
  static constexpr std::uint16_t version = 2;
  /// Bodies above this are refused on both sides: they are mistakes. 64 GiB.
  static constexpr std::uint64_t max_body_size = std::uint64_t{1} << 36;

  std::uint16_t type = 0;
  Bytes body;
  RunId run{};  ///< 0: of none, but of the ranks' session
};

/// The header for a frame. The body is sent as it is, after it.
struct FrameHeader {
  std::uint16_t type = 0;
  RunId run{};
  std::uint64_t body_size = 0;
  std::uint64_t body_checksum = 0;
};

/// Throws Error (usage) for a body above max_body_size: a job's partial got out of hand.
FrameHeader header_of(const Frame& frame, const FrameKey& key);
void write_header(const FrameHeader& header, Bytes& out);
/// Throws CorruptData for anything but a header of this version.
FrameHeader read_header(ByteView bytes);
/// Throws CorruptData where the body is not the one that the header announces, or was sent by
/// somebody without the key.
void verify_body(const FrameHeader& header, ByteView body, const FrameKey& key);

/// Header and body in one piece, and back.
Bytes pack(const Frame& frame, const FrameKey& key = {});
Frame unpack(ByteView bytes, const FrameKey& key = {});

}  // namespace taskrun
