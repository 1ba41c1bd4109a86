// SPDX-License-Identifier: MIT
// The fields of what several messages hold, and of what is computed and what comes of it: the one
// list for every carrier, between ranks and between a rank and its helpers. For this folder's own
// sources.
#pragma once

#include "taskrun/core/range.hpp"
#include "taskrun/protocol/archive.hpp"
#include "taskrun/protocol/job_spec.hpp"
#include "taskrun/protocol/messages.hpp"
#include "taskrun/protocol/work.hpp"

namespace taskrun {

template <class A, FieldsOf<ChunkRange> M>
void fields(A& a, M& range) {
  a.number(range.begin);
  a.number(range.end);
  if (A::reads && range.begin > range.end) {
    throw CorruptData("a range that ends before it begins");
  }
}

template <class A, FieldsOf<Work> M>
void fields(A& a, M& work) {
  a.number(work.lease.value);
  fields(a, work.chunks);
  a.number(work.attempt);
  a.bytes(work.shipped);
}

template <class A, FieldsOf<Piece> M>
void fields(A& a, M& piece) {
  fields(a, piece.chunks);
  a.number(piece.payload_size);
}

template <class A, FieldsOf<ChunkFailure> M>
void fields(A& a, M& failure) {
  a.number(failure.lease.value);
  a.number(failure.chunk);
  a.text(failure.error);
  a.text(failure.text);
  a.flag(failure.is_final);
  a.choice(failure.end.how, ProcessEnd::How::killed);
  a.number(failure.end.number);
  a.duration(failure.begun);
  a.duration(failure.busy);
  a.text(failure.details);
  a.number(failure.memory_bytes);
  a.number(failure.memory_bytes_before);
}

template <class A, FieldsOf<LeaseProgress> M>
void fields(A& a, M& progress) {
  a.number(progress.lease.value);
  a.number(progress.next);
  a.flag(progress.ended);
  a.number(progress.computed);
  a.duration(progress.busy);
  a.number(progress.memory_bytes);
}

template <class A, FieldsOf<Results> M>
void fields(A& a, M& results) {
  a.list(results.pieces);
  a.bytes(results.payloads);
  a.list(results.failures);
  a.list(results.progress);
}

template <class A, FieldsOf<ProcessName> M>
void fields(A& a, M& process) {
  a.number(process.pid);
  a.number(process.machine);
}

template <class A, FieldsOf<JobSpec::Value> M>
void fields(A& a, M& value) {
  a.text(value.name);
  a.text(value.text);
}

template <class A, FieldsOf<JobSpec> M>
void fields(A& a, M& spec) {
  a.text(spec.name);
  a.list(spec.values);
}

}  // namespace taskrun
