// SPDX-License-Identifier: MIT
// How values of jobs become bytes and back: numbers as they are, everything else by Boost
// serialization. Only bytes whose checksum was verified may be decoded: the archive itself does not
// check its input.
#pragma once

#include <boost/archive/binary_iarchive_impl.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/archive/impl/archive_serializer_map.ipp>
#include <boost/archive/impl/basic_binary_iarchive.ipp>
#include <boost/archive/impl/basic_binary_iprimitive.ipp>
#include <boost/serialization/array_optimization.hpp>
#include <boost/serialization/deque.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/set.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/unordered_map.hpp>
#include <boost/serialization/utility.hpp>
#include <boost/serialization/vector.hpp>
#include <cstring>
#include <streambuf>
#include <type_traits>
#include <utility>

#include "taskrun/core/bytes.hpp"

namespace taskrun {

__extension__ using uint128 = unsigned __int128;
__extension__ using int128 = __int128;

/// Whether a T is sent as its bytes.
template <class T>
inline constexpr bool sent_as_is = std::is_arithmetic_v<T> || std::is_enum_v<T> ||
                                   std::is_same_v<T, uint128> || std::is_same_v<T, int128>;

namespace detail {

/// A stream buffer that appends to bytes.
class AppendBuffer : public std::streambuf {
 public:
  explicit AppendBuffer(Bytes& out) : out_(out) {}

 protected:
  std::streamsize xsputn(const char* data, std::streamsize count) override {
    const auto bytes = std::as_bytes(std::span(data, static_cast<std::size_t>(count)));
    append(out_, bytes);
    return count;
  }
  int_type overflow(int_type c) override {
    if (c != traits_type::eof()) out_.push_back(static_cast<std::byte>(c));
    return traits_type::not_eof(c);
  }

 private:
  Bytes& out_;
};

/// A stream buffer over bytes it does not own.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(ByteView in) {
    // The interface wants char*; nothing is written through it.
    char* begin = const_cast<char*>(reinterpret_cast<const char*>(in.data()));
    setg(begin, begin, begin + in.size());
  }
  std::size_t left() const { return static_cast<std::size_t>(egptr() - gptr()); }
};

/// Makes no room for more than has come: each element takes a byte at least.
class CheckedArchive
    : public boost::archive::binary_iarchive_impl<CheckedArchive, char, std::char_traits<char>> {
  using Base = boost::archive::binary_iarchive_impl<CheckedArchive, char, std::char_traits<char>>;
  friend class boost::archive::detail::interface_iarchive<CheckedArchive>;
  friend class boost::archive::basic_binary_iarchive<CheckedArchive>;
  friend class boost::archive::load_access;

 public:
  CheckedArchive(ViewBuffer& buffer, unsigned flags) : Base(buffer, flags), buffer_(buffer) {}

 protected:
  using Base::load;
  using Base::load_override;
  void load(std::string& text) {
    std::size_t size = 0;
    load(size);
    expect(size);
    text.resize(size);
    if (size > 0) this->load_binary(text.data(), size);
  }
  void load(bool& flag) {
    std::uint8_t byte = 0;
    load(byte);
    if (byte > 1) throw CorruptData("a truth value that is none");
    flag = byte == 1;
  }
  void load_override(boost::serialization::collection_size_type& size) {
    Base::load_override(size);
    expect(std::as_const(size));
  }

 private:
  void expect(std::size_t size) const {
    if (size > buffer_.left()) throw CorruptData("more elements than have come");
  }

  ViewBuffer& buffer_;
};

inline constexpr unsigned archive_flags =
    boost::archive::no_header | boost::archive::no_codecvt | boost::archive::no_tracking;

}  // namespace detail

}  // namespace taskrun

// As Boost's own: numbers of an array lie in one piece.
BOOST_SERIALIZATION_USE_ARRAY_OPTIMIZATION(taskrun::detail::CheckedArchive)

namespace taskrun {

/// Appends the value's bytes.
template <class T>
void encode(const T& value, Bytes& out) {
  if constexpr (sent_as_is<T>) {
    const auto raw = std::as_bytes(std::span(&value, 1));
    append(out, raw);
  } else {
    detail::AppendBuffer buffer(out);
    boost::archive::binary_oarchive archive(buffer, detail::archive_flags);
    archive << value;
  }
}

/// The value that encode wrote. Throws CorruptData where the bytes cannot be one.
template <class T>
T decode(ByteView in) {
  T value{};
  if constexpr (sent_as_is<T>) {
    if (in.size() != sizeof value) throw CorruptData("a number of the wrong length");
    std::memcpy(&value, in.data(), sizeof value);
  } else {
    try {
      detail::ViewBuffer buffer(in);
      detail::CheckedArchive archive(buffer, detail::archive_flags);
      archive >> value;
    } catch (const boost::archive::archive_exception& e) {
      throw CorruptData(std::string("a value that cannot be read: ") + e.what());
    }
  }
  return value;
}

}  // namespace taskrun
