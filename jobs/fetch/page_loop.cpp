// SPDX-License-Identifier: MIT
#include "fetch/page_loop.hpp"

#include <algorithm>
#include <deque>
#include <map>

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
    const Time now = steady_now();
    for (std::size_t i = 0; i < requests.size(); ++i) waiting_.push_back({now, i, 1});
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
  struct Try {
    Time at;
    std::size_t index;
    std::uint64_t number;  // from 1
  };
  struct Running {
    Try what;
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

  void start_some(Time now) {
    while (running_.size() < width_.in_flight) {
      const auto due = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const Try& one) { return one.at <= now; });
      if (due == waiting_.end()) return;
      start(*due);
      waiting_.erase(due);
    }
  }

  void start(const Try& what) {
    Running one{what, make_curl_handle(), nullptr};
    CURL* handle = one.handle.get();
    one.transfer = std::make_unique<Transfer>(handle, requests_[what.index], limits_, context_);
    require(curl().multi_add_handle(multi_, handle));
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
      finished_.push_back(std::move(found->second));
      running_.erase(found);
    }
    return finished_.size() - before;
  }

  void finish(const Running& one) {
    pages_[one.what.index] = one.transfer->finish(one.code);
    if (const auto delay = one.transfer->retry_delay(one.code, one.what.number)) {
      waiting_.push_back({steady_now() + *delay, one.what.index, one.what.number + 1});
    }
  }

  std::span<const PageRequest> requests_;
  const FetchLimits& limits_;
  LoopWidth width_;
  const Context& context_;
  std::vector<Page> pages_;
  std::vector<Try> waiting_;
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
