// SPDX-License-Identifier: MIT
// Lines as they come through a pipe: how they are cut, kept, forgotten, and known again.
#include "taskrun/data/lines.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "scratch_folder.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/data/texts.hpp"
#include "taskrun/os/descriptor.hpp"

namespace taskrun::testing {
namespace {

using Texts = std::vector<std::string>;

// "7:text" for each line; "7!" for one that is too long.
Texts cut(const Texts& pieces, LineRules rules = {}) {
  LineSplitter splitter(rules);
  Texts lines;
  const auto take = [&](const CutLine& line) {
    const std::string number = std::to_string(line.number);
    lines.push_back(line.too_long ? number + "!" : number + ":" + std::string(line.text));
  };
  for (const auto& piece : pieces) splitter.feed(piece, take);
  splitter.finish(take);
  return lines;
}

TEST(LineSplitterTest, however_the_bytes_come_the_lines_are_the_same) {
  const std::string text = "one\ntwo words\n\nfour\r\n\r\nsix";
  const Texts expected{"1:one", "2:two words", "4:four", "6:six"};
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Texts pieces;
    for (std::size_t at = 0; at < text.size(); at += size) pieces.push_back(text.substr(at, size));
    EXPECT_EQ(cut(pieces), expected) << size;
  }
}

TEST(LineSplitterTest, a_byte_order_mark_is_no_part_of_the_first_line) {
  const std::string mark = "\xef\xbb\xbf";
  for (const std::string text :
       {"a\nb", "\na\nb", "\xef", "\xef\xbb", "\xef\xbb\n", "\xbb\xbf", ""}) {
    const Texts expected = cut({text});
    const std::string marked = mark + text;
    for (std::size_t size = 1; size <= marked.size(); ++size) {
      Texts pieces;
      for (std::size_t at = 0; at < marked.size(); at += size) {
        pieces.push_back(marked.substr(at, size));
      }
      EXPECT_EQ(cut(pieces), expected) << size;
    }
  }
  EXPECT_EQ(cut({"\xef", "\xbb"}), (Texts{"1:\xef\xbb"}));
  EXPECT_EQ(cut({"a\n" + mark + "b"}), (Texts{"1:a", "2:" + mark + "b"}));
  EXPECT_EQ(cut({mark + mark}), (Texts{"1:" + mark}));
  LineRules names;
  names.separator = '\0';
  EXPECT_EQ(cut({mark}, names), (Texts{"1:" + mark}));
  LineRules blocks;
  blocks.block_bytes = 10;
  EXPECT_EQ(cut({mark + "a\n"}, blocks), (Texts{"1:" + mark + "a\n"}));
}

TEST(LineSplitterTest, the_last_line_may_have_no_end) {
  EXPECT_EQ(cut({"a\nb"}), (Texts{"1:a", "2:b"}));
  EXPECT_EQ(cut({"a\nb\n"}), (Texts{"1:a", "2:b"}));
  EXPECT_EQ(cut({""}), Texts{});
}

TEST(LineSplitterTest, empty_lines_may_be_kept) {
  LineRules rules;
  rules.empty_lines = LineRules::Empty::kept;
  EXPECT_EQ(cut({"\na\r\n\r\n"}, rules), (Texts{"1:", "2:a", "3:"}));
}

TEST(LineSplitterTest, lines_that_end_with_zero_bytes_may_have_anything_else) {
  LineRules rules;
  rules.separator = '\0';
  EXPECT_EQ(cut({std::string("a\nb\r\0c", 6)}, rules), (Texts{"1:a\nb\r", "2:c"}));
}

TEST(LineSplitterTest, a_line_that_is_too_long_is_passed_over) {
  LineRules rules;
  rules.longest_bytes = 3;
  EXPECT_EQ(cut({"abc\nabcd\na"}, rules), (Texts{"1:abc", "2!", "3:a"}));
  EXPECT_EQ(cut({"ab", "cd", "ef\nx\nabcd"}, rules), (Texts{"1!", "2:x", "3!"}));
}

TEST(LineSplitterTest, a_line_that_is_too_long_is_known_before_its_end_which_may_never_come) {
  LineRules rules;
  rules.longest_bytes = 3;
  LineSplitter splitter(rules);
  Texts lines;
  const auto take = [&](const CutLine& line) {
    lines.push_back(std::to_string(line.number) + (line.too_long ? "!" : ""));
  };
  splitter.feed("a\nbcd", take);
  EXPECT_EQ(lines, (Texts{"1"}));
  splitter.feed("e", take);
  EXPECT_EQ(lines, (Texts{"1", "2!"}));
  splitter.feed("fghijkl", take);
  splitter.feed("\nm\n", take);
  EXPECT_EQ(lines, (Texts{"1", "2!", "3"}));
}

TEST(LineSplitterTest, rows_of_csv_may_have_lines_in_them) {
  LineRules rules;
  rules.quotes = LineRules::Quotes::enclose;
  const std::string text = "a,b\r\n\"1\n\n\"\"2\"\"\",x\n\n\"\",y\n\"not closed\nz";
  const Texts expected{"1:a,b", "2:\"1\n\n\"\"2\"\"\",x", "6:\"\",y", "7:\"not closed\nz"};
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Texts pieces;
    for (std::size_t at = 0; at < text.size(); at += size) pieces.push_back(text.substr(at, size));
    EXPECT_EQ(cut(pieces, rules), expected) << size;
  }
}

