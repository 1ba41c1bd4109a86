// SPDX-License-Identifier: MIT
// Classes of jobs that do not compile, each with the sentence that says why: wrong_jobs_test looks
// for those.
#include "taskrun/job/registry.hpp"

namespace {

using namespace taskrun;

struct Right {
  void params(Params&) {}
  Range dataset() const { return {0, 1}; }
  int reduce(int left, int right) const { return left + right; }
  void print(int, std::ostream&) const {}
};

// wanted: map must be const
struct MapNotConst : Right {
  int map(Range) { return 1; }
};
// wanted: map takes what slice() of the dataset returns
struct MapOfOther : Right {
  int map(const std::string&) const { return 1; }
};
// wanted: a job has `map(part) const` and `reduce(left, right) const`, or `emit(part, out) const`
struct NoMap : Right {};
// wanted: emit must be const
struct EmitNotConst : Right {
  void emit(Range, Output&) {}
};
// wanted: emit takes what slice() of the dataset returns
struct EmitOfOther : Right {
  void emit(int, int) const {}
};
// wanted: a job with both map and emit has `bool emits() const`
struct BothWithoutEmits : Right {
  int map(Range) const { return 1; }
  void emit(Range, Output&) const {}
};
// wanted: a job has `dataset() const`
struct DatasetNotConst {
  void params(Params&) {}
  Range dataset() { return {0, 1}; }
  void emit(Range, Output&) const {}
};
// wanted: what dataset() returns needs `size() const`
struct DatasetWithoutSize {
  void params(Params&) {}
  int dataset() const { return 1; }
  void emit(Range, Output&) const {}
};
// wanted: a job has `void params(taskrun::Params&)`
struct NoParams {
  Range dataset() const { return {0, 1}; }
  void emit(Range, Output&) const {}
};
// wanted: a job that maps has `reduce(left, right) const`
struct NoReduce {
  void params(Params&) {}
  Range dataset() const { return {0, 1}; }
  int map(Range) const { return 1; }
  void print(int, std::ostream&) const {}
};
// wanted: a job that maps has `print(result, out) const`
struct NoPrint {
  void params(Params&) {}
  Range dataset() const { return {0, 1}; }
  int map(Range) const { return 1; }
  int reduce(int left, int right) const { return left + right; }
};

// wanted: Params::count takes a member of type std::uint64_t
// wanted: Params::real takes a member of type double
// wanted: Params::duration takes a member of type taskrun::Duration
struct OtherMembers : Right {
  int count = 0;
  float real = 0;
  std::chrono::seconds duration{};

  void params(Params& p) {
    p.count("count", count, "an int", 1, 100);
    p.real("real", real, "a float");
    p.duration("duration", duration, "whole seconds");
  }
  int map(Range) const { return 1; }
};

}  // namespace

TASKRUN_JOB(map_not_const, "", MapNotConst)
TASKRUN_JOB(map_of_other, "", MapOfOther)
TASKRUN_JOB(no_map, "", NoMap)
TASKRUN_JOB(emit_not_const, "", EmitNotConst)
TASKRUN_JOB(emit_of_other, "", EmitOfOther)
TASKRUN_JOB(both_without_emits, "", BothWithoutEmits)
TASKRUN_JOB(dataset_not_const, "", DatasetNotConst)
TASKRUN_JOB(dataset_without_size, "", DatasetWithoutSize)
TASKRUN_JOB(no_params, "", NoParams)
TASKRUN_JOB(no_reduce, "", NoReduce)
TASKRUN_JOB(no_print, "", NoPrint)
TASKRUN_JOB(other_members, "", OtherMembers)
