// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <sstream>

#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "refusal.hpp"
#include "taskrun/data/texts.hpp"
#include "temporary_file.hpp"
#include "wordcount/word_counts.hpp"
#include "wordcount/word_kernel.hpp"
#include "wordcount/word_table.hpp"

void register_job_wordcount(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> wordcount(const Options& options) {
  return make_job(register_job_wordcount, options);
}
std::string counted(const Options& options, std::uint64_t chunks = 1) {
  const auto job = wordcount(options);
  return printed(*job, run_serially(*job, chunks));
}

bool reference_space(char c) {
  return std::string_view(" \t\n\v\f\r").find(c) != std::string_view::npos;
}

std::vector<std::string> reference_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : std::string(text) + " ") {
    if (!reference_space(c)) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, ""));
    }
  }
  return words;
}

std::string summary(std::string_view text) {
  return std::to_string(reference_words(text).size()) + " words, " +
         std::to_string(std::count(text.begin(), text.end(), '\n')) + " lines, " +
         std::to_string(text.size()) + " bytes in 1 text";
}

std::string random_text(std::mt19937& random, std::size_t size) {
  const std::string letters = "ab \n\t\v\f\r\b\x0e\x1f!\x85\xa0\xff" + std::string(1, '\0');
  std::string text;
  // Long runs as well as short ones.
  while (text.size() < size) {
    const auto run = random() % 4 == 0 ? random() % 100 : 1;
    text.append(run, letters[random() % letters.size()]);
  }
  text.resize(size);
  return text;
}

TEST(WordKernelTest, all_sizes_and_offsets_are_counted_as_byte_by_byte) {
  std::mt19937 random(11);
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string text = random_text(random, size + 8);
    for (std::size_t offset = 0; offset < 8; ++offset) {
      const std::string_view part = std::string_view(text).substr(offset, size);
      const auto counts = count_words(part, Before::space);
      EXPECT_EQ(counts.words, reference_words(part).size());
      EXPECT_EQ(counts.lines, std::uint64_t(std::count(part.begin(), part.end(), '\n')));
      const bool goes_on = !part.empty() && !reference_space(part[0]);
      EXPECT_EQ(count_words(part, Before::word).words, counts.words - goes_on);
    }
  }
}

TEST(WordKernelTest, counters_of_a_byte_do_not_overflow) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "x\n";
  EXPECT_EQ(count_words(text, Before::space).words, 50'000U);
  EXPECT_EQ(count_words(text, Before::space).lines, 50'000U);
}

TEST(WordCountTest, the_sample_of_the_notes_has_1100000_words) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += "hello world\nthis is another line\nthis is yet another line\n";
  }
  const TemporaryFile file(text);
  EXPECT_EQ(counted({{"FILE", file.path()}}, 5),
            "1100000 words, 300000 lines, 5800000 bytes in 1 text");
}

TEST(WordCountTest, borders_split_and_double_no_word) {
  std::mt19937 random(2);
  for (int turn = 0; turn < 30; ++turn) {
    const std::string text = random_text(random, random() % 200);
    const TemporaryFile file(text);
    for (const std::uint64_t chunks : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3},
                                       std::uint64_t{7}, text.size() + 1}) {
      EXPECT_EQ(counted({{"FILE", file.path()}}, chunks), summary(text)) << chunks << " chunks";
    }
  }
}

TEST(WordCountTest, blocks_split_and_double_no_word) {
  std::mt19937 random(3);
  const std::string text = random_text(random, 1'000'003);
  const TemporaryFile file(text);
  EXPECT_EQ(counted({{"FILE", file.path()}}), summary(text));
  EXPECT_EQ(counted({{"FILE", file.path()}}, 3), summary(text));
}

TEST(WordCountTest, frequencies_are_those_of_a_map_on_every_grid) {
  std::mt19937 random(4);
  for (int turn = 0; turn < 10; ++turn) {
    std::string text;
    for (int i = 0; i < 200; ++i) {
      text += std::string(1 + random() % 3, static_cast<char>('a' + random() % 3));
      text += " \n"[random() % 2];
    }
    std::map<std::string, int> counts;
    for (const auto& word : reference_words(text)) ++counts[word];
    std::vector<std::pair<int, std::string>> sorted;
    for (const auto& [word, count] : counts) sorted.emplace_back(-count, word);
    std::sort(sorted.begin(), sorted.end());
    std::ostringstream expected;
    for (std::size_t i = 0; i < 5; ++i) {
      expected << (i > 0 ? "\n" : "") << -sorted[i].first << '\t' << sorted[i].second;
    }
    const TemporaryFile file(text);
    for (const std::uint64_t chunks : {1U, 2U, 10U, 300U}) {
      EXPECT_EQ(counted({{"FILE", file.path()}, {"top", "5"}}, chunks), expected.str());
    }
  }
}

