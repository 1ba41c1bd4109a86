// SPDX-License-Identifier: MIT
#include "taskrun/data/texts.hpp"

#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

#include "taskrun/core/contract.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/os/passed_input.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/unnamed_file.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_kept_in_memory = 64 << 10;

std::string cannot_read(const std::string& name, int error) {
  return "cannot read " + name + ": " + system_reason(error);
}

// read(2) that goes on after signals, and waits also where others made the descriptor one that does
// not; 0 at the end.
std::size_t read_some(const std::string& name, int descriptor, std::span<char> buffer) {
  while (true) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN) {
      pollfd polled{descriptor, POLLIN, 0};
      poll(&polled, 1, -1);
    } else if (errno != EINTR) {
      throw usage_error(cannot_read(name, errno));
    }
  }
}

// What the descriptor gives from where it stands to its end: a little of it in memory, as there may
// be many; else in a file that nobody sees, so that memory stays as it is, however much comes.
TextSource kept_source(const std::string& name, int descriptor) {
  auto text = std::make_shared<std::string>();
  std::vector<char> buffer(most_kept_in_memory);
  const auto read = [&] { return read_some(name, descriptor, buffer); };
  std::size_t count = read();
  for (; count > 0 && text->size() + count <= most_kept_in_memory; count = read()) {
    text->append(buffer.data(), count);
  }
  if (count == 0) return {name, text->size(), nullptr, std::move(text)};
  Descriptor file = unnamed_file();
  append(file, *text);
  for (; count > 0; count = read()) append(file, {buffer.data(), count});
  auto kept = std::make_shared<const TextFile>(name, std::move(file));
  return {name, kept->size_bytes(), std::move(kept), nullptr};
}

enum class Size { is_known, says_nothing };

// Files of procfs have a size of 0, those of sysfs one of 4096, whatever is in them; FUSE may say
// anything. Throws Error (usage) where the file cannot be read.
Size size_of(const std::string& name, int descriptor, std::uint64_t size) {
  const auto has_byte = [&](std::uint64_t at) {
    char byte = 0;
    ssize_t count = -1;
    do count = ::pread(descriptor, &byte, 1, static_cast<off_t>(at));
    while (count < 0 && errno == EINTR);
    if (count < 0 && errno != EAGAIN && errno != ESPIPE)
      throw usage_error(cannot_read(name, errno));
    return count != 0;
  };
  if (size > 0 && !has_byte(size - 1)) return Size::says_nothing;
  if (!has_byte(size)) return Size::is_known;
  // One that others write to has grown since its size was asked for.
  struct stat status {};
  const bool grows =
      ::fstat(descriptor, &status) == 0 && static_cast<std::uint64_t>(status.st_size) > size;
  return grows ? Size::is_known : Size::says_nothing;
}

// Throws Error (usage) unless it is a file with bytes to be read.
TextSource file_source(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    return usage_error("cannot read " + path + ": " + why);
  };
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw refuse(system_reason(errno));
  if (S_ISDIR(status.st_mode)) {
    throw refuse("it is a folder; name the files in it");
  }
  if (!S_ISREG(status.st_mode)) {
    throw refuse("it is no file but a pipe or a device; give what comes from it as stdin");
  }
  // One that has no end yet, such as a kernel's log, is not waited for.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open()) throw_if_short("read " + path);
  if (!file.open() || ::fstat(file.fd(), &status) != 0) throw refuse(system_reason(errno));
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size_of(path, file.fd(), size) == Size::says_nothing) return kept_source(path, file.fd());
  return {path, size, nullptr, nullptr};
}

// Standard input: itself where it is a file that nobody has begun to read, else what it gives.
TextSource input_source() {
  note_input_is_read();
  struct stat status {};
  const bool is_file = ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode) &&
                       ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (!is_file || size_of("stdin", STDIN_FILENO, size) == Size::says_nothing) {
    TextSource source = kept_source("stdin", STDIN_FILENO);
    await_input_end();
    return source;
  }
  Descriptor same(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!same.open()) throw_system_failure("read stdin");
  return {"stdin", size, std::make_shared<const TextFile>("stdin", std::move(same)), nullptr};
}

// Of the checksums of its parts.
std::uint64_t content_checksum(const TextSource& source) {
  if (source.text) return checksum(view_of(*source.text));
  std::vector<char> part(std::size_t{1} << 18);
  Bytes sums;
  for (std::uint64_t at = 0; at < source.size_bytes; at += part.size()) {
    const auto read = std::span(part).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), source.size_bytes - at)));
    source.open_file->read(at, read);
    ByteWriter(sums).put(checksum(view_of(std::string_view(read.data(), read.size()))));
  }
  return checksum(sums);
}

