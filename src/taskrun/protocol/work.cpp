// SPDX-License-Identifier: MIT
#include "taskrun/protocol/work.hpp"

namespace taskrun {
namespace {

template <class T>
void append_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

void Results::clear() {
  pieces.clear();
  payloads.clear();
  failures.clear();
  progress.clear();
}

void Results::append(const Results& other) {
  append_all(pieces, other.pieces);
  taskrun::append(payloads, other.payloads);
  append_all(failures, other.failures);
  append_all(progress, other.progress);
}

}  // namespace taskrun
