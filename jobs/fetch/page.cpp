// SPDX-License-Identifier: MIT
#include "fetch/page.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <utility>

#include "fetch/curl.hpp"
#include "fetch/html.hpp"
#include "fetch/title.hpp"
#include "shared/item_random.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/number.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/write_all.hpp"

namespace taskrun {
namespace {

// A title lies near the beginning.
constexpr std::size_t head_bytes = 256 << 10;
// Of servers that ask for more patience than this no more is asked.
constexpr Duration most_patience = std::chrono::seconds(60);
constexpr Duration first_retry_delay = std::chrono::milliseconds(500);

bool is_html(std::string_view type) {
  const std::string name = in_lower_case(type.substr(0, type.find_first_of("; ")));
  return name == "text/html" || name == "application/xhtml+xml";
}

long milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

OkCodes OkCodes::of(const std::string& list) {
  OkCodes codes;
  for (std::size_t at = 0; at <= list.size();) {
    const auto end = std::min(list.find(',', at), list.size());
    const std::string one = list.substr(at, end - at);
    const auto dash = std::min(one.find('-'), one.size());
    const auto first = parse_count(one.substr(0, dash));
    const auto last = dash < one.size() ? parse_count(one.substr(dash + 1)) : first;
    if (!first || !last || *first < 100 || *last > 999 || *first > *last) {
      throw usage_error("--ok-codes " + list + ": expected codes of HTTP, such as 200-299,404");
    }
    codes.ranges_.emplace_back(*first, *last);
    at = end + 1;
  }
  return codes;
}

bool OkCodes::has(long code) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const auto& r) { return code >= r.first && code <= r.second; });
}

void Page::note(const std::string& why_not) {
  if (why_not.empty()) return;
  if (!error.empty()) error += "; " + why_not;
  if (!failure.empty()) failure += "; " + why_not;
}

CurlHandle make_curl_handle() {
  CurlHandle handle(curl().easy_init());
  if (!handle) throw environment_error("libcurl cannot be used: it gives no handle");
  return handle;
}

Transfer::Transfer(CURL* handle, const PageRequest& request, const PageTry& what,
                   const FetchLimits& limits, const Context& context)
    : handle_(handle), request_(request), try_(what), limits_(limits), context_(context) {
  curl().easy_reset(handle);
  const auto set = [&](CURLoption option, auto value) {
    curl().easy_setopt(handle, option, value);
  };
  set(CURLOPT_URL, request.address.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, static_cast<long>(limits.redirect_count));
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(limits.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, std::max(1L, milliseconds(time_left())));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, std::max(1L, milliseconds(limits.stall_timeout) / 1000));
  set(CURLOPT_ACCEPT_ENCODING, "");
  set(CURLOPT_USERAGENT, "taskrun");
  // A proxy would be asked instead of the address that is checked.
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_MAXCONNECTS, 2L);  // of a thread's handle; those of a loop are the loop's
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
  std::string host = request_.address.host;
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  };
  std::replace_if(host.begin(), host.end(), std::not_fn(is_plain), '_');
  return limits_.save_folder + "/" + number.data() + host;
}

Duration Transfer::time_left() const {
  return std::max(Duration::zero(), limits_.total_timeout - (steady_now() - try_.began));
}

bool Transfer::keep(std::string_view data) {
  if (!file_.open()) file_ = NewFile(save_path());
  if (file_.open() && write_all(file_.fd(), data)) return true;
  refusal_ = cannot_write(errno);
  return false;
}

// A file has its name only when it is whole.
std::string Transfer::end_file(bool whole) {
  NewFile file = std::move(file_);
  if (!whole || !file.open() || file.keep()) return "";
  return cannot_write(errno);
}

std::string Transfer::cannot_write(int error) const {
  return "cannot write " + save_path() + ": " + system_reason(error);
}

std::string Transfer::failure(CURLcode code) const {
  if (!refusal_.empty()) return refusal_;
  if (context_.stop_requested()) return "nobody waits for it any more";
  return one_line(error_text_[0] != '\0' ? error_text_ : curl().easy_strerror(code));
}

Page Transfer::finish(CURLcode code) {
  Page page{request_.address.text, 0, bytes_, seconds(steady_now() - try_.began), "", "", "", ""};
  const char* type = nullptr;
  curl().easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &page.status);
  curl().easy_getinfo(handle_, CURLINFO_CONTENT_TYPE, &type);
  page.type = one_line(type == nullptr ? "" : type);
  // Not the page's fault, and another try would meet the same.
  if (code != CURLE_OK && shortage_ != 0) {
    throw_system_failure("connect to " + request_.address.host, shortage_);
  }
  if (code != CURLE_OK) page.error = failure(code);
  const bool is_ok = page.error.empty() && limits_.ok_codes.has(page.status);
  // One without a byte is a file as well.
  if (is_ok && !limits_.save_folder.empty() && !keep("")) page.error = refusal_;
  if (page.error.empty() && is_html(page.type)) page.title = title_of(head_, page.type);
  const std::string unwritten = end_file(is_ok && page.error.empty());
  if (page.error.empty()) page.error = unwritten;
  const std::string code_text = "HTTP " + std::to_string(page.status);
  const std::string why = !page.error.empty() ? page.error : is_ok ? "" : code_text;
  if (!why.empty()) page.failure = page.url + ": " + why;
  return page;
}

bool Transfer::may_help(CURLcode code) const {
  long status = 0;
  curl().easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  constexpr long busy[] = {429, 500, 502, 503, 504};
  constexpr CURLcode passing[] = {CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
                                  CURLE_GOT_NOTHING,     CURLE_RECV_ERROR,
                                  CURLE_SEND_ERROR,      CURLE_PARTIAL_FILE};
  if (!refusal_.empty()) return false;
  return code == CURLE_OK
             ? std::find(std::begin(busy), std::end(busy), status) != std::end(busy)
             : std::find(std::begin(passing), std::end(passing), code) != std::end(passing);
}

Retry Transfer::retry(CURLcode code) const {
  if (try_.number >= limits_.try_count || !may_help(code)) return {};
  curl_off_t asked = 0;
  curl().easy_getinfo(handle_, CURLINFO_RETRY_AFTER, &asked);
  const auto most_asked = std::chrono::duration_cast<std::chrono::seconds>(most_patience).count();
  if (asked > most_asked) {
    return {std::nullopt, "not tried again: it asks for " + std::to_string(asked) +
                              " s of patience (Retry-After), more than " +
                              std::to_string(most_asked) + " s"};
  }
  const Duration delay = asked > 0 ? Duration(std::chrono::seconds(asked)) : usual_delay();
  if (delay >= time_left()) {
    return {std::nullopt, "not tried again: --page-timeout leaves no time for that"};
  }
  return {delay, ""};
}

// Twice as long each time, and not all at the same moment: between a half and all of it.
Duration Transfer::usual_delay() const {
  const auto random = item_random(request_.number, try_.number)[0];
  const double jitter = 0.5 + random / 8589934592.0;
  const double doubled =
      seconds(first_retry_delay) * static_cast<double>(1ULL << (try_.number - 1));
  return std::min<Duration>(from_seconds(doubled * jitter), most_patience);
}

}  // namespace taskrun
