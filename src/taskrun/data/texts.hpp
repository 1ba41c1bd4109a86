// SPDX-License-Identifier: MIT
// A dataset of text: files that the workers read by themselves, standard input and texts that are
// sent to them. What the text means (words, rows) is left to the job.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/input_file.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/data/payload.hpp"
#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// A file that is open for reading. Any thread.
class TextFile {
 public:
  /// Throws std::runtime_error "cannot read FILE: why".
  explicit TextFile(std::string path);
  /// One that is open, and read from its beginning; the name is for messages.
  TextFile(std::string name, Descriptor file)
      : name_(std::move(name)), descriptor_(std::move(file)) {}

  const std::string& name() const { return name_; }
  std::uint64_t size_bytes() const;
  /// Fills the buffer from there on. Throws std::runtime_error where the file has become shorter.
  void read(std::uint64_t begin, std::span<char> buffer) const;

 private:
  std::string name_;
  Descriptor descriptor_;
};

/// Bytes [begin, end) of one source.
struct TextPiece {
  /// What is sent is what lies in `text`; what is left is read where it is needed.
  std::uint64_t source = 0;  ///< its number, in the order of the sources
  std::string name;          ///< of the source
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t source_bytes = 0;
  bool ends_source = false;  ///< the piece has the end of its source, which may be all it has
  bool is_file = true;       ///< `name` is a path
  std::string text;          ///< of a source that is no file: the bytes from text_begin on
  std::uint64_t text_begin = 0;
  std::shared_ptr<const TextFile> open_file;  ///< where the coordinator has it
  std::string trouble;                        ///< why the source, which looks empty, cannot be read

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& source& name& begin& end& source_bytes& ends_source& is_file& text& text_begin;
    archive& trouble;
  }
};

/// Reads a piece, and what lies around it. One thread.
class TextReader {
 public:
  /// The piece outlives it. Throws std::runtime_error where the file cannot be read.
  explicit TextReader(const TextPiece& piece);

  /// Bytes [begin, end) of the source, cut to what it has. Valid until the next call.
  std::string_view read(std::uint64_t begin, std::uint64_t end);

 private:
  const TextPiece& piece_;
  std::shared_ptr<const TextFile> file_;
  std::string buffer_;
};

/// What a text dataset is made of.
struct TextSource {
  std::string name;
  std::uint64_t size_bytes = 0;
  std::shared_ptr<const TextFile> open_file;  ///< of what only the coordinator can read
  std::shared_ptr<const std::string> text;    ///< of a text that was given as such, or is short
  std::string trouble{};                      ///< "cannot read FILE: why"; its size is 0 then
};

/// What may hang over the end of a chunk: it belongs to the chunk that it begins in.
enum class Overhang { words, lines };
/// So many bytes of a word that hangs over are surely there; no more are sent.
constexpr std::uint64_t most_word_overhang = 64 << 10;

/// The dataset. Its items are the bytes of the sources, and one for the end of each, so that empty
/// ones are seen as well.
class Texts {
 public:
  explicit Texts(std::vector<TextSource> sources, Overhang overhang = Overhang::words);

  std::uint64_t size() const { return border_.back(); }
  std::vector<TextPiece> slice(ItemRange items) const;

  void ship(ItemRange items, Bytes& out) const;
  static std::vector<TextPiece> receive(ByteView bytes);

  /// The files among the sources, and what others hold that only this process has seen.
  std::vector<InputFile> inputs() const;

 private:
  TextPiece piece(std::size_t source, ItemRange items) const;

  std::vector<TextSource> sources_;
  Overhang overhang_;
  std::vector<std::uint64_t> border_;  // source i has the items [border_[i], border_[i + 1])
};

/// How files are named on a command line.
enum class Folders {
  refuse,   ///< a folder where a file is meant is a mistake
  recurse,  ///< all files in it and below, in the order of their paths
};

/// What becomes of a file that cannot be read, where a folder or a pattern stands for it. One that
/// is named by itself always ends it.
enum class Unreadable {
  ends_it,
  is_told,  ///< by its source
};

/// The source for each path: a file, a pattern as the shell has it (*.txt), a folder, or "-" for
/// standard input. A file whose size says nothing, as in /proc, is read to its end at once. Throws
/// Error (usage) that names what cannot be read, and why.
std::vector<TextSource> text_sources(const std::vector<std::string>& paths, Folders folders,
                                     Unreadable unreadable = Unreadable::ends_it);

}  // namespace taskrun