// Line by line.
Texts blocks_of(const std::string& text, std::uint64_t block_bytes) {
  Texts blocks;
  std::string block;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    block += text.substr(at, end - at);
    at = end;
    if (block.size() < block_bytes && at < text.size()) continue;
    blocks.push_back(std::to_string(blocks.size() + 1) + ":" + block);
    block.clear();
  }
  return blocks;
}

TEST(LineSplitterTest, blocks_have_whole_lines_however_the_bytes_come) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int i = 0; i < 20; ++i) text += std::string(random() % 30, "abcde"[i % 5]) + "\n";
    if (round % 2 == 0) text += "no end";
    LineRules rules;
    rules.block_bytes = 1 + random() % 40;
    Texts pieces;
    for (std::size_t at = 0, size = 0; at < text.size(); at += size) {
      size = 1 + random() % 50;
      pieces.push_back(text.substr(at, size));
    }
    EXPECT_EQ(cut(pieces, rules), blocks_of(text, rules.block_bytes)) << rules.block_bytes;
  }
}

TEST(LineSplitterTest, a_block_that_is_too_long_is_passed_over) {
  LineRules rules;
  rules.block_bytes = 4;
  rules.longest_bytes = 6;
  EXPECT_EQ(cut({"ab\nc\n", "defg", "hij\nk\n"}, rules), (Texts{"1:ab\nc\n", "2!", "3:k\n"}));
}

TEST(LineSplitterTest, a_block_may_be_larger_than_any_input) {
  LineRules rules;
  rules.block_bytes = UINT64_MAX;
  rules.longest_bytes = UINT64_MAX;
  EXPECT_EQ(cut({"a\nb", "\nc\n"}, rules), (Texts{"1:a\nb\nc\n"}));
}

/// A pipe, its lines, and how far they have been read.
class LinesTest : public ::testing::Test {
 protected:
  LinesTest() {
    EXPECT_EQ(mkfifo(path_.c_str(), 0600), 0);
    reopen();
  }

  void reopen(LineRules rules = {}, std::uint64_t budget_bytes = Lines::usual_budget_bytes) {
    lines_.emplace(path_, rules, budget_bytes);
    out_ = Descriptor(open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  }
  void write(std::string_view text) const {
    while (!text.empty()) {
      const auto count = ::write(out_.fd(), text.data(), text.size());
      ASSERT_GT(count, 0);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void end() { out_.reset(); }

  /// Waits until so many lines are there, or the end.
  InputState wait_for(const InputReading& reading, std::uint64_t count) {
    for (;;) {
      const InputState state = reading.state();
      if (state.ended || state.item_count >= count) return state;
      wakeup_.wait_for(std::chrono::seconds(60));
    }
  }
  InputState read_to_end(const InputState& seen = {}) {
    return wait_for(*lines_->read(wakeup_, seen), UINT64_MAX);
  }
  std::string refusal(const InputState& seen) {
    try {
      read_to_end(seen);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::usage);
      return error.what();
    }
    return "not refused";
  }
  /// What the pipe gives, read to its end.
  InputState state_of(std::string_view text, const InputState& seen = {}) {
    write(text);
    end();
    return read_to_end(seen);
  }

  ScratchFolder folder_;
  const std::string path_ = folder_.file("pipe");
  Wakeup wakeup_;
  std::optional<Lines> lines_;
  Descriptor out_;
};

TEST_F(LinesTest, each_line_is_there_as_soon_as_it_is_written) {
  const auto reading = lines_->read(wakeup_, {});
  for (std::uint64_t i = 0; i < 20; ++i) {
    write(std::to_string(i) + "\n");
    EXPECT_EQ(wait_for(*reading, i + 1).item_count, i + 1);
    EXPECT_EQ(lines_->slice({i, i + 1}).at(0).text, std::to_string(i));
  }
  EXPECT_FALSE(reading->state().ended);
  end();
  EXPECT_TRUE(wait_for(*reading, 21).ended);
}

TEST_F(LinesTest, lines_keep_the_numbers_that_they_have_in_the_file) {
  state_of("a\n\nb\r\nc");
  const auto lines = lines_->slice({0, 3});
  EXPECT_EQ(lines[1].text, "b");
  EXPECT_EQ(lines[1].number, 3U);
  EXPECT_EQ(lines[2].number, 4U);
}

TEST_F(LinesTest, the_end_of_reading_does_not_hang_though_the_input_goes_on) {
  auto reading = lines_->read(wakeup_, {});
  write("begun");
  reading.reset();
}

TEST_F(LinesTest, no_more_is_read_than_the_budget_until_lines_are_released) {
  constexpr std::uint64_t budget = 1 << 18;
  reopen({}, budget);
  const auto reading = lines_->read(wakeup_, {});
  constexpr std::uint64_t count = 50'000;
  const std::string line(99, 'x');
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < count; ++i) write(line + "\n");
    end();
  });
  std::uint64_t next = 0;
  while (next < count) {
    const InputState state = wait_for(*reading, next + 1);
    // What waits is what was read at most once more after the budget was full.
    EXPECT_LE((state.item_count - next) * 100, budget + (1 << 17));
    lines_->release({next, state.item_count});
    next = state.item_count;
  }
  writer.join();
  EXPECT_TRUE(wait_for(*reading, UINT64_MAX).ended);
}

