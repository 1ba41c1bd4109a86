// SPDX-License-Identifier: MIT
#include "taskrun/net/channels.hpp"

#include <utility>

#include "taskrun/core/contract.hpp"

namespace taskrun {
namespace {

std::optional<Received> take_first(std::deque<Received>& inbox) {
  if (inbox.empty()) return std::nullopt;
  Received first = std::move(inbox.front());
  inbox.pop_front();
  return first;
}

}  // namespace

class Channels::Channel final : public Transport {
 public:
  Channel(Channels& all, RunId run) : all_(all), run_(run), inbox_(all.inboxes_.at(run)) {}
  ~Channel() override { all_.inboxes_.erase(run_); }

  std::uint32_t rank() const override { return all_.transport_.rank(); }
  std::uint32_t size() const override { return all_.transport_.size(); }
  void send(std::uint32_t to, Frame frame) override {
    frame.run = run_;
    all_.transport_.send(to, std::move(frame));
  }
  std::optional<Received> receive() override {
    if (inbox_.empty()) all_.receive();
    return take_first(inbox_);
  }
  Duration longest_sleep() const override { return all_.transport_.longest_sleep(); }

 private:
  Channels& all_;
  const RunId run_;
  Inbox& inbox_;
};

Channels::Channels(Transport& transport) : transport_(transport) {}

Channels::~Channels() = default;

std::unique_ptr<Transport> Channels::open(RunId run) {
  TASKRUN_EXPECT(run != RunId{});
  const auto [inbox, is_new] = inboxes_.try_emplace(run);
  TASKRUN_EXPECT(is_new);
  for (const auto& [from, what] : broken_) inbox->second.push_back({from, {}, what});
  return std::make_unique<Channel>(*this, run);
}

bool Channels::receive() {
  bool any = false;
  while (session_.empty()) {
    auto received = transport_.receive();
    if (!received) break;
    deliver(std::move(*received));
    any = true;
  }
  return any;
}

void Channels::deliver(Received received) {
  if (!received.broken.empty()) {
    broken_.try_emplace(received.from, received.broken);
    for (auto& [run, inbox] : inboxes_) inbox.push_back(received);
    session_.push_back(std::move(received));
    return;
  }
  if (received.frame.run == RunId{}) {
    session_.push_back(std::move(received));
    return;
  }
  const auto inbox = inboxes_.find(received.frame.run);
  if (inbox == inboxes_.end()) {
    ++late_count_;
    return;
  }
  inbox->second.push_back(std::move(received));
}

std::optional<Received> Channels::next_of_session() { return take_first(session_); }

void Channels::send(std::uint32_t to, Frame frame) {
  frame.run = RunId{};
  transport_.send(to, std::move(frame));
}

}  // namespace taskrun
