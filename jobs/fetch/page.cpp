// SPDX-License-Identifier: MIT
#include "fetch/page.hpp"

#include <arpa/inet.h>
#include <gumbo.h>
#include <netinet/in.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "fetch/curl.hpp"
#include "shared/input_lines.hpp"
#include "shared/item_random.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/system_failure.hpp"
#include "taskrun/core/write_all.hpp"

namespace taskrun {
namespace {

// A title lies near the beginning.
constexpr std::size_t head_bytes = 256 << 10;
// Servers that ask for more patience than this are tried again all the same.
constexpr Duration most_patience = std::chrono::seconds(60);
constexpr Duration first_retry_delay = std::chrono::milliseconds(500);

struct Network {
  std::uint32_t address;
  int bits;
};
// Not reachable from everywhere (RFC 6890), and what is sent to groups.
constexpr Network private_networks[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0a80000, 16}, {0xc6120000, 15}, {0xe0000000, 3}};

bool is_private(std::uint32_t address) {
  return std::any_of(std::begin(private_networks), std::end(private_networks),
                     [&](Network n) { return (address ^ n.address) >> (32 - n.bits) == 0; });
}

bool is_private(const in6_addr& address) {
  const unsigned char* byte = address.s6_addr;
  const auto zeros = [&](int from, int to) {
    return std::all_of(byte + from, byte + to, [](unsigned char b) { return b == 0; });
  };
  const std::uint32_t last = std::uint32_t{byte[12]} << 24 | std::uint32_t{byte[13]} << 16 |
                             std::uint32_t{byte[14]} << 8 | std::uint32_t{byte[15]};
  // Addresses of the old kind in the new one: ::a.b.c.d, ::ffff:a.b.c.d and 64:ff9b::a.b.c.d.
  const bool mapped = zeros(0, 10) && byte[10] == 0xff && byte[11] == 0xff;
  const bool translated = byte[0] == 0 && byte[1] == 0x64 && byte[2] == 0xff && byte[3] == 0x9b;
  if (mapped || translated || zeros(0, 12)) return is_private(last);
  return (byte[0] & 0xfe) == 0xfc || (byte[0] == 0xfe && (byte[1] & 0x80) == 0x80) ||
         byte[0] == 0xff;
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

const GumboNode* child_named(const GumboNode* parent, GumboTag tag) {
  if (parent == nullptr || parent->type != GUMBO_NODE_ELEMENT) return nullptr;
  const GumboVector& children = parent->v.element.children;
  for (unsigned i = 0; i < children.length; ++i) {
    const auto* child = static_cast<const GumboNode*>(children.data[i]);
    if (child->type == GUMBO_NODE_ELEMENT && child->v.element.tag == tag) return child;
  }
  return nullptr;
}

// Runs of space as one, and nothing that a terminal would act on.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (!space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

long milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

std::string host_of(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parts(curl().url(), curl().url_cleanup);
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    if (curl().url_get(parts.get(), which, &text, 0) != CURLUE_OK) return std::string();
    const std::unique_ptr<char, void (*)(void*)> owned(text, curl().free);
    return std::string(text);
  };
  const bool read = curl().url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  const std::string scheme = read ? part(CURLUPART_SCHEME) : "";
  if (scheme != "http" && scheme != "https") {
    throw usage_error(shown(url) +
                      " is not the address of a page, such as http://HOST/PATH or https://HOST");
  }
  return part(CURLUPART_HOST);
}

std::string title_of(std::string_view html) {
  const std::unique_ptr<GumboOutput, void (*)(GumboOutput*)> parsed(
      gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size()),
      [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); });
  const GumboNode* title = child_named(child_named(parsed->root, GUMBO_TAG_HEAD), GUMBO_TAG_TITLE);
  if (title == nullptr || title->v.element.children.length == 0) return "";
  const auto* text = static_cast<const GumboNode*>(title->v.element.children.data[0]);
  return text->type == GUMBO_NODE_TEXT ? one_line(text->v.text.text) : "";
}

CurlHandle make_curl_handle() {
  CurlHandle handle(curl().easy_init());
  if (!handle) throw environment_error("libcurl cannot be used: it gives no handle");
  return handle;
}

Transfer::Transfer(CURL* handle, const PageRequest& request, const FetchLimits& limits,
                   const Context& context)
    : handle_(handle), request_(request), limits_(limits), context_(context) {
  curl().easy_reset(handle);
  const auto set = [&](CURLoption option, auto value) {
    curl().easy_setopt(handle, option, value);
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, static_cast<long>(limits.redirect_count));
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(limits.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, milliseconds(limits.total_timeout));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, std::max(1L, milliseconds(limits.stall_timeout) / 1000));
  set(CURLOPT_ACCEPT_ENCODING, "");
  set(CURLOPT_USERAGENT, "taskrun");
  // A proxy would be asked instead of the address that is checked.
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ERRORBUFFER, error_text_);
  set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Transfer::watch);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
}