TEST_F(LinesTest, what_was_asked_for_does_not_count_for_the_budget) {
  reopen({}, 1);
  const auto reading = lines_->read(wakeup_, {});
  for (std::uint64_t i = 0; i < 5; ++i) {
    write("a line\n");
    wait_for(*reading, i + 1);
    EXPECT_EQ(lines_->slice({i, i + 1}).front().text, "a line");
  }
  EXPECT_EQ(lines_->slice({0, 5}).size(), 5U);  // it is still there
}

TEST_F(LinesTest, a_header_is_waited_for_and_is_no_line) {
  std::thread writer([this] {
    write("he");
    write("ad\n1\n2");
  });
  const auto header = lines_->take_header();
  writer.join();
  ASSERT_TRUE(header);
  EXPECT_EQ(header->text, "head");
  EXPECT_EQ(header->number, 1U);
  EXPECT_EQ(lines_->size(), 0U);
  const auto reading = lines_->read(wakeup_, {});
  write("3\n4");
  end();
  EXPECT_EQ(wait_for(*reading, UINT64_MAX).item_count, 3U);
  EXPECT_EQ(lines_->slice({1, 2}).front().text, "23");
  EXPECT_EQ(lines_->slice({1, 2}).front().number, 3U);
}

TEST_F(LinesTest, a_header_may_be_all_there_is_or_not_even_that) {
  write("only");
  end();
  EXPECT_EQ(lines_->take_header()->text, "only");
  EXPECT_EQ(read_to_end().item_count, 0U);
  reopen();
  end();
  EXPECT_FALSE(lines_->take_header());
  EXPECT_EQ(read_to_end().item_count, 0U);
}

TEST_F(LinesTest, below_another_header_the_same_lines_are_another_input) {
  const auto state_below = [this](const std::string& header, const InputState& seen) {
    reopen();
    write(header + "\na\nb\n");
    end();
    lines_->take_header();
    return read_to_end(seen);
  };
  const InputState seen = state_below("x", {});
  EXPECT_EQ(state_below("x", seen), seen);
  EXPECT_THROW(state_below("y", seen), Error);
}

TEST_F(LinesTest, a_file_that_is_cut_while_it_is_read_has_not_come_to_its_end) {
  const ScratchFolder folder;
  const std::string path = folder.file("cut");
  std::ofstream(path) << "1\n2\n3\n";
  lines_.emplace(path);
  std::ofstream(path, std::ios::app) << "4\n";  // growing is fine
  EXPECT_EQ(read_to_end().item_count, 4U);
  lines_.emplace(path);
  ASSERT_EQ(truncate(path.c_str(), 4), 0);
  try {
    read_to_end();
    FAIL() << "it was taken for all";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::environment);
    EXPECT_NE(std::string(error.what()).find("cut has 4 bytes and had 8"), std::string::npos)
        << error.what();
  }
}

