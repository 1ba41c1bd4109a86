// SPDX-License-Identifier: MIT
// Frames of the messages of one direction, a variant. A frame's type is the direction's first
// number and which of its messages it is. For this folder's own sources.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <variant>

#include "taskrun/protocol/archive.hpp"
#include "taskrun/protocol/frame.hpp"

namespace taskrun {

enum class FirstType : std::uint16_t {
  to_coordinator = 0x100,
  to_worker = 0x200,
  to_rank = 0x300,
};

template <class Direction>
Frame encode_as(FirstType first, const Direction& message) {
  Frame frame;
  frame.type = static_cast<std::uint16_t>(static_cast<std::size_t>(first) + message.index());
  frame.body.reserve(128);  // most messages are shorter
  WritingArchive out(frame.body);
  std::visit([&](const auto& m) { fields(out, m); }, message);
  return frame;
}

template <class Direction, std::size_t I>
Direction read_as(ByteView body) {
  std::variant_alternative_t<I, Direction> message;
  ReadingArchive in(body);
  fields(in, message);
  in.finish();
  return message;
}

template <class Direction, std::size_t... I>
constexpr auto readers_of(std::index_sequence<I...>) {
  return std::array{&read_as<Direction, I>...};
}

/// Throws CorruptData; `of_another` says of what.
template <class Direction>
Direction decode_as(FirstType first, const Frame& frame, const char* of_another) {
  static constexpr auto readers =
      readers_of<Direction>(std::make_index_sequence<std::variant_size_v<Direction>>{});
  const std::size_t index = std::size_t{frame.type} - static_cast<std::size_t>(first);
  if (index >= readers.size()) throw CorruptData(of_another);
  return readers[index](frame.body);
}

}  // namespace taskrun