TEST(WordKernelTest, a_mask_has_a_bit_for_each_whitespace_byte) {
  std::string text(64, 'x');
  for (int byte = 0; byte < 256; ++byte) {
    text[static_cast<std::size_t>(byte % 64)] = static_cast<char>(byte);
    const bool space = reference_space(static_cast<char>(byte));
    EXPECT_EQ(space_mask(text.data()), std::uint64_t{space} << (byte % 64)) << byte;
    text[static_cast<std::size_t>(byte % 64)] = 'x';
  }
}

using Occurrences = std::map<std::string, std::uint64_t>;

Occurrences content(const WordTable& table) {
  Occurrences all;
  table.for_each([&](const WordEntry& entry) {
    char room[16];
    const std::string word(word_of(entry, table.long_words(), room));
    EXPECT_TRUE(all.emplace(word, entry.count).second) << word;
  });
  return all;
}

// Each word must be told once.
Occurrences content(const std::vector<WordCounts>& counts) {
  Occurrences all;
  for (const auto& [word, count] : WordCounts::most_frequent(counts, 1'000'000)) {
    EXPECT_TRUE(all.emplace(word, count).second) << word;
  }
  return all;
}

// Of all sizes around those that are kept in another way, many alike.
std::string random_word(std::mt19937& random) {
  std::string word;
  for (std::size_t size = 1 + random() % 40; size > 0; --size) {
    word += static_cast<char>(random() % 20 == 0 ? random() % 256 : 'a');
  }
  return word;
}

TEST(WordTableTest, counts_as_a_map_does) {
  std::mt19937 random(12);
  WordTable table;
  Occurrences expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string word = random_word(random);
    ++expected[word];
    if (i % 2 == 0) {
      table.add(word);
    } else {
      const std::string padded = word + std::string(WordTable::readable_bytes, 'b');
      WordTable::Adder(table).add(padded.data(), word.size());
    }
  }
  EXPECT_EQ(table.size(), expected.size());
  EXPECT_EQ(content(table), expected);
}

TEST(WordTableTest, words_that_differ_in_zeros_only_are_different) {
  WordTable table;
  for (const std::size_t size : {1U, 2U, 8U, 9U, 15U, 16U, 17U}) table.add(std::string(size, '\0'));
  EXPECT_EQ(table.size(), 7U);
}

TEST(WordTableTest, a_table_that_was_cleared_is_empty_and_usable) {
  WordTable table;
  table.add("short");
  table.add("a word that is longer than others");
  table.clear();
  EXPECT_EQ(table.size(), 0U);
  EXPECT_TRUE(content(table).empty());
  table.add("short", 3);
  EXPECT_EQ(content(table), (Occurrences{{"short", 3}}));
}

// Few words, which are joined at once, and so many that it takes several times.
// These met at one place of a table, when that was known: a million of them took hours.
TEST(WordTableTest, words_that_are_made_to_meet_do_not) {
  WordTable table;
  const std::string zero_factor = "\x15\x7c\x4a\x7f\xb9\x79\x37\x9e";
  const std::size_t words = 1'000'000;
  for (std::size_t i = 0; i < words; ++i) table.add(zero_factor + std::to_string(i));
  EXPECT_EQ(table.size(), words);
  EXPECT_EQ(WordCounts::joined({WordCounts(table), WordCounts(table)}).size(), words);
}

