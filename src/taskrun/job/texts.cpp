// SPDX-License-Identifier: MIT
#include "taskrun/job/texts.hpp"

#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "taskrun/core/contract.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/passed_input.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) { return std::generic_category().message(error); }

std::runtime_error cannot_read(const std::string& name, int error) {
  return std::runtime_error("cannot read " + name + ": " + reason(error));
}

// read(2) that goes on after signals, and waits also where others made the descriptor one that does
// not; 0 at the end.
std::size_t read_some(int descriptor, std::span<char> buffer) {
  while (true) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN) {
      pollfd polled{descriptor, POLLIN, 0};
      poll(&polled, 1, -1);
    } else if (errno != EINTR) {
      throw cannot_read("stdin", errno);
    }
  }
}

void write_all(std::FILE* file, std::span<const char> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size()) return;
  throw environment_error("cannot keep what stdin gives in a temporary file: " + reason(errno) +
                          "; free some room there, or set TMPDIR");
}

// What comes, in a file that nobody sees: memory stays as it is, however much comes.
int kept_input() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  if (!file) throw environment_error("cannot make a temporary file: " + reason(errno));
  std::array<char, 1 << 16> buffer;
  while (const std::size_t count = read_some(STDIN_FILENO, buffer)) {
    write_all(file.get(), std::span(buffer).first(count));
  }
  await_input_end();
  if (std::fflush(file.get()) != 0) write_all(file.get(), {});
  return ::dup(::fileno(file.get()));
}

// Throws Error (usage) unless it is a file with bytes to be read.
TextSource file_source(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    return usage_error("cannot read " + path + ": " + why);
  };
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw refuse(reason(errno));
  if (S_ISDIR(status.st_mode)) {
    throw refuse("it is a folder; name the files in it");
  }
  if (!S_ISREG(status.st_mode)) {
    throw refuse("it is no file but a pipe or a device; give what comes from it as stdin");
  }
  if (::access(path.c_str(), R_OK) != 0) throw refuse(reason(errno));
  return {path, static_cast<std::uint64_t>(status.st_size), nullptr, nullptr};
}

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> files;
  try {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
  } catch (const fs::filesystem_error& e) {
    throw usage_error("cannot read " + e.path1().string() + ": " + e.code().message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What the pattern stands for; the pattern itself where that is nothing.
std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths{pattern};
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

TextSource input_source() {
  auto file = std::make_shared<const TextFile>(TextFile::standard_input());
  const std::uint64_t size = file->size_bytes();
  return {"stdin", size, std::move(file), nullptr};
}

}  // namespace

// --- TextFile

TextFile::TextFile(std::string path)
    : name_(std::move(path)), descriptor_(::open(name_.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) throw cannot_read(name_, errno);
}

TextFile TextFile::standard_input() {
  struct stat status {};
  // Of a file that others have begun to read only the rest is ours.
  const bool is_file = ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode) &&
                       ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0;
  const int descriptor = is_file ? ::dup(STDIN_FILENO) : kept_input();
  if (descriptor < 0) throw cannot_read("stdin", errno);
  return {"stdin", descriptor};
}

TextFile::~TextFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