Transfer::~Transfer() {
  // The handle outlives this, and looks at none of it any more.
  curl().easy_reset(handle_);
}

std::size_t Transfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Transfer*>(self)->take({data, size * count}) ? size * count : 0;
}

int Transfer::watch(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(self)->context_.stop_requested() ? 1 : 0;
}

// Here the address is the one that will be spoken to, whatever the name said before.
curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (transfer.limits_.private_addresses == PrivateAddresses::refuse && is_private(address->addr)) {
    transfer.refusal_ = "its address is a private one; --allow-private allows that";
    return CURL_SOCKET_BAD;
  }
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0 && is_shortage(errno)) transfer.shortage_ = errno;
  return fd;
}

bool Transfer::take(std::string_view data) {
  bytes_ += data.size();
  if (bytes_ > limits_.most_bytes) {
    refusal_ = "it has more than " + std::to_string(limits_.most_bytes) + " bytes (--max-bytes)";
    return false;
  }
  head_ += data.substr(0, head_bytes - std::min(head_bytes, head_.size()));
  return limits_.save_folder.empty() || keep(data);
}

std::string Transfer::save_path() const {
  std::array<char, 32> number;
  std::snprintf(number.data(), number.size(), "%06llu-",
                static_cast<unsigned long long>(request_.number));
  std::string host = host_of(request_.url);
  std::replace(host.begin(), host.end(), '/', '_');
  return limits_.save_folder + "/" + number.data() + host;
}

bool Transfer::keep(std::string_view data) {
  if (!file_.open()) file_ = NewFile(save_path());
  if (file_.open() && write_all(file_.fd(), data)) return true;
  refusal_ = cannot_write({errno, std::generic_category()});
  return false;
}

// A file has its name only when it is whole.
std::string Transfer::end_file(bool whole) {
  NewFile file = std::move(file_);
  if (!whole || !file.open() || file.keep()) return "";
  return cannot_write({errno, std::generic_category()});
}

std::string Transfer::cannot_write(std::error_code why) const {
  return "cannot write " + save_path() + ": " + why.message();
}

std::string Transfer::failure(CURLcode code) const {
  if (!refusal_.empty()) return refusal_;
  if (context_.stop_requested()) return "nobody waits for it any more";
  return one_line(error_text_[0] != '\0' ? error_text_ : curl().easy_strerror(code));
}

Page Transfer::finish(CURLcode code) {
  Page page{request_.url, 0, bytes_, 0, "", "", ""};
  const char* type = nullptr;
  curl().easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &page.status);
  curl().easy_getinfo(handle_, CURLINFO_TOTAL_TIME, &page.seconds);
  curl().easy_getinfo(handle_, CURLINFO_CONTENT_TYPE, &type);
  page.type = one_line(type == nullptr ? "" : type);
  // Not the page's fault, and another try would meet the same.
  if (code != CURLE_OK && shortage_ != 0) {
    throw_system_failure("connect to " + host_of(request_.url), shortage_);
  }
  if (code != CURLE_OK) page.error = failure(code);
  // One without a byte is a file as well.
  if (code == CURLE_OK && !limits_.save_folder.empty() && !keep("")) page.error = refusal_;
  const std::string_view html = "text/html";
  const bool is_html = page.type.size() >= html.size() &&
                       ::strncasecmp(page.type.data(), html.data(), html.size()) == 0;
  if (is_html && page.error.empty()) page.title = title_of(head_);
  const std::string unwritten = end_file(page.error.empty());
  if (page.error.empty()) page.error = unwritten;
  return page;
}

std::optional<Duration> Transfer::retry_delay(CURLcode code, std::uint64_t tries_made) const {
  if (tries_made >= limits_.try_count || !refusal_.empty()) return std::nullopt;
  long status = 0;
  curl().easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  constexpr long busy[] = {429, 500, 502, 503, 504};
  constexpr CURLcode passing[] = {CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
                                  CURLE_GOT_NOTHING,     CURLE_RECV_ERROR,
                                  CURLE_SEND_ERROR,      CURLE_PARTIAL_FILE};
  const bool helps =
      code == CURLE_OK
          ? std::find(std::begin(busy), std::end(busy), status) != std::end(busy)
          : std::find(std::begin(passing), std::end(passing), code) != std::end(passing);
  if (!helps) return std::nullopt;
  curl_off_t asked = 0;
  curl().easy_getinfo(handle_, CURLINFO_RETRY_AFTER, &asked);
  if (asked > 0) return std::min<Duration>(std::chrono::seconds(asked), most_patience);
  // Twice as long each time, and not all at the same moment: between a half and all of it.
  const auto random = item_random(request_.number, tries_made)[0];
  const double jitter = 0.5 + random / 8589934592.0;
  const double doubled = seconds(first_retry_delay) * static_cast<double>(1ULL << (tries_made - 1));
  return std::min<Duration>(from_seconds(doubled * jitter), most_patience);
}

}  // namespace taskrun
