# SPDX-License-Identifier: MIT
# Runs the benchmarks and their peers in turn (A B A B), takes medians, and prints a table. Called by
# scripts/bench; needs nothing but perl-base.
#
#   perl measure_targets.pl BUILD_DIR JSON_FILE TARGET...      JSON_FILE may be empty
use strict;
use warnings;
use File::Temp qw(tempdir);
use POSIX qw(strftime);
use Time::HiRes qw(time);

my ($build, $json_file, @targets) = @ARGV;
(my $root = $0) =~ s{/?tests/bench/[^/]*$}{};
$root = '.' if $root eq '';
my $bin = "$build/tests/bench";
my $taskrun = "$build/bin/taskrun";
my $scratch = tempdir(CLEANUP => 1);
my @rows;

# Open MPI asks root to say that it means it.
if ($> == 0) { $ENV{$_} = 1 for qw(OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM) }
chomp(my $cores = `nproc`);

# --- running things

sub fail { die "taskrun: $_[0]\n" }

# The standard output of a command. What it says on standard error is shown only when it fails.
sub output_of {
  my @command = @_;
  my $errors = "$scratch/stderr";
  my $pid = open(my $out, '-|') // fail("cannot fork: $!");
  if ($pid == 0) {
    open(STDERR, '>', $errors);
    open(STDIN, '<', '/dev/null');
    exec(@command) or exit 127;
  }
  local $/;
  my $text = <$out> // '';
  close $out;
  if ($?) {
    if (open(my $in, '<', $errors)) { print STDERR <$in> // '' }
    fail("failed: @command");
  }
  return $text;
}

sub content_of {
  my ($path) = @_;
  open(my $in, '<', $path) or fail("cannot read $path: $!");
  local $/;
  return <$in>;
}

sub number_in {
  my ($json, $key) = @_;
  return $1 + 0 if $json =~ /"$key"\s*:\s*(-?[0-9.eE+-]+)/;
  fail("no $key in what a benchmark printed");
}

# More ranks than cores must be asked for; Open MPI's waiting ranks then yield.
sub mpirun {
  my ($ranks) = @_;
  return ('mpirun', '-np', $ranks, '--bind-to', 'none', $ranks > $cores ? '--oversubscribe' : ());
}

# A run of taskrun or of the benchmark program: its answer and its account.
sub run_of {
  my @command = @_;
  my $file = "$scratch/run.json";
  my $answer = output_of(@command, '--quiet', '--json', $file);
  return { answer => $answer, json => content_of($file) };
}

sub usage_of {
  my @command = @_;
  my $file = "$scratch/usage.json";
  my $answer = output_of("$bin/measure", $file, @command);
  return { answer => $answer, json => content_of($file) };
}

sub wall_of { return number_in(usage_of(@_)->{json}, 'wall_seconds') }

sub median {
  my @sorted = sort { $a <=> $b } @_;
  my $middle = int(@sorted / 2);
  return @sorted % 2 ? $sorted[$middle] : ($sorted[$middle - 1] + $sorted[$middle]) / 2;
}

# Runs each of the named measurements in turn, so many times; gives the medians by name.
sub in_turn {
  my ($times, %measure) = @_;
  my %values;
  for (1 .. $times) {
    for my $name (sort keys %measure) { push @{$values{$name}}, $measure{$name}->() }
  }
  return map { $_ => median(@{$values{$_}}) } keys %values;
}

# How much more the second takes than the first, from runs in pairs, begun by either in turn: what
# makes the machine slower for a while does so for both of a pair. Gives the medians of both and of
# the ratios of the pairs.
sub in_pairs {
  my ($times, $first, $second) = @_;
  my (@firsts, @seconds, @ratios);
  for my $pair (1 .. $times) {
    my ($one, $other);
    $other = $second->() if $pair % 2 == 0;
    $one = $first->();
    $other //= $second->();
    push @firsts, $one;
    push @seconds, $other;
    push @ratios, $other / $one;
  }
  return (median(@firsts), median(@seconds), median(@ratios));
}

# The answer of runs that must agree.
my %answers;
sub expect_same {
  my ($what, $answer) = @_;
  $answers{$what} //= $answer;
  $answers{$what} eq $answer or fail("answers differ: $what: '$answers{$what}' and '$answer'");
}

# --- the table

sub row {
  my ($target, $what, $ours, $peer, $ratio, $goal, $reached, %figures) = @_;
  push @rows, { target => $target, what => $what, ours => $ours, peer => $peer, ratio => $ratio,
                goal => $goal, reached => $reached, figures => \%figures };
}

sub million { return sprintf('%.2f M/s', $_[0] / 1e6) }
sub rate { return sprintf('%.0f /s', $_[0]) }
sub ratio { return sprintf('%.2f', $_[0]) }
sub percent { return sprintf('%.1f %%', 100 * $_[0]) }
sub milliseconds { return sprintf('%.2f ms', 1000 * $_[0]) }
sub megabytes { return sprintf('%.0f MB', $_[0] / 1e6) }

sub verdict {
  my ($row) = @_;
  return !defined $row->{reached} ? 'for information' : $row->{reached} ? 'reached' : 'MISSED';
}

sub print_table {
  my @lines = (['target', 'what', 'ours', 'peer', 'ratio', 'goal', 'verdict']);
  push @lines, [@$_{qw(target what ours peer ratio goal)}, verdict($_)] for @rows;
  my @width = (0) x 7;
  for my $line (@lines) {
    for my $i (0 .. 6) { $width[$i] = length $line->[$i] if length $line->[$i] > $width[$i] }
  }
  print "\n";
  for my $line (@lines) {
    my $text = join '  ', map { sprintf "%-*s", $width[$_], $line->[$_] } 0 .. 6;
    $text =~ s/ +$//;
    print "$text\n";
  }
}

sub quoted {
  my ($text) = @_;
  $text =~ s/(["\\])/\\$1/g;
  return "\"$text\"";
}

sub write_json {
  my @items;
  for my $row (@rows) {
    my $figures = $row->{figures};
    push @items, '    {' . join(', ',
      (map { quoted($_) . ': ' . quoted($row->{$_}) } qw(target what goal)),
      '"verdict": ' . quoted(verdict($row)),
      (map { quoted($_) . ': ' . sprintf('%.9g', $figures->{$_}) } sort keys %$figures)) . '}';
  }
  open(my $out, '>', $json_file) or fail("cannot write $json_file: $!; name another file");
  print $out "{\n  \"core_count\": $cores,\n  \"rows\": [\n", join(",\n", @items), "\n  ]\n}\n";
  close $out or fail("cannot write $json_file: $!; name another file");
}

# --- the targets

sub chunks_per_second {
  my ($ranks, $items, @options) = @_;
  my @command = ("$bin/bench_program", 'empty', '--items', $items, '--chunk-size', 1, @options);
  unshift @command, mpirun($ranks) if $ranks > 1;
  my $run = run_of(@command);
  expect_same("the sum over $items empty chunks", $run->{answer});
  return $items / number_in($run->{json}, 'wall_seconds');
}

sub raw_tasks_per_second {
  my ($ranks, $window) = @_;
  return number_in(output_of(mpirun($ranks), "$bin/raw_master_worker", 3_000_000, $window),
                   'tasks_per_second');
}

sub measure_P1 {
  my $items = 30_000_000;
  my %rate = in_turn(5,
    local => sub { chunks_per_second(1, $items) },
    np3 => sub { chunks_per_second(3, $items) },
    raw2 => sub { raw_tasks_per_second(2, 8) },
    raw3 => sub { raw_tasks_per_second(3, 8) });
  for my $case (['local', 'raw2', 'empty chunks, local threads', 'raw MPI -np 2'],
                ['np3', 'raw3', 'empty chunks, -np 3', 'raw MPI -np 3']) {
    my ($ours, $peer) = @rate{@$case[0, 1]};
    row('P1', $case->[2], million($ours), million($peer) . " $case->[3]", ratio($ours / $peer),
        '>= 10 M/s, >= 3 x', $ours >= 10e6 && $ours >= 3 * $peer,
        chunks_per_second => $ours, peer_tasks_per_second => $peer, ratio => $ours / $peer);
  }
}

sub measure_P2 {
  my $items = 1_000_000;
  my %rate = in_turn(5,
    one2 => sub { chunks_per_second(2, $items, '--schedule', 'dynamic', '--credit', 8) },
    one3 => sub { chunks_per_second(3, $items, '--schedule', 'dynamic', '--credit', 8) },
    raw2 => sub { raw_tasks_per_second(2, 8) },
    raw3 => sub { raw_tasks_per_second(3, 8) },
    auto2 => sub { chunks_per_second(2, $items, '--schedule', 'dynamic') },
    wide2 => sub { raw_tasks_per_second(2, 64) });
  for my $case (['one2', 'raw2', 'leased one by one, -np 2, window 8', 1],
                ['one3', 'raw3', 'leased one by one, -np 3, window 8', 1],
                ['auto2', 'wide2', 'the same, -np 2, own window, peer 64', 0]) {
    my ($ours, $peer) = @rate{@$case[0, 1]};
    row('P2', $case->[2], million($ours), million($peer) . ' raw MPI', ratio($ours / $peer),
        $case->[3] ? '>= 0.5 x' : '-', $case->[3] ? $ours >= 0.5 * $peer : undef,
        chunks_per_second => $ours, peer_tasks_per_second => $peer, ratio => $ours / $peer);
  }
}

sub spin_wall {
  my ($ranks, $chunks, $rounds) = @_;
  my @command = ("$bin/bench_program", 'spin', '--items', $chunks, '--rounds', $rounds,
                 '--chunk-size', 1, '--threads', $ranks > 1 ? 1 : 2);
  unshift @command, mpirun($ranks) if $ranks > 1;
  my $run = run_of(@command);
  expect_same("the sum over $chunks chunks that spin", $run->{answer});
  return number_in($run->{json}, 'wall_seconds');
}

# How many rounds a second one thread does.
sub rounds_per_second {
  my %wall = in_turn(3,
    one => sub { number_in(output_of("$bin/raw_threads", 1, 100, 1_000_000), 'wall_seconds') });
  return 100 * 1_000_000 / $wall{one};
}

sub measure_P3 {
  my $speed = rounds_per_second();
  for my $case ([1e-3, '1 ms', 0.97], [1e-4, '100 us', 0.90]) {
    my ($duration, $name, $goal) = @$case;
    my $rounds = int($speed * $duration);
    my $chunks = int(2 * 2 / $duration);  # two seconds on two slots
    my %wall = in_turn(5,
      ideal => sub { number_in(output_of("$bin/raw_threads", 2, $chunks, $rounds), 'wall_seconds') },
      local => sub { spin_wall(1, $chunks, $rounds) },
      np2 => sub { spin_wall(2, $chunks, $rounds) });
    for my $how (['local', 'local, 2 threads'], ['np2', '-np 2']) {
      my $efficiency = $wall{ideal} / $wall{$how->[0]};
      row('P3', "efficiency, chunks of $name, $how->[1]", sprintf('%.3f s', $wall{$how->[0]}),
          sprintf('%.3f s bare threads', $wall{ideal}), percent($efficiency), '>= ' . percent($goal),
          $efficiency >= $goal,
          wall_seconds => $wall{$how->[0]}, peer_wall_seconds => $wall{ideal}, ratio => $efficiency);
    }
  }
}

sub measure_P4 {
  my @sieve = ($taskrun, 'sieve', '--limit', '1e11', '--quiet');
  my $check = sub {
    my $usage = usage_of(@_);
    $usage->{answer} =~ /4118054813/ or fail("wrong answer '$usage->{answer}' from @_");
    return number_in($usage->{json}, 'wall_seconds');
  };
  my %start = in_turn(3, mpi => sub { wall_of(mpirun(2), "$bin/empty_mpi") });
  my %wall = in_turn(3,
    local => sub { $check->(@sieve, '--threads', 2) },
    np2 => sub { $check->(mpirun(2), @sieve, '--threads', 1) - $start{mpi} },
    peer => sub { $check->('primesieve', '-t2', '1e11', '--quiet') });
  for my $how (['local', 'local, 2 threads'], ['np2', '-np 2, start-up aside']) {
    my $ratio = $wall{$how->[0]} / $wall{peer};
    row('P4', "sieve to 1e11, $how->[1]", sprintf('%.2f s', $wall{$how->[0]}),
        sprintf('%.2f s primesieve -t2', $wall{peer}), ratio($ratio), '<= 1.00 x', $ratio <= 1.0,
        wall_seconds => $wall{$how->[0]}, peer_wall_seconds => $wall{peer}, ratio => $ratio,
        mpirun_seconds => $start{mpi});
  }
}

# A gibibyte of real text: the sources of Linux, in one file. TASKRUN_BENCH_TEXT names another.
my $text_file;
sub text_file {
  return $text_file if defined $text_file;
  $text_file = $ENV{TASKRUN_BENCH_TEXT} // '';
  return $text_file if $text_file ne '';
  my ($sources) = glob '/usr/src/linux-source-*.tar.xz';
  defined $sources or fail('no /usr/src/linux-source-*.tar.xz; install linux-source, or set '
                           . 'TASKRUN_BENCH_TEXT to a large text file');
  $text_file = "$scratch/text";
  print STDERR "taskrun: unpacking $sources, which takes a minute\n";
  system('sh', '-c', 'tar -xJf "$0" -O > "$1"', $sources, $text_file) == 0
    or fail("cannot unpack $sources");
  return $text_file;
}

sub gigabytes { return sprintf('%.2f GB/s', $_[0] / 1e9) }

sub measure_P5 {
  my $text = text_file();
  my $bytes = -s $text;
  local $ENV{LC_ALL} = 'C';
  output_of('wc', '-w', $text);  # so that it is in memory
  # wc leaves out words in which it can print nothing, such as a lone copyright sign.
  my $words;
  my $counted = sub {
    my $usage = usage_of(@_);
    my ($count) = $usage->{answer} =~ /(\d+)/ or fail("no number from @_");
    $words //= $count;
    abs($count - $words) <= 0.01 * $words or fail("$words words, and $count from @_");
    return number_in($usage->{json}, 'wall_seconds');
  };
  my @ours = ($taskrun, 'wordcount', '--quiet', $text);
  my %wall = in_turn(5,
    one => sub { $counted->(@ours, '--threads', 1) },
    all => sub { $counted->(@ours) },
    peer => sub { $counted->('wc', '-w', $text) });
  my $rate = $bytes / $wall{one};
  row('P5', 'counting words, one thread', gigabytes($rate), gigabytes($bytes / $wall{peer}) . ' wc -w',
      ratio($wall{peer} / $wall{one}), '>= 5 GB/s', $rate >= 5e9,
      bytes_per_second => $rate, peer_bytes_per_second => $bytes / $wall{peer});
  my $ratio = $wall{peer} / $wall{all};
  row('P5', 'counting words, all cores', sprintf('%.3f s', $wall{all}),
      sprintf('%.3f s wc -w', $wall{peer}), ratio($ratio), '>= 30 x', $ratio >= 30,
      wall_seconds => $wall{all}, peer_wall_seconds => $wall{peer}, ratio => $ratio);
  measure_frequencies($text);
}

# As a user types it; sort takes all cores as well.
my $frequencies = q{tr -s '[:space:]' '\n' < "$0" | sort | uniq -c | sort -k1,1nr -k2 | head -n 10};

sub measure_frequencies {
  my ($text) = @_;
  my $run = sub {
    my $usage = usage_of(@_);
    my @pairs = map { [split] } split /\n/, $usage->{answer};
    expect_same('the ten most frequent words', join ' ', map { "@$_" } @pairs);
    return number_in($usage->{json}, 'wall_seconds');
  };
  my %wall = in_turn(1,
    peer => sub { $run->('sh', '-c', $frequencies, $text) },
    ours => sub {
      my %three = in_turn(3, ours => sub { $run->($taskrun, 'wordcount', '--quiet', '--top', 10, $text) });
      return $three{ours};
    });
  my $ratio = $wall{peer} / $wall{ours};
  row('P5', 'word frequencies, all cores', sprintf('%.2f s', $wall{ours}),
      sprintf('%.1f s tr | sort | uniq -c', $wall{peer}), ratio($ratio), '>= 10 x', $ratio >= 10,
      wall_seconds => $wall{ours}, peer_wall_seconds => $wall{peer}, ratio => $ratio);
}

my $python = "$root/tests/bench/python";

sub near_pi {
  my ($text, $error) = @_;
  my ($pi) = $text =~ /(3\.\d+)/;
  defined $pi && abs($pi - 3.14159265358979) < $error or fail("no pi in '$text'");
}

sub measure_P6 {
  my %rate = in_turn(3,
    ours => sub {
      my $usage = usage_of($taskrun, 'pi', '--samples', 4e9, '--threads', 1, '--quiet');
      near_pi($usage->{answer}, 2e-4);
      return 4e9 / number_in($usage->{json}, 'wall_seconds');
    },
    peer => sub {
      my $usage = usage_of('/usr/bin/python3', "$python/pi.py", 1e8);
      near_pi($usage->{answer}, 1e-3);
      return 1e8 / number_in($usage->{json}, 'wall_seconds');
    });
  my $ratio = $rate{ours} / $rate{peer};
  row('P6', 'pi, samples a second on one core', sprintf('%.2f G/s', $rate{ours} / 1e9),
      sprintf('%.3f G/s NumPy', $rate{peer} / 1e9), ratio($ratio), '>= 0.4 G/s', $rate{ours} >= 0.4e9,
      samples_per_second => $rate{ours}, peer_samples_per_second => $rate{peer}, ratio => $ratio);
}

# Runs the code with the URL of a page that takes so long.
sub with_server {
  my ($milliseconds, $code) = @_;
  pipe(my $port_in, my $port_out) or fail("no pipe: $!");
  pipe(my $life_in, my $life_out) or fail("no pipe: $!");
  my $pid = fork() // fail("cannot fork: $!");
  if ($pid == 0) {
    close $life_out;
    open(STDIN, '<&', $life_in);
    open(STDOUT, '>&', $port_out);
    exec("$bin/page_server", $milliseconds) or exit 127;
  }
  close $port_out;
  close $life_in;
  my $port = <$port_in>;
  my $ended = eval { $code->("http://127.0.0.1:" . int($port) . '/page'); 1 };
  my $why = $@;
  close $life_out;  # the server's end
  waitpid $pid, 0;
  die $why unless $ended;
}

sub list_file {
  my ($name, @lines) = @_;
  my $path = "$scratch/$name";
  open(my $out, '>', $path) or fail("cannot write $path: $!");
  print $out map { "$_\n" } @lines;
  close $out;
  return $path;
}

sub fetched {
  my ($count, @command) = @_;
  my $usage = usage_of(@command);
  $usage->{answer} =~ /^200\s+$count$/m or fail("not all pages came: '$usage->{answer}'");
  return number_in($usage->{json}, 'wall_seconds');
}

# Connections stay open here as there: 32 of them take 32 pages at a time.
sub measure_P8 {
  my ($pages, $latency, $width) = (1000, 0.05, 32);
  my $ideal = int(($pages + $width - 1) / $width) * $latency;
  with_server(1000 * $latency, sub {
    my ($url) = @_;
    my @urls = map { "$url$_" } 1 .. $pages;
    my $list = list_file('urls', @urls);
    my $config = list_file('curl', map { ("url = \"$_\"", 'output = "/dev/null"') } @urls);
    my @ours = ($taskrun, 'fetch', '--file', $list, '--summary', '--allow-private', '--quiet',
                '--per-host', $width);
    my %wall = in_turn(5,
      threads => sub { fetched($pages, @ours, '--engine', 'threads', '--io-threads', $width) },
      async => sub { fetched($pages, @ours, '--engine', 'async', '--in-flight', $width,
                             '--threads', 1) },
      peer => sub { wall_of('curl', '-sS', '--fail', '--parallel', '--parallel-immediate',
                            '--parallel-max', $width, '--config', $config) });
    for my $engine (qw(threads async)) {
      my $ratio = $wall{$engine} / $ideal;
      row('P8', "1,000 pages of 50 ms, 32 in flight, $engine", sprintf('%.3f s', $wall{$engine}),
          sprintf('%.3f s curl --parallel', $wall{peer}), ratio($ratio),
          sprintf('<= 1.1 x ideal (%.2f s)', $ideal), $ratio <= 1.1,
          wall_seconds => $wall{$engine}, peer_wall_seconds => $wall{peer}, ideal_ratio => $ratio);
    }
  });
}

# --- the programs of a course on fast Python, and the same tasks here

sub python_task {
  my ($what, $program, $ours, $answer_of) = @_;
  my $run = sub {
    my ($who, @command) = @_;
    my $usage = usage_of(@command);
    expect_same($what, $answer_of->($usage->{answer}, $who));
    return number_in($usage->{json}, 'wall_seconds');
  };
  my ($script, @arguments) = @$program;
  my %wall = in_turn(3,
    ours => sub { $run->('taskrun', $taskrun, '--quiet', @$ours) },
    peer => sub { $run->('python', '/usr/bin/python3', "$python/$script", @arguments) });
  my $ratio = $wall{peer} / $wall{ours};
  row('notes', $what, sprintf('%.3f s %s', $wall{ours}, $ours->[0]),
      sprintf('%.3f s %s', $wall{peer}, $script), ratio($ratio), 'equal answers', undef,
      wall_seconds => $wall{ours}, peer_wall_seconds => $wall{peer}, ratio => $ratio);
}

sub numbers_in { return join ' ', $_[0] =~ /\d+/g }
sub last_number { return ($_[0] =~ /(\d+)/g)[-1] }

sub sum_of_roots { return $_[0] =~ /(?:: |^)(\d+)/ ? $1 : '' }

# Each draws its own sample: the products have almost as many digits.
sub measure_products {
  my $digits = sub {
    my $usage = usage_of(@_);
    my ($count) = $usage->{answer} =~ /(?:: |^)(\d+)/ or fail("no digits from @_");
    abs($count - 278_000) < 3000 or fail("$count digits from @_");
    return number_in($usage->{json}, 'wall_seconds');
  };
  my %wall = in_turn(3,
    ours => sub { $digits->($taskrun, 'product', '--count', 50_000, '--below', '1e6', '--quiet') },
    peer => sub { $digits->('/usr/bin/python3', "$python/product.py", 50_000, 1_000_000) });
  my $ratio = $wall{peer} / $wall{ours};
  row('notes', 'product of 50,000 random numbers', sprintf('%.3f s product', $wall{ours}),
      sprintf('%.3f s product.py', $wall{peer}), ratio($ratio), 'as many digits', undef,
      wall_seconds => $wall{ours}, peer_wall_seconds => $wall{peer}, ratio => $ratio);
}

sub measure_notes {
  python_task('sums of primes up to 1e6, 2e6, 3e6', ['primesum.py', 1000000, 2000000, 3000000],
              ['primesum', '--limits', '1e6,2e6,3e6'], \&numbers_in);
  python_task('primes below 1e7, sieve', ['sieve.py', 10_000_000], ['sieve', '--limit', '1e7'],
              \&last_number);
  # Other random numbers, so other last digits: both must be near.
  my $pi = sub { near_pi($_[0], 4e-3); return 'near pi' };
  python_task('pi, 1e7 samples, a loop', ['pi_loop.py', 10_000_000], ['pi', '--samples', '1e7'], $pi);
  python_task('pi, 1e7 samples, NumPy', ['pi.py', 10_000_000], ['pi', '--samples', '1e7'], $pi);
  python_task('squares below 1e7, added up', ['sums.py', 10_000_000],
              ['sum', '--of', 'i*i', '--below', '1e7'], \&last_number);
  python_task('roots of a million squares, joblib', ['roots.py', 1_000_000],
              ['roots', '--below', '1e6'], \&sum_of_roots);
  my @strings = ('hello world', 'this is another line', 'this is yet another line');
  my $text = list_file('strings', (@strings) x 100_000);
  python_task('words of 300,000 strings, Pool', ['wordcount.py', $text], ['wordcount', $text],
              sub { return $_[0] =~ /^(\d+)/ ? $1 : '' });
  python_task('100 numbers, 0.1 s each, 32 threads', ['waits.py', 100, 0.1],
              ['powers', '--power', 2, '--delay', '0.1s', '--', 0 .. 99], \&numbers_in);
  my $table = list_file('table.csv', 'feature1,feature2', map { "$_," . (10 + $_) } 1 .. 200_000);
  python_task('two columns more, 200,000 rows', ['features.py', $table],
              ['features', '--set', 'feature3=feature1^5', '--set', 'feature4=feature2*100', $table],
              sub { return $_[0] =~ s/\r//gr });
  measure_products();
  with_server(50, sub {
    my ($url) = @_;
    my $urls = list_file('urls', map { "$url$_" } 1 .. 500);
    python_task('500 pages of 50 ms, 32 threads', ['fetch.py', $urls],
                ['fetch', '--file', $urls, '--summary', '--allow-private', '--per-host', 32],
                sub { return $_[0] =~ /^(\d+)\s+(\d+)/ ? "$1 $2" : '' });
  });
}

# Commands that do nothing; how long their start takes is the machine's.
sub commands_per_second {
  my ($count, $format) = @_;
  my $wall = wall_of('sh', '-c', sprintf("seq %d | $format", $count));
  return $count / $wall;
}

sub measure_P7 {
  my $count = 4000;
  my %rate = in_turn(5,
    local => sub { commands_per_second($count, "$taskrun exec --quiet --threads 2 true") },
    xargs => sub { commands_per_second($count, 'xargs -P2 -n1 true') });
  row('P7', 'commands (true), 2 at a time, beside xargs -P2', rate($rate{local}), rate($rate{xargs}),
      ratio($rate{local} / $rate{xargs}), '>= 1.0 x', $rate{local} >= $rate{xargs},
      per_second => $rate{local}, xargs_per_second => $rate{xargs});
  my %slow = in_turn(3,
    local => sub { commands_per_second($count, "$taskrun exec --quiet --threads 2 true") },
    parallel => sub { commands_per_second($count / 10, 'parallel --will-cite -j2 true') });
  row('P7', 'commands (true), 2 at a time, beside GNU parallel', rate($slow{local}), rate($slow{parallel}),
      ratio($slow{local} / $slow{parallel}), '>= 8 x', $slow{local} >= 8 * $slow{parallel},
      per_second => $slow{local}, parallel_per_second => $slow{parallel});
}

sub measure_P9 {
  my %wall = in_turn(20,
    ours => sub { wall_of($taskrun, 'sieve', '--limit', 1000) },
    peer => sub { wall_of('primesieve', 1000, '--quiet') });
  row('P9', 'taskrun sieve --limit 1000', milliseconds($wall{ours}),
      milliseconds($wall{peer}) . ' primesieve', ratio($wall{ours} / $wall{peer}), '<= 15 ms',
      $wall{ours} <= 0.015, wall_seconds => $wall{ours}, peer_wall_seconds => $wall{peer});
}

# The processor time of all threads of a process, in seconds. schedstat counts nanoseconds.
sub processor_seconds {
  my ($pid) = @_;
  my $sum = 0;
  for my $file (glob "/proc/$pid/task/*/schedstat") {
    open(my $in, '<', $file) or next;
    my ($time) = split ' ', <$in> // '';
    $sum += $time // 0;
  }
  return $sum / 1e9;
}

# The processes that run a program with an argument.
sub processes_with {
  my ($program, $argument) = @_;
  my @found;
  for my $file (glob '/proc/[0-9]*/cmdline') {
    open(my $in, '<', $file) or next;
    my @words = split /\0/, <$in> // '';
    push @found, $1 if @words && $words[0] eq $program && grep({ $_ eq $argument } @words)
      && $file =~ m{/proc/(\d+)/};
  }
  return @found;
}

# The part of a core that the busiest of the ranks uses while one chunk sleeps.
sub idle_load {
  my ($ranks) = @_;
  my $nap = 6000 + $ranks;  # tells our processes from others
  my $pid = fork() // fail("cannot fork: $!");
  if ($pid == 0) {
    open(STDOUT, '>', '/dev/null');
    open(STDERR, '>', '/dev/null');
    exec(($ranks > 1 ? mpirun($ranks) : ()), "$bin/bench_program", 'nap', '--milliseconds', $nap,
         '--quiet') or exit 127;
  }
  sleep 2;
  my @pids = processes_with("$bin/bench_program", $nap);
  @pids == $ranks or fail('found ' . @pids . " of $ranks processes that nap; is the machine busy?");
  my %before = map { $_ => processor_seconds($_) } @pids;
  sleep 3;
  my $load = 0;
  for (@pids) {
    my $used = (processor_seconds($_) - $before{$_}) / 3;
    $load = $used if $used > $load;
  }
  waitpid $pid, 0;
  return $load;
}

sub measure_P10 {
  for my $case ([1, 'local'], [3, '-np 3, the busiest rank']) {
    my ($ranks, $name) = @$case;
    my $load = idle_load($ranks);
    row('P10', "idle, $name", percent($load), '-', '-', '<= 1 % of a core', $load <= 0.01,
        core_ratio => $load);
  }
  # With one lease in flight a free slot waits for two wake-ups: the coordinator's and its own rank's.
  my $rounds = int(rounds_per_second() * 0.01);
  my %wait = in_turn(3,
    np2 => sub {
      number_in(run_of(mpirun(2), "$bin/bench_program", 'spin', '--items', 200, '--rounds', $rounds,
                       '--chunk-size', 1, '--threads', 1, '--schedule', 'dynamic', '--credit', 1)
                ->{json}, 'dispatch_p50_seconds') / 2;
    });
  row('P10', 'wake-up, -np 2, median', milliseconds($wait{np2}), '-', '-', '<= 1 ms',
      $wait{np2} <= 1e-3, wake_up_seconds => $wait{np2});
}

sub measure_P11 {
  my $memory = number_in(output_of("$bin/coordinator_memory", 1_000_000_000, 1000),
                         'peak_memory_bytes');
  row('P11', 'coordinator of 1e9 chunks, 1,000 workers', megabytes($memory), '-', '-', '<= 50 MB',
      $memory <= 50e6, peak_memory_bytes => $memory);
}

# The wall time of a run of five seconds on two slots, whose chunks take a millisecond each.
sub journaled_wall {
  my ($rounds, @options) = @_;
  my $usage = usage_of("$bin/bench_program", 'spin', '--items', 10_000, '--rounds', $rounds,
                       '--chunk-size', 1, '--threads', 2, '--quiet', @options);
  expect_same('the sum over chunks with and without a journal', $usage->{answer});
  return number_in($usage->{json}, 'wall_seconds');
}

sub measure_P12 {
  my $rounds = int(rounds_per_second() * 1e-3);
  my $journal = "$scratch/run.journal";
  my ($plain, $with, $ratio) = in_pairs(11,
    sub { journaled_wall($rounds) },
    sub { unlink $journal; journaled_wall($rounds, '--journal', $journal) });
  my $cost = $ratio - 1;
  row('P12', 'a journal, chunks of 1 ms, 2 threads', sprintf('%.3f s', $with),
      sprintf('%.3f s without', $plain), percent($cost), '<= 1.0 % more', $cost <= 0.01,
      wall_seconds => $with, peer_wall_seconds => $plain, cost_ratio => $cost);
  my %rate = in_turn(3, restored => sub {
    unlink $journal;
    number_in(output_of("$bin/journal_restore", $journal, 1_000_000), 'restored_per_second');
  });
  row('P12', 'restoring 1 M commits', million($rate{restored}), '-', '-', '>= 0.5 M/s',
      $rate{restored} >= 0.5e6, restored_per_second => $rate{restored});
}

sub measure_P13 {
  my $json = output_of("$bin/sim_bench", 'stragglers');
  my ($ratio, $extra) = map { number_in($json, $_) } qw(ratio extra_work_ratio);
  row('P13', 'one of 8 workers 10 x slower, simulated',
      sprintf('%.3f s', number_in($json, 'simulated_seconds')),
      sprintf('%.3f s ideal', number_in($json, 'ideal_seconds')), sprintf('%.4f', $ratio),
      '<= 1.15 x', $ratio <= 1.15, ratio => $ratio);
  row('P13', 'the same: extra work', percent($extra), '-', '-', '<= 5 %', $extra <= 0.05,
      extra_work_ratio => $extra);
}

# From the death of a rank to the coordinator's word about it.
sub notice_seconds {
  my $folder = "$scratch/launched_in";
  mkdir $folder;
  my $pid = open(my $said, '-|') // fail("cannot fork: $!");
  if ($pid == 0) {
    chdir $folder;
    open STDERR, '>&', \*STDOUT;
    open STDOUT, '>', '/dev/null';
    exec "$bin/bench_program", 'launch', '-n', 3, '-v', '--progress', 'off', 'spin', '--items',
         100_000, '--rounds', 10_000_000, '--chunk-size', 1, '--threads', 1 or exit 127;
  }
  my (%process, $killed, $noticed);
  while (my $line = <$said>) {
    $process{$1} = $2 if $line =~ /rank (\d+) on \S+ \(pid (\d+)\) joined/;
    if (keys %process == 3 && !defined $killed) {
      select undef, undef, undef, 0.3 + rand 0.1;
      kill 'KILL', $process{2};
      $killed = time;
    }
    next unless $line =~ /rank 2 on \S+ has ended/;
    $noticed = time - $killed;
    last;
  }
  kill 'TERM', $pid;
  1 while <$said>;
  close $said;
  unlink glob "$folder/*";
  fail('the death of a rank was not noticed') unless defined $noticed;
  return $noticed;
}

sub measure_P14 {
  my @seconds = sort { $a <=> $b } map { notice_seconds() } 1 .. 10;
  row('P14', 'a rank on this host is killed: noticed after (worst of 10)',
      milliseconds($seconds[-1]), '-', '-', '<= 100 ms', $seconds[-1] <= 0.1,
      median_seconds => $seconds[4], worst_seconds => $seconds[-1]);
  my $worst = number_in(output_of("$bin/isolation_bench"), 'death_noticed_max_milliseconds') / 1000;
  row('P14', 'a helper process dies: noticed after (worst of 300)', milliseconds($worst), '-', '-',
      '<= 10 ms', $worst <= 0.01, worst_seconds => $worst);
  my $json = `"$root/tests/bench/host_loss_notice" "$bin/bench_program"`;
  if ($? >> 8 == 77) {
    row('P14', 'the link of another host is cut', 'needs root, scripts/setup cluster', '-', '-', '<= 5 s');
    return;
  }
  $worst = number_in($json, 'host_noticed_worst_seconds');
  row('P14', 'the link of another host is cut: noticed after (worst of 3)', sprintf('%.1f s', $worst),
      '-', '-', '<= 5 s', $worst <= 5, worst_seconds => $worst);
}

sub measure_P16 {
  my $json = output_of("$bin/sim_bench", 'scale', 100_000, 10_000_000);
  my ($wall, $memory) = map { number_in($json, $_) } qw(wall_seconds peak_memory_bytes);
  row('P16', 'simulator: 100,000 workers, 10 M leases',
      sprintf('%.1f s, %s', $wall, megabytes($memory)), '-', '-', '<= 60 s, <= 2 GB',
      $wall <= 60 && $memory <= 2e9, wall_seconds => $wall, peak_memory_bytes => $memory);
  $wall = number_in(output_of("$bin/sim_bench", 'faults', 10_000), 'wall_seconds');
  row('P16', 'simulator: 10,000 faulty seeds', sprintf('%.1f s', $wall), '-', '-', '<= 60 s',
      $wall <= 60, wall_seconds => $wall);
}

# What a coordinator does for each lease that it hands out and gets back, one in a message.
sub message_seconds {
  my $run = run_of(mpirun(2), "$bin/bench_program", 'empty', '--items', 1_000_000, '--threads', 1,
                   '--schedule', 'dynamic', '--credit', 1);
  return number_in($run->{json}, 'coordinator_busy_seconds') / number_in($run->{json}, 'lease_count');
}

sub simulated_efficiency {
  my ($workers, $chunk_seconds, $message_seconds, $schedule) = @_;
  return number_in(output_of("$bin/sim_bench", 'load', $workers, 60 * $workers, $chunk_seconds,
                             $message_seconds, $schedule), 'efficiency_ratio');
}

# So many leases a second are where the efficiency falls below 95 %, to within a few per cent.
sub knee {
  my ($message_seconds) = @_;
  my $workers = 10_000;
  my ($enough, $short) = (100 * $message_seconds * $workers, $message_seconds * $workers / 4);
  while ($enough / $short > 1.03) {
    my $middle = sqrt($enough * $short);
    my $efficiency = simulated_efficiency($workers, $middle, $message_seconds, 'dynamic');
    ($efficiency >= 0.95 ? $enough : $short) = $middle;
  }
  return $workers / $enough;
}

sub measure_P17 {
  my %cost = in_turn(3, message => \&message_seconds);
  my $cost = $cost{message};
  my $what = sprintf('simulated, %.1f us a message', $cost * 1e6);
  for my $schedule ('auto', 'dynamic') {
    my $efficiency = simulated_efficiency(100_000, 1, $cost, $schedule);
    row('P17', "$what: 100,000 workers, chunks of 1 s, $schedule", percent($efficiency), '-', '-',
        '>= 95 %', $efficiency >= 0.95, message_seconds => $cost, efficiency_ratio => $efficiency);
  }
  for my $case ([$cost, $what], [$cost / 2, 'simulated, half of that a message']) {
    my $rate = knee($case->[0]);
    row('P17', "$case->[1]: the knee (95 %), one by one", rate($rate), '-', '-', '-', undef,
        message_seconds => $case->[0], leases_per_second => $rate);
  }
}

my %measure = (P1 => \&measure_P1, P2 => \&measure_P2, P3 => \&measure_P3, P4 => \&measure_P4,
               P5 => \&measure_P5, P6 => \&measure_P6, P7 => \&measure_P7, P8 => \&measure_P8,
               P9 => \&measure_P9, P10 => \&measure_P10, P11 => \&measure_P11,
               P12 => \&measure_P12, P13 => \&measure_P13, P14 => \&measure_P14,
               P16 => \&measure_P16, P17 => \&measure_P17, notes => \&measure_notes);

my ($load) = split ' ', content_of('/proc/loadavg');
print STDERR "taskrun: the machine is busy (load $load): absolute figures will be too low\n" if $load > 0.5;

# A target that cannot be measured does not keep the others from being told.
my $failed = 0;
for my $target (@targets) {
  print STDERR "taskrun: measuring $target\n";
  eval { $measure{$target}->(); 1 } and next;
  $failed = 1;
  (my $why = $@) =~ s/\s+$//;
  print STDERR "$why\n";
  row($target, 'could not be measured', '-', '-', '-', '-', 0);
}
print_table();
write_json() if $json_file ne '';
exit $failed;