// As Python has it, with a key of zeros.
TEST(WordHashTest, texts_have_the_known_hashes) {
  std::string text;
  for (char c = 0; c < 63; ++c) text += c;
  const auto hash = [&](std::size_t size) {
    return sip_hash({0, 0}, std::string_view(text).substr(0, size));
  };
  EXPECT_EQ(hash(1), 0x68a914128e01e473U);
  EXPECT_EQ(hash(7), 0x2f098ab0c751325aU);
  EXPECT_EQ(hash(8), 0xead411e67ebe2eeaU);
  EXPECT_EQ(hash(15), 0xf30eb725bb91c9eaU);
  EXPECT_EQ(hash(16), 0x8972188433a5c5b7U);
  EXPECT_EQ(hash(63), 0x385d3e39e5f37359U);
}

TEST(WordCountsTest, joined_ones_have_what_all_had) {
  std::mt19937 random(13);
  for (const int words : {0, 1, 3000, 50'000}) {
    std::vector<WordTable> tables(5);
    Occurrences expected;
    for (int i = 0; i < words; ++i) {
      const std::string word = random_word(random) + std::to_string(random() % 20'000);
      const std::uint64_t count = 1 + random() % 3;
      expected[word] += count;
      tables[random() % 4].add(word, count);  // the last one stays empty
    }
    std::vector<WordCounts> counts(tables.begin(), tables.end());
    EXPECT_TRUE(content(counts) == expected) << words;
    const auto all = WordCounts::joined(counts);
    EXPECT_EQ(all.size(), expected.size());
    EXPECT_TRUE(content(std::vector{all}) == expected) << words;
    // They can be joined again, with one another and with others.
    counts.push_back(all);
    for (auto& [word, count] : expected) count *= 2;
    EXPECT_TRUE(content(std::vector{WordCounts::joined(counts)}) == expected) << words;
  }
  EXPECT_EQ(WordCounts::joined({}).size(), 0U);
}

TEST(WordCountsTest, what_was_sent_is_the_same) {
  std::mt19937 random(14);
  WordTable table;
  for (int i = 0; i < 5000; ++i) table.add(random_word(random), 1 + random() % 9);
  Bytes bytes;
  encode(std::vector{WordCounts(table)}, bytes);
  const auto sent = decode<std::vector<WordCounts>>(bytes);
  EXPECT_EQ(content(sent), content(table));
}

TEST(WordCountsTest, what_is_out_of_order_is_refused) {
  WordTable table;
  table.add("one");
  table.add("two");
  Bytes bytes;
  encode(WordCounts(table), bytes);
  const auto end = bytes.end() - 8;  // the size of the long words, of which there are none
  const auto entry = static_cast<std::ptrdiff_t>(sizeof(WordEntry));
  std::rotate(end - 2 * entry, end - entry, end);
  EXPECT_THROW(static_cast<void>(decode<WordCounts>(bytes)), CorruptData);
  std::rotate(end - 2 * entry, end - entry, end);
  EXPECT_EQ(decode<WordCounts>(bytes).size(), 2U);
}

TEST(WordCountsTest, a_long_word_is_there_whole_or_not) {
  LongWords words;
  const std::string word(100, 'x');
  const WordEntry entry = words.add(word, 1, 1);
  EXPECT_TRUE(words.has(entry));
  for (const std::uint64_t place : {1U, 100U, 101U, 104U, 1000U}) {
    WordEntry other = entry;
    other.last += place;
    EXPECT_FALSE(words.has(other)) << place;
  }
}

TEST(WordCountsTest, the_most_frequent_are_in_order) {
  WordTable table;
  table.add("b", 2);
  table.add("a", 2);
  table.add("c", 3);
  table.add("z", 1);
  const std::vector counts{WordCounts(table)};
  std::string told;
  for (const auto& [word, count] : WordCounts::most_frequent(counts, 3)) {
    told += word + std::to_string(count);
  }
  EXPECT_EQ(told, "c3a2b2");
  EXPECT_TRUE(WordCounts::most_frequent(counts, 0).empty());
  EXPECT_EQ(WordCounts::most_frequent(counts, 100).size(), 4U);
}

// As told by --top, with room for all.
std::string expected_top(const std::string& text) {
  Occurrences counts;
  for (const auto& word : reference_words(text)) ++counts[word.substr(0, 4096)];
  std::vector<std::pair<std::int64_t, std::string>> sorted;
  for (const auto& [word, count] : counts) {
    sorted.emplace_back(-static_cast<std::int64_t>(count), word);
  }
  std::sort(sorted.begin(), sorted.end());
  std::string told;
  for (const auto& [count, word] : sorted) told += std::to_string(-count) + "\t" + word + "\n";
  if (!told.empty()) told.pop_back();
  return told;
}

TEST(WordCountTest, frequencies_do_not_depend_on_windows_and_borders) {
  std::mt19937 random(15);
  std::string text;
  while (text.size() < 300'000) {
    text += random_word(random) + std::string(1 + random() % 3, " \n\t"[random() % 3]);
  }
  for (auto& c : text) {
    if (c == '\n') c = ' ';  // told words stand on a line
  }
  const TemporaryFile file(text);
  for (const std::uint64_t chunks : {1U, 2U, 7U, 40U}) {
    EXPECT_EQ(counted({{"FILE", file.path()}, {"top", "1e6"}}, chunks), expected_top(text))
        << chunks << " chunks";
  }
}

TEST(WordCountTest, words_larger_than_any_window_are_one) {
  for (const std::size_t size : {4095U, 4096U, 4097U, 65'535U, 65'536U, 65'537U, 300'000U}) {
    const std::string text = "a " + std::string(size, 'x') + " a " + std::string(size, 'x');
    const TemporaryFile file(text);
    for (const std::uint64_t chunks : {1U, 2U, 3U, 50U}) {
      EXPECT_EQ(counted({{"FILE", file.path()}, {"top", "9"}}, chunks), expected_top(text))
          << size << " bytes, " << chunks << " chunks";
    }
  }
}

TEST(WordCountTest, case_may_be_ignored) {
  EXPECT_EQ(counted({{"text", "The the THE a"}, {"top", "2"}, {"ignore-case", ""}}),
            "3\tthe\n1\ta");
  EXPECT_EQ(counted({{"text", "The the THE a"}, {"top", "2"}}), "1\tTHE\n1\tThe");
  EXPECT_EQ(counted({{"text", "@AZ[`az{\xc1 @az[`AZ{\xc1"}, {"top", "2"}, {"ignore-case", ""}}),
            "2\t@az[`az{\xc1");
}

TEST(WordCountTest, each_file_is_told_in_order) {
  const TemporaryFolder folder;
  const auto b = folder.put("b.txt", "one two\nthree\n");
  const auto a = folder.put("a.txt", "");
  const Options options{{"FILE", b}, {"FILE", a}, {"files", ""}, {"text", "x"}};
  const std::string expected =
      "2\t3\t14\t" + b + "\n0\t0\t0\t" + a + "\n0\t1\t1\ttext\n2\t4\t15\ttotal";
  for (const std::uint64_t chunks : {1U, 2U, 5U, 18U})
    EXPECT_EQ(counted(options, chunks), expected);
}

TEST(WordCountTest, a_name_is_in_one_line_whatever_is_in_it) {
  const TemporaryFolder folder;
  const auto file = folder.put("a\n9\t9\t9\ttotal", "one two");
  const std::string quoted = "$'" + folder.path().string() + "/a\\0129\\0119\\0119\\011total'";
  EXPECT_EQ(counted({{"FILE", file}, {"files", ""}}), "0\t2\t7\t" + quoted + "\n0\t2\t7\ttotal");
}

TEST(WordCountTest, folders_and_patterns_stand_for_their_files) {
  const TemporaryFolder folder;
  folder.put("z.txt", "1");
  folder.put("deep/er/y.txt", "2 3");
  folder.put("x.md", "4 5 6");
  const std::string top = folder.path().string();
  EXPECT_EQ(counted({{"FILE", top}, {"recursive", ""}}), "6 words, 0 lines, 9 bytes in 3 texts");
  EXPECT_EQ(counted({{"FILE", top + "/*.txt"}}), "1 words, 0 lines, 1 bytes in 1 text");
}

// As wc does, but that nobody takes the rest for the whole.
TEST(WordCountTest, what_cannot_be_read_in_folders_is_left_out_and_named) {
  const TemporaryFolder folder;
  folder.put("a.txt", "1 2");
  folder.put("deep/b.txt", "3");
  folder.put("z.txt", "4 5 6");
  const std::string top = folder.path().string();
  // Nobody can: not even root.
  std::filesystem::create_symlink("/proc/self/mem", folder.path() / "deep/mem");
  std::filesystem::create_symlink("none", folder.path() / "deep/nowhere");
  for (const std::uint64_t chunks : {1U, 3U, 9U}) {
    for (const Options& options :
         {Options{{"FILE", top}, {"recursive", ""}},
          Options{{"FILE", top + "/*.txt"}, {"FILE", top + "/deep/[bm]*"}}}) {
      const auto job = wordcount(options);
      const Partial result = run_serially(*job, chunks);
      EXPECT_EQ(printed(*job, result), "6 words, 0 lines, 9 bytes in 3 texts");
      EXPECT_TRUE(job->failure(result).starts_with("1 file is left out: cannot read " + top +
                                                   "/deep/mem: "))
          << job->failure(result);
      EXPECT_EQ(job->json(result)["unread_count"], 1);
    }
  }
}

// From Python 3: len(text.split()).
TEST(WordCountTest, unicode_whitespace_is_that_of_python) {
  const std::vector<std::string> spaces{"\t",     "\n",     "\v",     "\f",     "\r",     "\x1c",
                                        "\x1d",   "\x1e",   "\x1f",   " ",      "\u0085", "\u00a0",
                                        "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
                                        "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
                                        "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
  std::string text;
  for (const auto& space : spaces) text += "w\u00e9" + space + space;
  // What looks like it and is none: a zero-width space, a word joiner, an ideograph, no UTF-8.
  for (const std::string no_space :
       {"\u200b", "\u2060", "\u3001", "\u00c2", "\x85", "\xc2", "\xe2\x80"}) {
    text += "x" + no_space + "x ";
  }
  const TemporaryFile file(text);
  const std::string words = std::to_string(spaces.size() + 7);
  for (const std::uint64_t chunks : {std::uint64_t{1}, std::uint64_t{3}, text.size() + 1}) {
    EXPECT_EQ(counted({{"FILE", file.path()}, {"unicode", ""}}, chunks).substr(0, 2), words);
  }
  EXPECT_EQ(counted({{"text", "a\u00a0b a\u3000b"}, {"unicode", ""}, {"top", "1"}}), "2\ta");
}

TEST(WordCountTest, ranks_and_slots_give_the_same_bytes) {
  std::mt19937 random(6);
  const TemporaryFile file(random_text(random, 5000));
  RunOptions run_options;
  run_options.slots = 2;
  run_options.chunk_count = 77;
  for (const Options& more : {Options{}, Options{{"top", "9"}}, Options{{"files", ""}}}) {
    Options options{{"FILE", file.path()}, {"text", "from the coordinator"}};
    options.insert(options.end(), more.begin(), more.end());
    const auto job = wordcount(options);
    const auto run = run_on_loopback(3, run_options, [&] { return wordcount(options); });
    EXPECT_EQ(printed(*job, run.outcome.result), counted(options));
    EXPECT_EQ(job->json(run.outcome.result), job->json(run_serially(*job, 1)));
  }
}

TEST(WordCountTest, pieces_that_are_sent_have_their_words_whole) {
  std::mt19937 random(7);
  const std::string text = random_text(random, 3000);
  const TemporaryFile file(text);
  const Texts input({{"stdin", text.size(), std::make_shared<const TextFile>(file.path()), {}}});
  for (const Options& more : {Options{}, Options{{"unicode", ""}}}) {
    Options options{{"FILE", file.path()}, {"top", "1000"}};
    options.insert(options.end(), more.begin(), more.end());
    // A worker's job: it has no dataset.
    const auto job = wordcount(options);
    for (const std::uint64_t chunks : {1U, 2U, 7U, 100U}) {
      const Grid grid = chunk_it(input.size(), chunks);
      const std::atomic<bool> stop = false;
      Partial result = job->nothing();
      for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
        Bytes sent;
        input.ship(grid.items(chunk), sent);
        Context context(chunk, 1, stop);
        result = job->reduce(std::move(result), job->map(grid.items(chunk), sent, context));
      }
      EXPECT_EQ(printed(*job, result), counted(options)) << chunks << " chunks";
    }
  }
}

TEST(WordCountTest, files_whose_size_says_nothing_are_read_to_their_end) {
  // Of procfs (0 bytes) and of sysfs (4096), short and long.
  for (const char* path :
       {"/proc/self/status", "/proc/crypto", "/sys/kernel/mm/transparent_hugepage/enabled"}) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.empty()) continue;  // not there, as in some containers
    const auto counted_here = counted({{"FILE", path}}, 3);
    EXPECT_EQ(counted_here.substr(0, counted_here.find(" lines")),
              summary(text).substr(0, summary(text).find(" lines")))
        << path;
  }
  // One cannot be read at all: that is not the same as none.
  EXPECT_NE(refusal_of([] {
              wordcount({{"FILE", "/proc/self/mem"}})->open();
            }).find("cannot read /proc/self/mem: "),
            std::string::npos);
}

