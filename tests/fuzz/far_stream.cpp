// SPDX-License-Identifier: MIT
// launch/far_text, launch/lifeline and launch/life_signs: a stream of pieces and of anything that
// others write between them, cut anywhere; packets on a lifeline; signs of life at any times.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "input.hpp"
#include "taskrun/launch/far_text.hpp"
#include "taskrun/launch/launcher_text.hpp"
#include "taskrun/launch/life_signs.hpp"

namespace {

const std::string secret = "0123456789abcdef";

// Others do not know the secret, nor do they write it by chance.
void add_foreign(std::string& stream, const std::string& text) {
  const std::size_t before = stream.size();
  stream += text;
  if (stream.find(secret, before - std::min(before, secret.size())) != stream.npos) {
    stream.resize(before);
  }
}

// Pieces as ranks write them, the mark alone, and other text. What ranks said is added to `texts`.
std::string stream_of(fuzz::Input& in, std::string& texts, std::size_t& words) {
  using namespace taskrun;
  std::string stream;
  while (!in.empty()) {
    const unsigned kind = in.byte();
    const std::string text(in.until('\n').substr(0, most_far_text));
    switch (kind % 4) {
      case 0:
        stream += far_text(secret, kind / 4, text);
        texts += text;
        break;
      case 1:
        stream += far_word(secret, {LifelineWord::Kind::progress, 0, text.size()});
        ++words;
        break;
      case 2:
        add_foreign(stream, "\x1e" + text);
        break;
      default:
        add_foreign(stream, text + "\n");
    }
  }
  return stream;
}

void honest_pieces(fuzz::Input& in) {
  using namespace taskrun;
  const std::size_t step = 1 + in.byte() % 64;
  std::string texts;
  std::size_t words = 0;
  const std::string stream = stream_of(in, texts, words);
  FarReader reader(secret);
  FarReader::Part part;
  std::string read;
  std::size_t words_read = 0;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    reader.add(std::string_view(stream).substr(at, step));
    while (reader.next(part)) {
      if (part.kind == FarReader::Part::Kind::text) read += part.text;
      words_read += part.kind == FarReader::Part::Kind::word;
      FUZZ_REQUIRE(part.kind != FarReader::Part::Kind::trouble);
    }
  }
  FUZZ_REQUIRE(read == texts && words_read == words);
  LauncherText shown(secret);
  shown.filter(stream);
  shown.rest();
  FUZZ_REQUIRE(shown.take_words().size() == words && !shown.hopeless());
}

// Bytes behind the mark that no rank of ours writes.
void broken_pieces(fuzz::Input& in) {
  using namespace taskrun;
  std::string stream;
  while (!in.empty()) stream += "\x1e" + secret + std::string(in.until('\n')) + "\n";
  LauncherText shown(secret);
  for (std::size_t at = 0; at < stream.size(); at += 7) shown.filter(stream.substr(at, 7));
  shown.rest();
  static_cast<void>(shown.cause());
  static_cast<void>(shown.take_words());
}

void packets(fuzz::Input& in) {
  using namespace taskrun;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) != 0) return;
  const Lifeline line{Descriptor(ends[0])};
  const Descriptor other(ends[1]);
  for (int i = 0; i < 8 && !in.empty(); ++i) {
    const auto packet = in.until('\n');
    static_cast<void>(!send(other.fd(), packet.data(), packet.size(), MSG_NOSIGNAL));
    const auto heard = line.hear();
    if (heard.what == Lifeline::Heard::What::word) {
      FUZZ_REQUIRE(packet.size() == sizeof(LifelineWord) && heard.descriptors.empty());
    }
  }
}

void signs(fuzz::Input& in) {
  using namespace taskrun;
  LifeSigns life(LifeLimits{});
  Time now{std::chrono::seconds(1)};
  while (!in.empty()) {
    const unsigned kind = in.byte();
    now += std::chrono::milliseconds(50 * in.byte());
    if (kind % 4 == 0) life.on_word();
    if (kind % 4 == 1) life.on_moves(in.byte());
    const auto found = life.look(now);
    if (kind % 4 == 0) FUZZ_REQUIRE(found != LifeSigns::Finding::silent_for_good);
    FUZZ_REQUIRE(life.since() >= Duration::zero());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  switch (in.byte() % 8) {
    case 0:
      packets(in);
      break;
    case 1:
      signs(in);
      break;
    case 2:
      broken_pieces(in);
      break;
    default:
      honest_pieces(in);
  }
  return 0;
}
