// SPDX-License-Identifier: MIT
#include "taskrun/net/loopback.hpp"

#include "taskrun/core/contract.hpp"

namespace taskrun {

class LoopbackTransport final : public Transport {
 public:
  LoopbackTransport(LoopbackHub& hub, std::uint32_t rank) : hub_(hub), rank_(rank) {}

  std::uint32_t rank() const override { return rank_; }
  std::uint32_t size() const override { return hub_.size(); }

  void send(std::uint32_t to, Frame frame) override {
    auto& inbox = *hub_.inboxes_.at(to);
    Wakeup* wakeup = nullptr;
    {
      const std::lock_guard lock(inbox.mutex);
      inbox.frames.push_back({rank_, std::move(frame)});
      wakeup = inbox.wakeup;
    }
    if (wakeup != nullptr) wakeup->notify();
  }

  std::optional<Received> receive() override {
    auto& inbox = *hub_.inboxes_[rank_];
    const std::lock_guard lock(inbox.mutex);
    if (inbox.frames.empty()) return std::nullopt;
    Received front = std::move(inbox.frames.front());
    inbox.frames.pop_front();
    return front;
  }

  Duration longest_sleep() const override { return Duration::max(); }

 private:
  LoopbackHub& hub_;
  std::uint32_t rank_;
};

LoopbackHub::LoopbackHub(std::uint32_t size) {
  TASKRUN_EXPECT(size > 0);
  for (std::uint32_t i = 0; i < size; ++i) inboxes_.push_back(std::make_unique<Inbox>());
}

LoopbackHub::~LoopbackHub() = default;

std::unique_ptr<Transport> LoopbackHub::connect(std::uint32_t rank, Wakeup& wakeup) {
  auto& inbox = *inboxes_.at(rank);
  {
    const std::lock_guard lock(inbox.mutex);
    TASKRUN_EXPECT(inbox.wakeup == nullptr);
    inbox.wakeup = &wakeup;
  }
  return std::make_unique<LoopbackTransport>(*this, rank);
}

}  // namespace taskrun
