# SPDX-License-Identifier: MIT
# squeeze.pl PROGRAM SQUEEZES SEED: see scripts/soak. Takes from runs at random what they need of the
# system: descriptors, memory, processes, disk, shared memory, from their start or while they go on.
# Each must end with the right answer, or with an error that says what was short; then it is gone on
# with in peace, and the answer must be right. Prints a line for each fault found, and at the end what
# was done. In a mount namespace of its own (tests/soak/soak) it also squeezes disk and shared memory.
use strict;
use warnings;
use File::Temp qw(tempdir);
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);

my ($program, $squeezes_wanted, $seed) = @ARGV;
die "usage: squeeze.pl PROGRAM SQUEEZES SEED\n" unless defined $seed;
srand($seed);
$| = 1;

my $folder = tempdir('taskrun_squeeze.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $tag    = "squeeze-$$";
my $items  = 100;
my $deadline_seconds = 90;
my $leftover_seconds = 4;
my $owns_mounts = ($ENV{SQUEEZE_OWNS_MOUNTS} // '') eq '1';
my $nobody = 65534;
my (%serial, %done_to, %ends);
my ($squeezes, $faults, $leftovers, $errors) = (0, 0, 0, 0);
my ($run_text, $child);

%ENV = (%ENV, OMPI_ALLOW_RUN_AS_ROOT => 1, OMPI_ALLOW_RUN_AS_ROOT_CONFIRM => 1, TASKRUN_TEST_TAG => $tag);

my @mounts = $owns_mounts ? ("$folder/disk", '/dev/shm') : ();
mkdir "$folder/disk";
for my $where (@mounts) {
  system('mount', '-t', 'tmpfs', '-o', 'size=64M,mode=1777', 'none', $where) == 0 or die "cannot mount $where\n";
}
chmod 01777, "$folder/disk";
chmod 0755, $folder;

$SIG{$_} = sub { exit 130 } for qw(INT TERM HUP);
END {
  local $?;
  kill 'KILL', map { keys %$_ } { processes() } if $tag;
  system('umount', $folder . '/disk') if $owns_mounts;
}

sub content { my ($path) = @_; local $/; open my $in, '<', $path or return ''; my $t = <$in>; return $t // ''; }

sub fault { my ($text) = @_; ++$faults; print "FAULT (seed $seed, squeeze $squeezes: $run_text): $text\n"; }

sub state_of { my ($pid) = @_; return content("/proc/$pid/stat") =~ /\) (\w)/ ? $1 : 'X'; }

sub processes {
  my %found;
  for my $path (glob '/proc/[0-9]*') {
    my ($pid) = $path =~ /(\d+)$/;
    next if $pid == $$ || state_of($pid) =~ /[ZX]/;
    next unless grep { $_ eq "TASKRUN_TEST_TAG=$tag" } split /\0/, content("$path/environ");
    (my $name = content("$path/comm")) =~ s/\s+$//;
    $found{$pid} = $name;
  }
  return %found;
}

sub job {
  my ($size, $milliseconds) = @_;
  return ('weave', '--items', $items, '--chunks', $items, '--result-bytes', $size, '--milliseconds', $milliseconds);
}

sub serial_of {
  my ($size) = @_;
  return $serial{$size} //= do {
    my $out = qx($program -q @{[job($size, 0)]});
    die "the serial run failed\n" unless $? == 0;
    $out;
  };
}

# --- squeezes: each sets limits for the start, or returns what is done while the run goes on

sub between { my ($least, $most) = @_; return $least + int rand($most - $least + 1); }

sub fill {
  my ($where, $left) = @_;
  my ($free) = qx(df --output=avail -B1 $where) =~ /(\d+)\s*$/;
  return if $free <= $left;
  # The run may take what is left at the same time.
  system("fallocate -l @{[$free - $left]} $where/filler 2>/dev/null");
}

sub victim {
  my %all = processes();
  my @pids = grep { $all{$_} !~ /sweeper/ } sort { $a <=> $b } keys %all;
  return $pids[rand @pids];
}

sub limit_descriptors {
  my $pid = victim() or return;
  my $open = () = glob "/proc/$pid/fd/*";
  my $limit = $open + between(0, 3);
  system("prlimit --pid $pid --nofile=$limit 2>/dev/null");
}

sub limit_memory {
  my $pid = victim() or return;
  my ($kib) = content("/proc/$pid/status") =~ /VmSize:\s+(\d+)/ or return;
  my $limit = 1024 * $kib + between(0, 20_000_000);
  system("prlimit --pid $pid --as=$limit 2>/dev/null");
}

# Limits that a shell sets or a number of processes, the user, what is done at the start, what later.
sub squeeze {
  my ($kind) = @_;
  return { shell => 'ulimit -n ' . between(6, 60) } if $kind eq 'descriptors';
  return { shell => 'ulimit -v ' . between(20_000, 400_000) } if $kind eq 'memory';
  return { processes => between(1, 24), as_nobody => 1 } if $kind eq 'processes';
  return { later => \&limit_descriptors } if $kind eq 'descriptors later';
  return { later => \&limit_memory } if $kind eq 'memory later';
  return { first => sub { fill("$folder/disk", between(0, 300_000)) } } if $kind eq 'disk';
  return { later => sub { fill("$folder/disk", between(0, 100_000)) } } if $kind eq 'disk later';
  return { first => sub { fill('/dev/shm', between(0, 12_000_000)) } } if $kind eq 'shared memory';
  die $kind;
}

my @kinds = ('descriptors', 'memory', 'descriptors later', 'memory later');
# Who runs in a folder that others cannot enter is short of more than processes.
my @as_nobody = ('setpriv', '--reuid', $nobody, '--regid', $nobody, '--clear-groups');
if ($> == 0 && system(@as_nobody, 'sh', '-c', 'cd "$0" && test -x "$1"', "$folder/disk", $program) == 0) {
  push @kinds, 'processes';
} else {
  print "no processes are squeezed: that needs root, and a TMPDIR and a program that all users can reach\n";
}
push @kinds, 'disk', 'disk later', 'shared memory' if $owns_mounts;

# --- one run

sub start {
  my ($squeeze, @arguments) = @_;
  my @command = ($program, @arguments);
  @command = ('sh', '-c', "$squeeze->{shell} && exec \"\$0\" \"\$@\"", @command) if $squeeze->{shell};
  @command = ('prlimit', "--nproc=$squeeze->{processes}", @command) if $squeeze->{processes};
  @command = (@as_nobody, @command) if $squeeze->{as_nobody};
  my $pid = fork // die "fork: $!\n";
  return $pid if $pid;
  setpgrp;
  chdir "$folder/disk";
  open STDIN,  '<', '/dev/null';
  open STDOUT, '>', "$folder/out";
  open STDERR, '>', "$folder/err";
  exec @command or POSIX::_exit(127);
}

# Its wait status; none where it hangs.
sub end_of {
  my ($pid, $later) = @_;
  my $until = time + $deadline_seconds;
  my $when = time + 0.05 + rand 0.8;
  while (time < $until) {
    return $? if waitpid($pid, WNOHANG) == $pid;
    if ($later && time > $when) { $later->(); undef $later; }
    sleep 0.005;
  }
  fault("no end within $deadline_seconds s: " . content("$folder/err"));
  my %left = processes();
  kill 'KILL', $pid, keys %left;
  waitpid $pid, 0;
  return undef;
}

sub leftover_check {
  my $until = time + $leftover_seconds;
  my %left = processes();
  while (%left && time < $until) { sleep 0.02; %left = processes(); }
  return unless %left;
  $leftovers += keys %left;
  fault('left behind: ' . join(', ', map { "$_ ($left{$_})" } sort keys %left));
  kill 'KILL', keys %left;
}

sub words_check {
  my $err = content("$folder/err");
  fault("an abort: $err") if $err =~ /terminate called|a bug in taskrun|Assertion|stack smashing/;
  fault("no word of taskrun: $err") unless $err =~ /^taskrun: /m;
}

sub expect_right {
  my ($status, $right, $when) = @_;
  return unless defined $status;
  my $out = content("$folder/out");
  fault("$when: status $status, '$out' instead of '$right': " . content("$folder/err"))
    unless $status == 0 && $out eq $right;
}

sub one_squeeze {
  ++$squeezes;
  my $kind = $kinds[rand @kinds];
  my $size = (64, 20_000)[rand 2];
  my $ranks = rand() < 0.5 ? 0 : between(2, 4);
  my $isolates = rand() < 0.5;
  $run_text = "$kind, $size bytes" . ($ranks ? ", $ranks ranks" : '') . ($isolates ? ', isolated' : '');
  ++$done_to{$kind};
  unlink glob("$folder/disk/*"), "$folder/out", "$folder/err";
  my @how = ($ranks ? ('launch', '-n', $ranks, '-j', 1) : ('-j', between(1, 6)), '--progress', 'off', '-q');
  my @first = (@how, '--journal', 'journal', ($isolates ? '--isolate' : ()), job($size, between(0, 15)));
  my $right = serial_of($size);
  my $squeeze = squeeze($kind);
  for my $path ("$folder/out", "$folder/err") { open my $made, '>', $path; chmod 0666, $path; }
  $squeeze->{first}->() if $squeeze->{first};
  my $status = end_of(start($squeeze, @first), $squeeze->{later});
  unlink "$folder/disk/filler", '/dev/shm/filler';
  leftover_check();
  return unless defined $status;
  ++$ends{$status >> 8} unless $status & 127;
  return expect_right($status, $right, 'squeezed') if $status == 0;
  ++$errors;
  return fault("ended by signal $status: " . content("$folder/err")) if $status & 127;
  return fault("exit code " . ($status >> 8) . ': ' . content("$folder/err")) unless ($status >> 8) =~ /^(3|4|75)$/;
  words_check();
  my $peace = { as_nobody => $squeeze->{as_nobody} };
  my @again = -s "$folder/disk/journal" ? (@how, 'resume', 'journal') : @first;
  $status = end_of(start($peace, @again));
  # One that holds nothing yet: the squeeze came before the run began.
  if (defined $status && $status != 0 && content("$folder/err") =~ /no run|holds nothing|is no journal|begin again/) {
    unlink glob "$folder/disk/*";
    $status = end_of(start($peace, @first));
  }
  expect_right($status, $right, 'afterwards');
  leftover_check();
}

my $begun = time;
while ($squeezes < $squeezes_wanted && $faults < 20) {
  one_squeeze();
  printf STDERR "\r%d of %d ", $squeezes, $squeezes_wanted if -t STDERR;
}
print STDERR "\r" if -t STDERR;
printf "%d squeezes (%s), exit codes %s, %d ended with an error and were gone on with, %.0f s, seed %d: "
  . "%d faults, %d processes left behind\n",
  $squeezes, join(', ', map { "$done_to{$_} $_" } sort keys %done_to),
  join(', ', map { "$_: $ends{$_}" } sort { $a <=> $b } keys %ends), $errors, time - $begun, $seed, $faults, $leftovers;
exit($faults > 0 ? 1 : 0);