struct FoundFile {
  std::string path;
  int error = 0;  // of a folder that cannot be looked into
};

void add_files_below(const std::string& folder, std::vector<FoundFile>& files) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const bool is_link = entry->is_symlink(ignored);
    const std::string path = entry->path().string();
    if (!is_link && entry->is_directory(ignored)) {
      add_files_below(path, files);
    } else if (std::error_code unknown; entry->is_regular_file(unknown)) {
      files.push_back({path});
    } else if (unknown && unknown != std::errc::no_such_file_or_directory) {
      files.push_back({path, unknown.value()});
    }
  }
  if (!error) return;
  throw_if_short("read " + folder, error.value());
  files.push_back({folder, error.value()});
}

std::vector<FoundFile> files_below(const std::string& folder) {
  std::vector<FoundFile> files;
  add_files_below(folder, files);
  std::sort(files.begin(), files.end(),
            [](const FoundFile& a, const FoundFile& b) { return a.path < b.path; });
  return files;
}

// One that stands for others.
TextSource found_source(const FoundFile& file, Unreadable unreadable) {
  try {
    if (file.error != 0) throw usage_error(cannot_read(file.path, file.error));
    return file_source(file.path);
  } catch (const Error& error) {
    if (unreadable == Unreadable::ends_it || error.code() != ExitCode::usage) throw;
    return {file.path, 0, nullptr, nullptr, error.what()};
  }
}

// What the pattern stands for; the pattern itself where that is nothing.
std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths{pattern};
  const auto ends_search = [](const char*, int error) { return is_shortage(error) ? 1 : 0; };
  const int result = ::glob(pattern.c_str(), 0, ends_search, &found);
  const int error = errno;
  if (result == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result == GLOB_NOSPACE) throw std::bad_alloc();
  if (result == GLOB_ABORTED) throw_system_failure("look for " + pattern, error);
  return paths;
}

}  // namespace

// --- TextFile

TextFile::TextFile(std::string path)
    : name_(std::move(path)), descriptor_(::open(name_.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_.open()) return;
  throw_if_short("read " + name_);
  throw std::runtime_error(cannot_read(name_, errno));
}

std::uint64_t TextFile::size_bytes() const {
  struct stat status {};
  if (::fstat(descriptor_.fd(), &status) != 0) {
    throw std::runtime_error(cannot_read(name_, errno));
  };
  return static_cast<std::uint64_t>(status.st_size);
}

void TextFile::read(std::uint64_t begin, std::span<char> buffer) const {
  while (!buffer.empty()) {
    const ssize_t count =
        ::pread(descriptor_.fd(), buffer.data(), buffer.size(), static_cast<off_t>(begin));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::runtime_error(cannot_read(name_, errno));
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
  piece.trouble = from.trouble;
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
    const bool is_cut = overhang_ == Overhang::words;
    const std::uint64_t most = is_cut ? piece.end + most_word_overhang : piece.source_bytes;
    std::uint64_t at = piece.end;
    for (std::uint64_t step = 256; at < std::min(most, piece.source_bytes); step *= 2) {
      const std::string_view more = reader.read(at, std::min(at + step, most));
      piece.text += more;
      at += more.size();
      if (more.find_first_of(ends) != more.npos) break;
    }
    // As if it ended where no job looks any further.
    if (is_cut) piece.source_bytes = std::max(piece.end, at);
  }
  encode(pieces, out);
}

std::vector<TextPiece> Texts::receive(ByteView bytes) {
  return decode<std::vector<TextPiece>>(bytes);
}

std::vector<InputFile> Texts::inputs() const {
  std::vector<InputFile> inputs;
  std::uint64_t others = 0;
  for (const auto& source : sources_) {
    if (!source.trouble.empty()) {
      inputs.emplace_back(source.name, checksum(view_of(source.trouble)));
      continue;
    }
    if (!source.open_file && !source.text) {
      inputs.emplace_back(fs::path(source.name));
      continue;
    }
    // Several may have the same name.
    const std::string number = ++others == 1 ? "" : " (" + std::to_string(others) + ")";
    inputs.emplace_back(source.name + number, content_checksum(source));
  }
  return inputs;
}

std::vector<TextSource> text_sources(const std::vector<std::string>& paths, Folders folders,
                                     Unreadable unreadable) {
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
      const bool stands_for_others = opened || one != path;
      for (const auto& file : opened ? files_below(one) : std::vector<FoundFile>{{one}}) {
        sources.push_back(found_source(file, stands_for_others ? unreadable : Unreadable::ends_it));
      }
    }
  }
  return sources;
}

}  // namespace taskrun
