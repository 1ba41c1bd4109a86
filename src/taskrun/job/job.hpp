// SPDX-License-Identifier: MIT
// A job as the rest of taskrun sees it, whatever its types are. Authors do not derive from this:
// they write a small class (see typed_job.hpp) and register it (see registry.hpp).
#pragma once

#include <any>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/input_file.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/data/open_input.hpp"
#include "taskrun/job/context.hpp"
#include "taskrun/job/params.hpp"

namespace taskrun {

/// The result of a chunk, or of a block of chunks already reduced; holds the job's own type.
/// For a job that emits: a std::string.
using Partial = std::any;

/// How big a job's dataset is and how it would like to be cut.
struct DatasetSize {
  std::uint64_t item_count = 0;
  std::uint64_t chunk_count = 0;
  /// Nobody knows how big it is: items come while the run goes on, and each is a chunk.
  bool is_open_ended = false;
};

/// One job with its parameters. The life of one: declare, check, then open (on the coordinator) or
/// join (on other workers), then map and reduce.
class Job {
 public:
  virtual ~Job() = default;

  virtual void declare(Params& params) = 0;
  /// Throws Error (usage) where parameters do not go together.
  virtual void check() const = 0;
  /// Whether chunks add text to an output instead of being reduced.
  virtual bool emits() const = 0;
  /// Whether its items mostly wait, for a network or a disk: a worker then computes many at a time,
  /// whatever its cores.
  virtual bool io_bound() const = 0;
  /// How many descriptors a slot may have open at a time.
  virtual std::uint64_t slot_descriptors() const { return 0; }

  /// Whether its chunks are always computed in processes of their own.
  virtual bool needs_isolation() const = 0;
  /// Whether computing a chunk changes something outside of the run: none is then computed by two
  /// at the same time, as far as one can know, nor tried again unless that is asked for.
  virtual bool has_effects() const = 0;
  /// Whether it keeps the context's limits by itself, and ends what it runs when it is told to
  /// stop; it gets the time for that. What it returns is then a result, also after it was told to
  /// stop.
  virtual bool keeps_limits() const = 0;
  /// Whether the texts of an emitting job's chunks leave as they come, in any order.
  virtual bool unordered() const = 0;

  /// The file into which it wants what it says of failed chunks in detail; empty: none.
  virtual std::string details_path() const = 0;

  /// Where the coordinator will be, once the run is certain and before all else: `goes_on` says
  /// that an earlier start began it. Throws Error (usage) where the run cannot begin so.
  virtual void begin(bool goes_on) = 0;
  /// On the coordinator: makes the dataset. Throws Error (usage) for bad input.
  virtual DatasetSize open() = 0;
  /// Where the dataset is opened: what it reads, by which a journal knows it again.
  virtual std::vector<InputFile> inputs() const { return {}; }
  /// Where the dataset was opened and is open-ended; see OpenEndedDataset.
  virtual std::unique_ptr<InputReading> read_input(Wakeup& wakeup, const InputState& seen) = 0;
  virtual void release(ItemRange items) const = 0;
  /// On another worker: makes the dataset, unless the coordinator ships its slices.
  virtual void join() = 0;

  virtual bool ships() const = 0;
  /// On the coordinator's message thread: appends the slice of a dataset that ships.
  virtual void ship(ItemRange items, Bytes& out) const = 0;

  /// From any thread, also at the same time: computes a chunk. `shipped` is what ship() wrote on
  /// the coordinator; it may be empty where the dataset is here and is not open-ended. What the job
  /// throws passes through.
  virtual Partial map(ItemRange items, ByteView shipped, Context& context) const = 0;
  /// Likewise: joins two neighbours.
  virtual Partial reduce(Partial left, Partial right) const = 0;
  /// The result when there is nothing to reduce: the job's identity(), else a zero of its type.
  virtual Partial nothing() const = 0;

  virtual void encode(const Partial& partial, Bytes& out) const = 0;
  /// Throws CorruptData.
  virtual Partial decode(ByteView in) const = 0;

  virtual void print(const Partial& result, std::ostream& out) const = 0;
  virtual nlohmann::json json(const Partial& result) const = 0;
  /// What the result tells of that failed, though no chunk did, in one line: the run then ends as
  /// one with failed chunks. Empty where nothing did.
  virtual std::string failure(const Partial&) const { return ""; }
};

/// Joins neighbours as a job does; what the reduction tree is made with. The job outlives it.
struct JoinPartials {
  const Job& job;
  Partial operator()(Partial left, Partial right) const {
    return job.reduce(std::move(left), std::move(right));
  }
};

}  // namespace taskrun
