// SPDX-License-Identifier: MIT
#include "fetch/page_loop.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <string_view>

#include "fetch/curl.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

// How late a stop or a try may be noticed.
constexpr int poll_milliseconds = 20;

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl().multi_cleanup(multi); }
};

// The thread's, so that the connections of one chunk are there for the next.
CURLM* event_loop() {
  thread_local const std::unique_ptr<CURLM, MultiDeleter> multi(curl().multi_init());
  if (!multi) throw environment_error("libcurl cannot be used: it gives no event loop");
  return multi.get();
}

class PageLoop {
 public:
  PageLoop(std::span<const PageRequest> requests, const FetchLimits& limits, LoopWidth width,
           const Context& context)
      : requests_(requests),
        limits_(limits),
        width_(width),
        context_(context),
        pages_(requests.size()) {
    curl().multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(width.per_host));
    curl().multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(2 * width.in_flight));
    std::map<std::string_view, std::size_t> hosts;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      host_of_.push_back(hosts.emplace(requests[i].address.host, hosts.size()).first->second);
      waiting_.push_back({{}, i, {}});
    }
    at_host_.resize(hosts.size());
  }
  ~PageLoop() {
    for (const auto& [handle, one] : running_) curl().multi_remove_handle(multi_, handle);
  }
  PageLoop(const PageLoop&) = delete;
  PageLoop& operator=(const PageLoop&) = delete;

  std::vector<Page> run() {
    while (work_is_left() && !context_.stop_requested()) {
      start_some(steady_now());
      int still_running = 0;
      require(curl().multi_perform(multi_, &still_running));
      // Those that wait take the places of finished ones at once; what came is read while they are
      // on their way.
      if (take_finished() > 0) continue;
      if (finished_.empty()) {
        require(curl().multi_poll(multi_, nullptr, 0, poll_milliseconds, nullptr));
      } else {
        finish(finished_.front());
        finished_.pop_front();
      }
    }
    return std::move(pages_);
  }

 private:
  struct Waiting {
    Time until;
    std::size_t index;
    PageTry what;  // of one that was tried before
  };
  struct Running {
    std::size_t index;
    PageTry what;
    CurlHandle handle;
    std::unique_ptr<Transfer> transfer;
    CURLcode code = CURLE_OK;  // when it has finished
  };

  bool work_is_left() const { return !waiting_.empty() || !running_.empty() || !finished_.empty(); }

  static void require(CURLMcode code) {
    if (code != CURLM_OK) {
      throw environment_error(std::string("libcurl's event loop fails: ") +
                              curl().multi_strerror(code));
    }
  }

  // The time that a page may take begins when its host has room for it.
  void start_some(Time now) {
    if (running_.size() >= width_.in_flight) return;
    auto left = waiting_.begin();
    for (auto one = waiting_.begin(); one != waiting_.end(); ++one) {
      const bool is_due = running_.size() < width_.in_flight && one->until <= now &&
                          at_host_[host_of_[one->index]] < width_.per_host;
      if (is_due) {
        start(*one, now);
      } else {
        *left++ = *one;
      }
    }
    waiting_.erase(left, waiting_.end());
  }

  void start(const Waiting& waiting, Time now) {
    Running one{waiting.index, waiting.what, make_curl_handle(), nullptr};
    if (one.what.number == 1) one.what.began = now;
    CURL* handle = one.handle.get();
    one.transfer =
        std::make_unique<Transfer>(handle, requests_[one.index], one.what, limits_, context_);
    require(curl().multi_add_handle(multi_, handle));
    ++at_host_[host_of_[one.index]];
    running_.emplace(handle, std::move(one));
  }

  // How many ended.
  std::size_t take_finished() {
    const std::size_t before = finished_.size();
    int left = 0;
    while (const CURLMsg* message = curl().multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const auto found = running_.find(message->easy_handle);
      found->second.code = message->data.result;
      curl().multi_remove_handle(multi_, found->first);
      --at_host_[host_of_[found->second.index]];
      finished_.push_back(std::move(found->second));
      running_.erase(found);
    }
    return finished_.size() - before;
  }

  void finish(const Running& one) {
    Page& page = pages_[one.index];
    page = one.transfer->finish(one.code);
    const Retry retry = one.transfer->retry(one.code);
    page.note(retry.why_not);
    if (!retry.delay) return;
    waiting_.push_back(
        {steady_now() + *retry.delay, one.index, {one.what.began, one.what.number + 1}});
  }

  std::span<const PageRequest> requests_;
  const FetchLimits& limits_;
  LoopWidth width_;
  const Context& context_;
  std::vector<Page> pages_;
  std::vector<Waiting> waiting_;
  std::vector<std::size_t> host_of_;    // of each request
  std::vector<std::uint64_t> at_host_;  // how many are running
  CURLM* const multi_ = event_loop();
  std::map<CURL*, Running> running_;
  std::deque<Running> finished_;
};

}  // namespace

std::vector<Page> fetch_in_loop(std::span<const PageRequest> requests, const FetchLimits& limits,
                                LoopWidth width, const Context& context) {
  return PageLoop(requests, limits, width, context).run();
}

}  // namespace taskrun
