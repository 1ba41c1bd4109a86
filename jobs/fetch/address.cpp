// SPDX-License-Identifier: MIT
#include "fetch/address.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <string_view>

#include "fetch/curl.hpp"
#include "shared/input_lines.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

struct Network {
  std::uint32_t address;
  int bits;
};
// iana-ipv4-special-registry (those that are not reachable globally), and what is sent to groups.
constexpr Network private_networks[] = {{0x00000000, 8},   // this network
                                        {0x0a000000, 8},   // private use
                                        {0x64400000, 10},  // shared
                                        {0x7f000000, 8},   // loopback
                                        {0xa9fe0000, 16},  // link local
                                        {0xac100000, 12},  // private use
                                        {0xc0000000, 24},  // protocol assignments
                                        {0xc0000200, 24},  // documentation
                                        {0xc0586300, 24},  // 6to4 relays, deprecated
                                        {0xc0a80000, 16},  // private use
                                        {0xc6120000, 15},  // benchmarking
                                        {0xc6336400, 24},  // documentation
                                        {0xcb007100, 24},  // documentation
                                        {0xe0000000, 3}};  // groups, reserved, broadcast

bool is_private(std::uint32_t address) {
  return std::any_of(std::begin(private_networks), std::end(private_networks),
                     [&](Network n) { return (address ^ n.address) >> (32 - n.bits) == 0; });
}

bool begins_with(const in6_addr& address, std::initializer_list<unsigned char> bytes, int bits) {
  int left = bits;
  const unsigned char* at = address.s6_addr;
  for (const unsigned char byte : bytes) {
    const auto mask = static_cast<unsigned char>(left >= 8 ? 0xff : 0xff00U >> left);
    if (((*at++ ^ byte) & mask) != 0) return false;
    left -= 8;
  }
  return true;
}

// Those that stand for one of the old kind, which is their end: mapped, translated (SIIT, NAT64).
bool carries_old_address(const in6_addr& address) {
  return begins_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96) ||
         begins_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0}, 96) ||
         begins_with(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}, 96);
}

// iana-ipv6-special-registry. All that is reachable from everywhere is in 2000::/3.
bool is_private(const in6_addr& address) {
  if (carries_old_address(address)) {
    std::uint32_t last = 0;
    std::memcpy(&last, address.s6_addr + 12, sizeof last);
    return is_private(std::uint32_t{ntohl(last)});
  }
  if (!begins_with(address, {0x20}, 3)) return true;
  // Protocol assignments, with Teredo, benchmarking; of these a few are reachable.
  if (begins_with(address, {0x20, 0x01, 0x00}, 23)) {
    return !begins_with(address, {0x20, 0x01, 0, 0x03}, 32) &&
           !begins_with(address, {0x20, 0x01, 0, 0x04, 0x01, 0x12}, 48) &&
           !begins_with(address, {0x20, 0x01, 0, 0x20}, 28) &&
           !begins_with(address, {0x20, 0x01, 0, 0x30}, 28);
  }
  return begins_with(address, {0x20, 0x01, 0x0d, 0xb8}, 32) ||  // documentation
         begins_with(address, {0x20, 0x02}, 16) ||              // 6to4
         begins_with(address, {0x3f, 0xff, 0x00}, 20);          // documentation
}

constexpr std::string_view spaces = " \t";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(spaces);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Nothing where libcurl reads no address of a page in it.
PageAddress read_url(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parts(curl().url(), curl().url_cleanup);
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    if (curl().url_get(parts.get(), which, &text, 0) != CURLUE_OK) return std::string();
    const std::unique_ptr<char, void (*)(void*)> owned(text, curl().free);
    return std::string(text);
  };
  const auto code =
      curl().url_set(parts.get(), CURLUPART_URL, url.c_str(), CURLU_URLENCODE | CURLU_ALLOW_SPACE);
  const std::string scheme = code == CURLUE_OK ? part(CURLUPART_SCHEME) : "";
  if (scheme != "http" && scheme != "https") return {};
  PageAddress address{url, part(CURLUPART_URL), part(CURLUPART_HOST)};
  for (char& c : address.host) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  return address;
}

// What people leave out.
bool looks_like_host(const std::string& text) {
  return text.find("://") == text.npos && text.find(' ') == text.npos &&
         text.find('.') < std::min(text.find('/'), text.size()) &&
         !read_url("http://" + text).host.empty();
}

}  // namespace

PageAddress page_address(const std::string& text) {
  const std::string url(trimmed(text));
  const std::string what = shown(text) + " is not the address of a page";
  if (std::any_of(url.begin(), url.end(), is_control)) {
    throw usage_error(what + ": it has control characters in it");
  }
  PageAddress address = read_url(url);
  if (!address.host.empty()) return address;
  throw usage_error(what + ", such as http://HOST/PATH or https://HOST" +
                    (looks_like_host(url) ? "; write https://" + in_brief(url, 40) : ""));
}

bool is_private(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    return is_private(std::uint32_t{ntohl(v4.sin_addr.s_addr)});
  }
  if (address.sa_family != AF_INET6) return true;
  sockaddr_in6 v6;
  std::memcpy(&v6, &address, sizeof v6);
  return is_private(v6.sin6_addr);
}

}  // namespace taskrun
