// SPDX-License-Identifier: MIT
// mpi/arrivals: messages of several senders in any order, sizes and kinds, that arrive late. The
// functions of MPI that it calls are the ones below; the library brings only its constants.
#include "taskrun/mpi/arrivals.hpp"

#include <mpi.h>

#include <deque>
#include <map>

#include "input.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/protocol/frame.hpp"

namespace {

struct Sent {
  int from;
  int tag;
  std::string bytes;
  unsigned late = 0;  // tests until it has arrived
  void* target = nullptr;
};
std::deque<Sent> waiting;
std::map<std::uintptr_t, Sent> matched;
std::uintptr_t next_request = 1;
Sent probed;

}  // namespace

extern "C" {
int MPI_Improbe(int, int, MPI_Comm, int* flag, MPI_Message*, MPI_Status* status) {
  *flag = waiting.empty() ? 0 : 1;
  if (waiting.empty()) return MPI_SUCCESS;
  probed = std::move(waiting.front());
  waiting.pop_front();
  status->MPI_SOURCE = probed.from;
  status->MPI_TAG = probed.tag;
  status->_ucount = probed.bytes.size();
  return MPI_SUCCESS;
}
int MPI_Get_count(const MPI_Status* status, MPI_Datatype, int* count) {
  *count = static_cast<int>(status->_ucount);
  return MPI_SUCCESS;
}
int MPI_Imrecv(void* target, int count, MPI_Datatype, MPI_Message*, MPI_Request* request) {
  FUZZ_REQUIRE(static_cast<std::size_t>(count) == probed.bytes.size());
  probed.target = target;
  *request = reinterpret_cast<MPI_Request>(next_request);
  matched[next_request++] = std::move(probed);
  return MPI_SUCCESS;
}
int MPI_Test(MPI_Request* request, int* flag, MPI_Status*) {
  auto& sent = matched.at(reinterpret_cast<std::uintptr_t>(*request));
  *flag = sent.late == 0;
  if (sent.late > 0) {
    --sent.late;
    return MPI_SUCCESS;
  }
  if (!sent.bytes.empty()) std::memcpy(sent.target, sent.bytes.data(), sent.bytes.size());
  matched.erase(reinterpret_cast<std::uintptr_t>(*request));
  return MPI_SUCCESS;
}
int MPI_Error_string(int, char*, int*) { return MPI_SUCCESS; }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  waiting.clear();
  matched.clear();
  next_request = 1;
  fuzz::Input in(data, size);
  Arrivals arrivals(MPI_COMM_NULL);
  std::uint64_t expected = 0;
  bool honest = true;
  std::uint64_t got = 0;
  const auto take = [&](const Received& received) {
    if (received.broken.empty()) ++got;
    FUZZ_REQUIRE(received.broken.empty() || !honest);
  };
  try {
    for (unsigned i = 0; i < 64 && !in.empty(); ++i) {
      const unsigned what = in.byte();
      const int from = what & 3;
      const unsigned late = in.byte() % 8;
      if ((what >> 2) % 3 == 0) {
        // A whole frame, cut as SendQueue cuts it.
        Frame frame;
        frame.type = in.byte();
        frame.body.resize((in.number() & 0xffff) % 20000, static_cast<std::byte>(what));
        const Bytes packed = pack(frame);
        const auto text = std::string(text_of(packed));
        if (text.size() <= wire::most_head_bytes) {
          waiting.push_back({from, 1, text, late});
        } else {
          waiting.push_back({from, 1, text.substr(0, Frame::header_size), late});
          const std::size_t segment = 200 + in.byte() * 64;
          for (std::size_t at = Frame::header_size; at < text.size(); at += segment) {
            waiting.push_back({from, 2, text.substr(at, segment), in.byte() % 8U});
          }
        }
        ++expected;
      } else if ((what >> 2) % 3 == 1) {
        // A header that promises some body, and bytes of any size.
        honest = false;
        Bytes header;
        write_header({static_cast<std::uint16_t>(in.byte()), RunId{in.byte()},
                      in.number() % (1 << 20), in.number()},
                     header);
        waiting.push_back({from, 1, std::string(text_of(header)), late});
        waiting.push_back({from, 2, std::string(1 + in.byte() * 40, 'x'), late});
      } else {
        honest = false;
        const int tag = in.byte() % 4;
        std::string bytes(in.until('\n'));
        waiting.push_back({from, tag, bytes, late});
      }
      if (what & 0x80) {
        while (const auto received = arrivals.receive()) take(*received);
      }
    }
    for (unsigned quiet = 0; quiet < 20;) {
      if (const auto received = arrivals.receive()) {
        take(*received);
        quiet = 0;
      } else if (waiting.empty() && matched.empty()) {
        ++quiet;
      }
    }
    if (honest) FUZZ_REQUIRE(got == expected && arrivals.pending_count() == 0);
  } catch (const Error&) {
  }
  return 0;
}