TEST_F(LinesTest, the_end_of_reading_does_not_hang_while_the_budget_is_full) {
  reopen({}, 1);
  auto reading = lines_->read(wakeup_, {});
  write("a\n");
  wait_for(*reading, 1);
  write("b\n");
  reading.reset();
}

TEST_F(LinesTest, a_line_of_a_gigabyte_fails_alone_and_takes_no_memory) {
  const auto reading = lines_->read(wakeup_, {});
  std::thread writer([this] {
    write("before\n");
    const std::string part(1 << 20, 'x');
    for (int i = 0; i < 1024; ++i) write(part);
    write("\nafter");
    end();
  });
  EXPECT_EQ(wait_for(*reading, UINT64_MAX).item_count, 3U);
  writer.join();
  EXPECT_EQ(lines_->slice({2, 3}).at(0).text, "after");
  try {
    lines_->slice({1, 2});
    FAIL() << "it is there";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()), path_ + ":2: the line is longer than 16777216 bytes");
  }
}

TEST_F(LinesTest, what_is_shipped_is_what_is_here) {
  state_of("a\nb b\n");
  Bytes bytes;
  lines_->ship({0, 2}, bytes);
  const auto lines = Lines::receive(bytes);
  EXPECT_EQ(lines.at(0).text, "a");
  EXPECT_EQ(lines.at(1).text, "b b");
  EXPECT_EQ(lines.at(1).number, 2U);
}

TEST_F(LinesTest, the_same_input_is_known_again_and_another_is_refused) {
  const InputState seen = state_of("a\nb\nc\n");
  EXPECT_EQ(seen.item_count, 3U);
  reopen();
  EXPECT_EQ(state_of("a\nb\nc\n"), seen);
  for (const auto& [text, why] : {std::pair{"a\nx\nc\n", "its first 3 lines differ"},
                                  std::pair{"a\nb\n", "it ends after 2 lines of 3"},
                                  std::pair{"a\nb\nc\nd\n", "it goes on after 3 lines"}}) {
    reopen();
    write(text);
    end();
    EXPECT_NE(refusal(seen).find(why), std::string::npos) << text;
  }
}

TEST_F(LinesTest, nothing_counts_as_read_until_all_that_was_seen_is_there_again) {
  const InputState seen = state_of("a\nb\n");
  reopen();
  lines_->release({0, 1});  // done by the earlier run
  const auto reading = lines_->read(wakeup_, {seen.item_count, false, seen.digest});
  write("a\n");
  EXPECT_EQ(reading->state().item_count, 0U);
  write("b\nc\n");
  EXPECT_EQ(wait_for(*reading, 3).item_count, 3U);
  EXPECT_EQ(lines_->slice({1, 2}).at(0).text, "b");
}

TEST_F(LinesTest, the_end_of_what_was_seen_comes_also_while_the_budget_is_full) {
  const InputState seen = state_of("a\nb\n");
  reopen({}, 1);  // nothing was done by the earlier run
  EXPECT_EQ(state_of("a\nb\n", seen), seen);
}

TEST(GivenLinesTest, texts_are_lines_as_well) {
  const Lines lines({"a", "", "c"});
  EXPECT_FALSE(lines.is_open_ended());
  EXPECT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines.slice({2, 3}).at(0).text, "c");
}

TEST(GivenLinesTest, what_cannot_be_opened_is_refused) {
  EXPECT_THROW(Lines("no/such"), Error);
  EXPECT_THROW(Lines("/"), Error);
}

// What tells inputs apart that are no files, or were read before the run began.
std::uint64_t content_of(const std::vector<InputFile>& inputs) {
  EXPECT_EQ(inputs.size(), 1U);
  return inputs.at(0).content.value_or(0);
}

TEST(InputContentTest, lines_that_were_read_whole_are_known_by_their_content) {
  const ScratchFolder folder{ScratchFolder::On::memory};
  const auto content = [&](const char* text) {
    put_file(folder.file("lines"), text);
    const Lines lines(folder.file("lines"));
    lines.read_whole();
    return content_of(lines.inputs());
  };
  EXPECT_EQ(content("a\nb\n"), content("a\nb\n"));
  EXPECT_NE(content("a\nb\n"), content("a\nc\n"));
}

TEST(InputContentTest, texts_that_are_no_files_are_known_by_theirs) {
  const auto content = [](const char* text) {
    const taskrun::Texts texts({{"stdin", 3, nullptr, std::make_shared<const std::string>(text)}});
    return content_of(texts.inputs());
  };
  EXPECT_EQ(content("abc"), content("abc"));
  EXPECT_NE(content("abc"), content("abd"));
}

}  // namespace
}  // namespace taskrun::testing