TEST(WordCountTest, of_a_word_without_end_not_much_is_sent) {
  const TemporaryFile file(std::string(4 << 20, 'a') + " b");
  const auto open_file = std::make_shared<const TextFile>(file.path());
  const Texts input({{"stdin", open_file->size_bytes(), open_file, {}}});
  for (const Options& more : {Options{}, Options{{"unicode", ""}}, Options{{"top", "9"}}}) {
    const auto job = wordcount(more);
    const std::uint64_t chunks = 100;
    const Grid grid = chunk_it(input.size(), chunks);
    const std::atomic<bool> stop = false;
    Partial result = job->nothing();
    for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
      Bytes sent;
      input.ship(grid.items(chunk), sent);
      EXPECT_LT(sent.size(), 200'000U);
      Context context(chunk, 1, stop);
      result = job->reduce(std::move(result), job->map(grid.items(chunk), sent, context));
    }
    Options options{{"FILE", file.path()}};
    options.insert(options.end(), more.begin(), more.end());
    EXPECT_EQ(printed(*job, result), counted(options));
  }
}

TEST(WordCountTest, json_is_utf8_whatever_the_words_are) {
  const auto job = wordcount({{"text", "\xff\xfe"}, {"top", "1"}, {"files", ""}});
  EXPECT_EQ(job->json(run_serially(*job, 1)).dump(),
            "{\"bytes\":2,\"lines\":0,\"text_count\":1,\"texts\":[{\"bytes\":2,\"lines\":0,"
            "\"name\":\"text\",\"words\":1}],\"top\":[{\"count\":1,\"word\":\"\uFFFD\uFFFD\"}],"
            "\"words\":1}");
}

