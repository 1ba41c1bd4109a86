// SPDX-License-Identifier: MIT
#include "taskrun/engine/roster.hpp"

#include <algorithm>
#include <array>

namespace taskrun {
namespace {

// What a new report leaves of the older ones' weight: speeds follow within about eight leases.
constexpr double memory = 0.875;

}  // namespace

void Roster::join(WorkerId worker, Time now) {
  Member& member = members_[worker.value];
  if (member.state == Member::State::expected) --expected_count_;
  member.state = Member::State::joined;
  member.heard = now;
  ++joined_count_;
  slot_count_ += member.account.slots;
  if (member.speed == 0) return;
  measured_slots_ += member.account.slots;
  measured_speed_ += member.speed * member.account.slots;
}

void Roster::lose(WorkerId worker) {
  Member& member = members_[worker.value];
  member.state = Member::State::lost;
  --joined_count_;
  slot_count_ -= member.account.slots;
  if (member.speed == 0) return;
  measured_slots_ -= member.account.slots;
  measured_speed_ -= member.speed * member.account.slots;
}

void Roster::leave(WorkerId worker) {
  Member& member = members_[worker.value];
  if (member.state == Member::State::expected) --expected_count_;
  member.state = Member::State::left;
}

void Roster::measure(WorkerId worker, const LeaseProgress& progress) {
  if (progress.computed == 0) return;
  Member& member = members_[worker.value];
  member.recent_chunks = memory * member.recent_chunks + static_cast<double>(progress.computed);
  member.recent_seconds = memory * member.recent_seconds + seconds(progress.busy);
  // A clock too coarse for the chunks must not make them infinitely fast.
  const double speed = member.recent_chunks / std::max(member.recent_seconds, 1e-9);
  if (member.state == Member::State::joined) {
    if (member.speed == 0) measured_slots_ += member.account.slots;
    measured_speed_ += (speed - member.speed) * member.account.slots;
  }
  member.speed = speed;
}

void Roster::forgive(Duration pause) {
  for (Member& member : members_) member.heard += pause;
}

bool Roster::everybody_left() const {
  return std::none_of(members_.begin(), members_.end(), [](const Member& member) {
    return member.state == Member::State::joined || member.state == Member::State::expected;
  });
}

bool Roster::any_may_return(Time since) const {
  return std::any_of(members_.begin(), members_.end(), [since](const Member& member) {
    return member.state == Member::State::lost && member.heard > since;
  });
}

double Roster::speed_of(const Member& member) const {
  if (member.speed > 0) return member.speed;
  return measured_slots_ == 0 ? 0 : measured_speed_ / measured_slots_;
}

double Roster::total_speed() const {
  return measured_slots_ == 0 ? 0 : measured_speed_ / measured_slots_ * slot_count_;
}

std::string Roster::described(WorkerId worker, Time now) const {
  constexpr std::array states{"has not started", "takes part", "is lost", "has left",
                              "computes no more"};
  const auto since = [now](Time then) {
    return std::to_string(static_cast<std::int64_t>(seconds(now - then))) + " s ago";
  };
  const Member& member = members_[worker.value];
  std::string text =
      "rank " + std::to_string(worker.value) + " " + states[static_cast<std::size_t>(member.state)];
  if (member.state != Member::State::expected) {
    text += " on " + member.account.host + ", last said " + member.last_word + " " +
            since(member.heard);
  }
  if (member.fed != Time{}) text += ", got its last lease " + since(member.fed);
  return text;
}

}  // namespace taskrun