TextFile::TextFile(TextFile&& other) noexcept
    : name_(std::move(other.name_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

std::uint64_t TextFile::size_bytes() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) throw cannot_read(name_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

void TextFile::read(std::uint64_t begin, std::span<char> buffer) const {
  while (!buffer.empty()) {
    const ssize_t count =
        ::pread(descriptor_, buffer.data(), buffer.size(), static_cast<off_t>(begin));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw cannot_read(name_, errno);
    if (count == 0) {
      throw std::runtime_error(name_ + " ends at byte " + std::to_string(begin) +
                               " and was longer when the run began: it must not change meanwhile");
    }
    begin += static_cast<std::uint64_t>(count);
    buffer = buffer.subspan(static_cast<std::size_t>(count));
  }
}

// --- TextReader

TextReader::TextReader(const TextPiece& piece) : piece_(piece), file_(piece.open_file) {
  const bool has_bytes = piece.end > piece.begin;
  if (piece.is_file && has_bytes) file_ = std::make_shared<const TextFile>(piece.name);
}

std::string_view TextReader::read(std::uint64_t begin, std::uint64_t end) {
  end = std::min(end, piece_.source_bytes);
  if (begin >= end) return {};
  if (!file_) {
    TASKRUN_EXPECT(begin >= piece_.text_begin);
    return std::string_view(piece_.text).substr(begin - piece_.text_begin, end - begin);
  }
  // A buffer that has grown is kept: filling it with zeros costs as much as reading.
  const std::uint64_t size = end - begin;
  if (buffer_.size() < size) buffer_.resize(size);
  file_->read(begin, std::span(buffer_).first(size));
  return std::string_view(buffer_).substr(0, size);
}

// --- Texts

Texts::Texts(std::vector<TextSource> sources, Overhang overhang)
    : sources_(std::move(sources)), overhang_(overhang) {
  border_.reserve(sources_.size() + 1);
  border_.push_back(0);
  for (const auto& source : sources_) border_.push_back(border_.back() + source.size_bytes + 1);
}

std::vector<TextPiece> Texts::slice(ItemRange items) const {
  std::vector<TextPiece> pieces;
  auto source = static_cast<std::size_t>(
      std::upper_bound(border_.begin(), border_.end(), items.begin) - border_.begin() - 1);
  for (; source < sources_.size() && border_[source] < items.end; ++source) {
    pieces.push_back(piece(source, intersection({border_[source], border_[source + 1]}, items)));
  }
  return pieces;
}

TextPiece Texts::piece(std::size_t source, ItemRange items) const {
  const auto& from = sources_[source];
  TextPiece piece;
  piece.source = source;
  piece.name = from.name;
  piece.begin = items.begin - border_[source];
  piece.end = std::min(items.end - border_[source], from.size_bytes);
  piece.source_bytes = from.size_bytes;
  piece.ends_source = items.end == border_[source + 1];
  piece.is_file = !from.open_file && !from.text;
  piece.open_file = from.open_file;
  if (from.text) piece.text = *from.text;
  return piece;
}

void Texts::ship(ItemRange items, Bytes& out) const {
  std::vector<TextPiece> pieces = slice(items);
  for (auto& piece : pieces) {
    if (!piece.open_file) continue;
    // With some bytes before it, and to the end of the word, or line, that it ends in.
    const char* const ends = overhang_ == Overhang::lines ? "\n" : " \n";
    TextReader reader(piece);
    piece.text_begin = piece.begin - std::min<std::uint64_t>(piece.begin, 4);
    piece.text = reader.read(piece.text_begin, piece.end);
    for (std::uint64_t at = piece.end; at < piece.source_bytes;) {
      const std::string_view more = reader.read(at, at + 256);
      piece.text += more;
      if (more.find_first_of(ends) != more.npos) break;
      at += more.size();
    }
  }
  encode(pieces, out);
}

std::vector<TextPiece> Texts::receive(ByteView bytes) {
  return decode<std::vector<TextPiece>>(bytes);
}

std::vector<fs::path> Texts::inputs() const {
  std::vector<fs::path> paths;
  for (const auto& source : sources_) {
    if (!source.open_file && !source.text) paths.emplace_back(source.name);
  }
  return paths;
}

std::vector<TextSource> text_sources(const std::vector<std::string>& paths, Folders folders) {
  std::vector<TextSource> sources;
  for (const auto& path : paths) {
    if (path == "-") {
      sources.push_back(input_source());
      continue;
    }
    std::error_code ignored;
    const bool is_pattern = path.find_first_of("*?[") != path.npos && !fs::exists(path, ignored);
    for (const auto& one : is_pattern ? matches(path) : std::vector{path}) {
      const bool opened = folders == Folders::recurse && fs::is_directory(one, ignored);
      for (const auto& file : opened ? files_below(one) : std::vector{one}) {
        sources.push_back(file_source(file));
      }
    }
  }
  return sources;
}

}  // namespace taskrun
