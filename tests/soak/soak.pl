# SPDX-License-Identifier: MIT
# soak.pl PROGRAM KILLS SEED: see scripts/soak. Prints a line for each fault found, and at the end
# what was done to whom, and what was left behind.
use strict;
use warnings;
use File::Temp qw(tempdir);
use List::Util qw(shuffle);
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);

my ($program, $kills_wanted, $seed) = @ARGV;
die "usage: soak.pl PROGRAM KILLS SEED\n" unless defined $seed;
srand($seed);
$| = 1;

my $folder  = tempdir('taskrun_soak.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $tag     = "TASKRUN_TEST_TAG=soak-$$";
my @sizes   = (64, 20_000, 200_000);
my $items   = 120;
my $deadline_seconds = 90;
my (%done_to, %serial);
my ($kills, $runs, $faults, $leftovers) = (0, 0, 0, 0);

# As root, and in containers.
%ENV = (%ENV, OMPI_ALLOW_RUN_AS_ROOT => 1, OMPI_ALLOW_RUN_AS_ROOT_CONFIRM => 1,
        TASKRUN_LOST_AFTER => '1s', TASKRUN_TEST_TAG => "soak-$$");

sub content { my ($path) = @_; local $/; open my $in, '<', $path or return ''; my $t = <$in>; return $t // ''; }

sub fault { my ($text) = @_; ++$faults; print "FAULT (seed $seed, run $runs): $text\n"; }

sub job { my ($size) = @_; return ('weave', '--items', $items, '--chunks', $items, '--result-bytes', $size); }

sub serial_of {
  my ($size) = @_;
  return $serial{$size} //= do {
    local $ENV{TASKRUN_TEST_TAG};
    my $out = qx($program -q @{[job($size)]} --milliseconds 0);
    die "the serial run failed\n" unless $? == 0;
    $out;
  };
}

# --- the processes of the run: pid => [name, rank]

sub state_of { my ($pid) = @_; return content("/proc/$pid/stat") =~ /\) (\w)/ ? $1 : 'X'; }

sub processes {
  my %found;
  for my $path (glob '/proc/[0-9]*') {
    my ($pid) = $path =~ /(\d+)$/;
    next if $pid == $$;
    my @variables = split /\0/, content("$path/environ");
    next unless grep { $_ eq $tag } @variables;
    next if state_of($pid) =~ /[ZX]/;
    my ($rank) = map { /^OMPI_COMM_WORLD_RANK=(\d+)/ ? $1 : () } @variables;
    (my $name = content("$path/comm")) =~ s/\s+$//;
    $found{$pid} = [$name, $rank];
  }
  return %found;
}

sub victims {
  my ($whom, $supervisor) = @_;
  return ($supervisor) if $whom eq 'supervisor';
  my %all = processes();
  return grep { $all{$_}[0] eq 'mpirun' } keys %all if $whom eq 'mpirun';
  return grep { defined $all{$_}[1] && $all{$_}[1] == 0 } keys %all if $whom eq 'coordinator';
  return grep { $all{$_}[1] } keys %all;
}

# --- one run

sub start {
  my (@arguments) = @_;
  my $pid = fork // die "fork: $!\n";
  return $pid if $pid;
  chdir $folder;
  setpgrp;
  open STDIN,  '<', '/dev/null';
  open STDOUT, '>', 'out';
  open STDERR, '>>', 'err';
  exec $program, @arguments or POSIX::_exit(127);
}

# True when it has ended; $? is its status then.
sub ended { my ($pid) = @_; return waitpid($pid, WNOHANG) == $pid; }

sub marks { my $text = content("$folder/marks"); return $text =~ tr/\n//; }

sub hit {
  my ($whom, $supervisor) = @_;
  my $stops = $whom eq 'worker' && rand() < 0.25;
  my @found = shuffle(sort { $a <=> $b } victims($whom, $supervisor)) or return;
  kill($stops ? 'STOP' : 'KILL', $found[0]) or return;
  ++$kills;
  ++$done_to{$whom . ($stops ? ' stopped' : ' killed')};
  return $stops ? $found[0] : undef;
}

sub pick {
  my $r = rand();
  return $r < 0.55 ? 'worker' : $r < 0.75 ? 'coordinator' : $r < 0.88 ? 'mpirun' : 'supervisor';
}

sub leftover_check {
  my $until = time + 3;
  my %left = processes();
  while (%left && time < $until) { sleep 0.02; %left = processes(); }
  return unless %left;
  $leftovers += keys %left;
  fault('left behind: ' . join(', ', map { "$_ ($left{$_}[0])" } sort keys %left));
  kill 'KILL', keys %left;
}

sub one_run {
  ++$runs;
  my $size  = $sizes[rand @sizes];
  my $ranks = 2 + int rand 4;
  my @common = ('--threads', 1, '--progress', 'off', '-q');
  unlink glob "$folder/*";
  my @arguments = ('launch', '-n', $ranks, @common, '--journal', 'journal', job($size),
                   '--milliseconds', 15, '--mark-file', "$folder/marks");
  my $expected = serial_of($size);
  my ($begun, $hits, $supervisor, @stopped) = (time, 1 + int rand 3, start(@arguments));
  my $next = 3 + int rand 30;  # in chunks begun
  my $history = '';
  while (1) {
    if (ended($supervisor)) {
      my $status = $?;
      if ($status == 9) {  # we killed it: the user goes on by hand
        leftover_check();
        $supervisor = -s "$folder/journal" ? start('launch', '-n', $ranks, @common, 'resume', 'journal')
                                           : start(@arguments);
        next;
      }
      my $out = content("$folder/out");
      fault("$size bytes on $ranks ranks,$history: status $status, '$out' instead of '$expected': "
            . content("$folder/err")) unless $status == 0 && $out eq $expected;
      last;
    }
    if ($hits > 0 && marks() >= $next) {
      my $whom = pick();
      $history .= " $whom";
      my $stopped = hit($whom, $supervisor);
      push @stopped, [$stopped, time + rand 3] if $stopped;
      --$hits;
      $next = marks() + 5 + int rand 40;
    }
    @stopped = grep { $_->[1] > time || (kill('CONT', $_->[0]), 0)[1] } @stopped;
    if (time - $begun > $deadline_seconds) {
      fault("$size bytes on $ranks ranks,$history: no end within $deadline_seconds s: " . content("$folder/err"));
      kill 'KILL', $supervisor;
      waitpid $supervisor, 0;
      last;
    }
    sleep 0.005;
  }
  leftover_check();
}

my $begun = time;
while ($kills < $kills_wanted && $faults < 5) {
  one_run();
  printf STDERR "\r%d of %d in %d runs ", $kills, $kills_wanted, $runs if -t STDERR;
}
print STDERR "\r" if -t STDERR;
printf "%d kills and stops (%s) in %d runs, %.0f s, seed %d: %d faults, %d processes left behind\n",
  $kills, join(', ', map { "$done_to{$_} $_" } sort keys %done_to), $runs, time - $begun, $seed,
  $faults, $leftovers;
exit($faults > 0 ? 1 : 0);