TEST(WordCountTest, what_cannot_be_read_is_named) {
  const auto refusal = [](const Options& options) {
    return refusal_of([&] { wordcount(options)->open(); });
  };
  const TemporaryFolder folder;
  const std::string top = folder.path().string();
  EXPECT_EQ(refusal({{"FILE", top + "/none"}}),
            "cannot read " + top + "/none: No such file or directory");
  EXPECT_EQ(refusal({{"FILE", top + "/*.txt"}}),
            "cannot read " + top + "/*.txt: No such file or directory");
  EXPECT_NE(refusal({{"FILE", top}}).find("it is a folder"), std::string::npos);
  EXPECT_NE(refusal({{"FILE", "/dev/null"}}).find("it is no file"), std::string::npos);
  EXPECT_NE(refusal({{"text", "x"}, {"ignore-case", ""}}).find("--top"), std::string::npos);
}

TEST(WordCountTest, a_file_that_shrinks_or_goes_fails_its_chunk_clearly) {
  const TemporaryFolder folder;
  const auto path = folder.put("file", "some words");
  const auto failure = [](Job& job) {
    const std::atomic<bool> stop = false;
    Context context(0, 1, stop);
    try {
      job.map({0, 11}, {}, context);
    } catch (const std::exception& e) {
      return std::string(e.what());
    }
    return std::string("counted");
  };
  const auto job = wordcount({{"FILE", path}});
  job->open();
  folder.put("file", "some");
  EXPECT_EQ(
      failure(*job),
      path + " ends at byte 4 and was longer when the run began: it must not change meanwhile");
  std::filesystem::remove(path);
  EXPECT_EQ(failure(*job), "cannot read " + path + ": No such file or directory");
}

TEST(WordCountTest, nothing_has_no_words) {
  const TemporaryFile file("");
  EXPECT_EQ(counted({{"FILE", file.path()}}), "0 words, 0 lines, 0 bytes in 1 text");
  EXPECT_EQ(counted({{"text", ""}, {"top", "3"}}), "");
}

}  // namespace
}  // namespace taskrun::testing
