// SPDX-License-Identifier: MIT
#include "liar.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <variant>

namespace taskrun::testing {
namespace {

constexpr std::size_t most_said = 32;

// Each piece of a commit, with its bytes; false where the bytes end early.
template <class Visit>
bool see_pieces(const Commit& commit, Visit visit) {
  ByteView left(commit.results.payloads);
  for (const Piece& piece : commit.results.pieces) {
    if (piece.payload_size > left.size()) return false;
    visit(piece.chunks, left.first(piece.payload_size));
    left = left.subspan(piece.payload_size);
  }
  return true;
}

template <class M>
std::optional<M> as(const Frame& frame) {
  try {
    if constexpr (std::is_same_v<M, Commit>) {
      auto message = decode_to_coordinator(frame);
      if (M* m = std::get_if<M>(&message)) return std::move(*m);
    } else {
      auto message = decode_to_worker(frame);
      if (M* m = std::get_if<M>(&message)) return std::move(*m);
    }
  } catch (const CorruptData&) {
  }
  return std::nullopt;
}

}  // namespace

Liar::Liar(std::uint64_t seed, Place place) : random_(seed), place_(place) {
  constexpr std::uint64_t percents[] = {1, 5, 20, 60, 100};
  lies_percent_ = percents[roll(0, std::size(percents) - 1)];
  most_lies_ = chance(50) ? roll(1, 5) : UINT64_MAX;
}

void Liar::hear(const Frame& frame) {
  const auto grant = as<Grant>(frame);
  if (!grant) return;
  for (const Work& work : grant->leases) {
    granted_.add(work.chunks);
    last_lease_ = work.lease;
  }
}

std::vector<Frame> Liar::instead_of(Frame honest) {
  remember(honest);
  std::vector<Frame> all;
  const auto say = [&](Frame frame) {
    if (!forges(frame)) all.push_back(std::move(frame));
  };
  if (lie_count_ >= most_lies_ || !chance(lies_percent_)) {
    all.push_back(std::move(honest));
  } else {
    ++lie_count_;
    switch (roll(0, 9)) {
      case 0:
        break;  // not a word
      case 1:
        for (std::uint64_t n = roll(2, 5); n > 0; --n) all.push_back(honest);
        break;
      case 2:
        held_back_.push_back(std::move(honest));
        break;
      case 3:
        all.push_back(std::move(honest));
        all.push_back(said_[roll(0, said_.size() - 1)]);
        break;
      case 4:
        say(with_other_bytes(std::move(honest)));
        break;
      case 5:
        say(chance(50) ? invented<ToCoordinator>() : invented<ToWorker>());
        all.push_back(std::move(honest));
        break;
      default:
        say(with_other_fields(honest));
    }
  }
  if (!held_back_.empty() && chance(30)) {
    all.push_back(std::move(held_back_.back()));
    held_back_.pop_back();
  }
  return all;
}

void Liar::remember(const Frame& frame) {
  if (said_.size() == most_said) said_.erase(said_.begin());
  said_.push_back(frame);
  const auto commit = as<Commit>(frame);
  if (!commit) return;
  see_pieces(*commit, [&](ChunkRange chunks, ByteView bytes) {
    results_[{chunks.begin, chunks.end}].assign(bytes.begin(), bytes.end());
  });
}

bool Liar::forges(const Frame& frame) const {
  const auto commit = as<Commit>(frame);
  if (!commit) return false;
  const auto& failures = commit->results.failures;
  bool forged = std::any_of(failures.begin(), failures.end(),
                            [](const ChunkFailure& failure) { return !failure.text.empty(); });
  see_pieces(*commit, [&](ChunkRange chunks, ByteView bytes) {
    if (!granted_.contains_all(chunks)) return;
    const auto known = results_.find({chunks.begin, chunks.end});
    forged |= known == results_.end() ||
              !std::equal(bytes.begin(), bytes.end(), known->second.begin(), known->second.end());
  });
  return forged;
}

// --- one lie

template <class Number>
void Liar::change(Number& number) {
  constexpr auto most = std::numeric_limits<Number>::max();
  switch (roll(0, 7)) {
    case 0:
      number = 0;
      break;
    case 1:
      number = static_cast<Number>(number + 1);
      break;
    case 2:
      number = static_cast<Number>(number - 1);
      break;
    case 3:
      number = static_cast<Number>(roll(0, 20));
      break;
    case 4:
      number = static_cast<Number>(number + roll(0, 40) - 20);
      break;
    case 5:
      number = static_cast<Number>(most - roll(0, 2));
      break;
    case 6:
      number = static_cast<Number>((std::uint64_t{1} << roll(0, 63)) - roll(0, 1));
      break;
    default:
      number = static_cast<Number>(random_());
  }
}

void Liar::change(ChunkRange& chunks) {
  if (chance(30)) {
    const std::uint64_t by = roll(0, 20) - 10;
    chunks.begin += by;
    chunks.end += by;
  } else {
    change(chance(50) ? chunks.begin : chunks.end);
  }
}

void Liar::change(Duration& duration) {
  std::int64_t count = duration.count();
  change(count);
  duration = Duration(count);
}

void Liar::change(std::string& text) {
  if (chance(20)) {
    text.assign(roll(0, 5000), static_cast<char>(roll(0, 255)));
  } else if (text.empty() || chance(30)) {
    text += static_cast<char>(roll(0, 255));
  } else {
    text[roll(0, text.size() - 1)] = static_cast<char>(roll(0, 255));
  }
}

void Liar::change(ProcessName& process) {
  if (chance(50)) {
    // The process of another, never one of this machine that is none of the test's.
    process.machine = roll(0, 3);
  } else {
    process.pid = 0;
  }
}

template <class T>
void Liar::change(std::vector<T>& items) {
  if (items.empty()) {
    if (chance(50)) items.emplace_back();
    if (items.empty()) return;
  }
  const std::size_t at = roll(0, items.size() - 1);
  switch (roll(0, 5)) {
    case 0:
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      items.push_back(T(items[at]));
      break;
    case 2:
      std::swap(items[at], items.front());
      break;
    default:
      change(items[at]);
  }
}

template <class... Fields>
void Liar::change_one(Fields&... fields) {
  std::uint64_t before = roll(0, sizeof...(fields) - 1);
  (void)((before-- == 0 && (change(fields), true)) || ...);
}

void Liar::change(Hello& m) { change_one(m.build, m.job, m.slots, m.process, m.host); }

void Liar::change(Welcome& m) {
  change_one(m.item_count, m.chunk_count, m.heartbeat_interval, m.process, m.report_interval);
}

void Liar::change(Refused& m) { change_one(m.host, m.why); }

void Liar::change(Grant& m) {
  if (chance(20)) return change(m.median_chunk);
  change(m.leases);
}

void Liar::change(Work& work) { change_one(work.lease, work.chunks, work.attempt); }

void Liar::change(Commit& m) {
  switch (roll(0, 3)) {
    case 0:
      return change(m.results.pieces);
    case 1:
      return change(m.results.failures);
    case 2:
      m.results.payloads.resize(m.results.payloads.size() + roll(0, 9));
      return;
    default:
      change(m.results.progress);
  }
}

void Liar::change(Piece& piece) {
  if (chance(70)) return change(piece.chunks);
  change(piece.payload_size);
}

void Liar::change(ChunkFailure& failure) {
  if (chance(10)) {
    failure.lease = last_lease_;
    return;
  }
  change_one(failure.lease, failure.chunk, failure.error, failure.details, failure.is_final,
             failure.begun, failure.busy, failure.end.number, failure.memory_bytes,
             failure.memory_bytes_before);
}

void Liar::change(LeaseProgress& progress) {
  if (chance(15)) {
    progress.lease = last_lease_;
    return;
  }
  change_one(progress.lease, progress.next, progress.ended, progress.computed, progress.busy,
             progress.memory_bytes);
}

void Liar::change(Withdraw& m) { change(m.leases); }

void Liar::change(Withdraw::Item& item) {
  if (chance(30)) item.how = item.how == Cancel::now ? Cancel::if_waiting : Cancel::now;
  change(item.lease);
}

void Liar::change(Broken& m) {
  m.reach = static_cast<Broken::Reach>(roll(0, 2));
  change(m.error);
}

void Liar::change(Goodbye& m) {
  WorkerAccount& account = m.account;
  change_one(account.rank, account.host, account.slots, account.chunks, account.busy,
             account.processor, account.communication, account.bytes_sent, account.bytes_received);
}

void Liar::change(Sibling& m) {
  change(m.rank);
  change(m.process);
}

// --- one message

template <class Direction>
void Liar::change_fields(Direction& message, std::uint64_t times) {
  for (; times > 0; --times) std::visit([this](auto& m) { change(m); }, message);
}

Frame Liar::with_other_fields(const Frame& frame) {
  const std::uint64_t times = chance(70) ? 1 : roll(2, 6);
  const auto changed = [&](auto message) {
    change_fields(message, times);
    return encoded(message, frame);
  };
  return place_ == Place::rank_0 ? changed(decode_to_worker(frame))
                                 : changed(decode_to_coordinator(frame));
}

template <class Direction>
Frame Liar::invented() {
  Direction message;
  const std::size_t which = roll(0, std::variant_size_v<Direction> - 1);
  const auto make = [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void)((I == which && (message.template emplace<I>(), true)) || ...);
  };
  make(std::make_index_sequence<std::variant_size_v<Direction>>{});
  change_fields(message, roll(0, 6));
  return encoded(message, said_.back());
}

// Some of what it would say cannot even be written.
template <class Direction>
Frame Liar::encoded(const Direction& message, const Frame& otherwise) {
  try {
    return encode_message(message);
  } catch (const CorruptData&) {
    return with_other_bytes(otherwise);
  }
}

// The header that is made for it tells the truth about its bytes.
Frame Liar::with_other_bytes(Frame frame) {
  if (chance(10)) frame.type = static_cast<std::uint16_t>(roll(0, 15));
  for (std::uint64_t n = roll(1, 4); n > 0; --n) {
    const std::size_t at = roll(0, frame.body.size());
    const auto place = frame.body.begin() + static_cast<std::ptrdiff_t>(at);
    switch (roll(0, 3)) {
      case 0:
        frame.body.resize(at);
        break;
      case 1:
        frame.body.insert(place, static_cast<std::byte>(roll(0, 255)));
        break;
      default:
        if (place != frame.body.end()) *place = static_cast<std::byte>(roll(0, 255));
    }
  }
  return frame;
}

}  // namespace taskrun::testing
