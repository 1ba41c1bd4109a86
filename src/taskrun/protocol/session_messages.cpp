// SPDX-License-Identifier: MIT
#include "taskrun/protocol/session_messages.hpp"

#include "taskrun/protocol/directions.hpp"
#include "taskrun/protocol/fields.hpp"

namespace taskrun {

template <class A, FieldsOf<StartRun> M>
void fields(A& a, M& m) {
  a.number(m.run.value);
  fields(a, m.job);
  fields(a, m.process);
  if (A::reads && m.run == RunId{}) throw CorruptData("a run without a number");
}

template <class A, FieldsOf<CloseSession> M>
void fields(A&, M&) {}

Frame encode_message(const ToRank& message) { return encode_as(FirstType::to_rank, message); }

ToRank decode_to_rank(const Frame& frame) {
  return decode_as<ToRank>(FirstType::to_rank, frame, "a message that no session sends");
}

}  // namespace taskrun
