# SPDX-License-Identifier: MIT
# soak.pl PROGRAM KILLS SEED: see scripts/soak. Prints a line for each fault found, and at the end
# what was done to whom, and what was left behind. With SOAK_HOSTS_TAG and SOAK_HOSTS_FOLDER, from
# tests/soak/soak, some runs are over several hosts.
use strict;
use warnings;
use File::Temp qw(tempdir);
use List::Util qw(first shuffle sum);
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);

my ($program, $kills_wanted, $seed) = @ARGV;
die "usage: soak.pl PROGRAM KILLS SEED\n" unless defined $seed;
srand($seed);
$| = 1;

my $folder = tempdir('taskrun_soak.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $tag    = "soak-$$";
my @sizes  = (64, 20_000, 200_000);
my $items  = 300;
my $deadline_seconds = 120;
my $leftover_seconds = 3;
# A rank that is cut off from rank 0 ends itself.
my $cut_off_seconds = 45;
my $runs_per_host_run = 6;

my $hosts_tag = $ENV{SOAK_HOSTS_TAG};
my %serial;                # result size => line
my %done_to;               # what was done => how often
my @cut_off;               # [pid, deadline], of runs over hosts
my ($kills, $runs, $given_up_count, $faults, $leftovers) = (0, 0, 0, 0, 0);
my ($run_text, %run);      # of the run at hand

# However this ends, nothing of it goes on. The sweeper of a supervisor that is killed ends by itself.
$SIG{$_} = sub { exit 130 } for qw(INT TERM HUP);
END {
  local @SIG{qw(INT TERM HUP)} = ('IGNORE') x 3;
  while (%run) {
    my %left = processes();
    my @doomed = (map({ $_->[0] } @cut_off), grep { $left{$_}{name} ne 'taskrun-sweeper' } keys %left);
    kill('KILL', @doomed) or last;
    sleep 0.02;
  }
}

# As root, and in containers.
%ENV = (%ENV, OMPI_ALLOW_RUN_AS_ROOT => 1, OMPI_ALLOW_RUN_AS_ROOT_CONFIRM => 1,
        TASKRUN_LOST_AFTER => '1s', TASKRUN_TEST_TAG => $tag);

sub content { my ($path) = @_; local $/; open my $in, '<', $path or return ''; my $t = <$in>; return $t // ''; }

sub fault { my ($text) = @_; ++$faults; print "FAULT (seed $seed, run $runs: $run_text): $text\n"; }

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

# --- hosts

my %space_of_host = map { my $node = readlink_inode("/run/netns/$hosts_tag-node$_"); $node ? ($node => $_) : () }
  $hosts_tag ? (0 .. 2) : ();
my %hosts_environment = $hosts_tag
  ? map { /^(\w+)=(.*)/ ? ($1 => $2) : () } split /\n/, content("$ENV{SOAK_HOSTS_FOLDER}/environment") : ();

sub readlink_inode { my ($path) = @_; my @status = stat $path or return; return "net:[$status[1]]"; }

sub link_of {
  my ($host, $state) = @_;
  system('ip', '-n', "$hosts_tag-node$host", 'link', 'set', 'e0', $state) == 0 or die "no link of node$host\n";
}

# --- the processes of the run: pid => { name, rank }

sub state_of { my ($pid) = @_; return content("/proc/$pid/stat") =~ /\) (\w)/ ? $1 : 'X'; }

# Tagged, or (ssh carries no tag) on one of the hosts.
sub processes {
  my %found;
  my %old = map { $_->[0] => 1 } @cut_off;
  for my $path (glob '/proc/[0-9]*') {
    my ($pid) = $path =~ /(\d+)$/;
    next if $pid == $$ || $old{$pid};
    (my $name = content("$path/comm")) =~ s/\s+$//;
    my @variables = split /\0/, content("$path/environ");
    my $there = grep { $_ eq "TASKRUN_TEST_TAG=$tag" } @variables;
    $there ||= $name =~ /^(?:test_program|taskrun-|orted|prted|mpirun|prterun|ssh$)/
      && exists $space_of_host{ readlink("$path/ns/net") // '' } if $run{over_hosts};
    next unless $there && state_of($pid) !~ /[ZX]/;
    my ($rank) = map { /^OMPI_COMM_WORLD_RANK=(\d+)/ ? $1 : () } @variables;
    $found{$pid} = { name => $name, rank => $rank };
  }
  return %found;
}

# The mpirun of Open MPI 5 becomes prterun.
sub is_mpirun { my ($p) = @_; return $p->{name} =~ /^(?:mpirun|prterun)$/; }

sub victims {
  my ($whom) = @_;
  return ($run{supervisor}) if $whom eq 'supervisor';
  my %all = processes();
  my $is = sub { my ($p) = @_;
    return $p->{name} eq "taskrun-$whom" if $whom eq 'helper' || $whom eq 'zygote';
    return is_mpirun($p) && !defined $p->{rank} if $whom eq 'mpirun';
    return 0 if $p->{name} =~ /^taskrun-/ || !defined $p->{rank} || is_mpirun($p);
    return $whom eq 'coordinator' ? $p->{rank} == 0 : $p->{rank} > 0;
  };
  return grep { $is->($all{$_}) } sort { $a <=> $b } keys %all;
}

# --- what is done to it

sub note { my ($what) = @_; ++$kills; ++$done_to{$what}; $run_text .= ", $what"; }

# Down for good, or for a while.
sub cut_link {
  return 0 if $run{link_down};
  my $host = 1 + int rand 2;
  link_of($host, 'down');
  $run{link_down} = { host => $host, until => rand() < 0.5 ? time + 1.5 + rand 2 : undef };
  note('link cut');
  return 1;
}

sub mend_link {
  return unless $run{link_down};
  link_of($run{link_down}{host}, 'up');
  delete $run{link_down};
}

sub hit {
  my ($whom) = @_;
  return cut_link() if $whom eq 'link';
  my ($pid) = shuffle(victims($whom)) or return 0;
  my $stops = $whom eq 'worker' && rand() < 0.25;
  kill($stops ? 'STOP' : 'KILL', $pid) or return 0;
  push @{ $run{stopped} }, [$pid, time + rand 3] if $stops;
  note($whom . ($stops ? ' stopped' : ' killed'));
  return 1;
}

# The first that there is, in an order by lot. Without one of its hosts a run is not started again,
# so links are cut first.
sub hit_somebody {
  my %weight = (worker => 30, coordinator => 15, mpirun => 8, supervisor => 8);
  %weight = (%weight, helper => 25, zygote => 10) if $run{isolated};
  $weight{$run{cuts_links} ? 'link' : 'worker'} = 100 if $run{over_hosts};
  delete @weight{qw(link coordinator mpirun supervisor)} if $run{link_down};
  delete $weight{link} if $run{restarted};
  while (%weight) {
    my $lot = rand sum values %weight;
    my $whom = first { ($lot -= $weight{$_}) < 0 } sort keys %weight;
    if (hit($whom)) {
      $run{restarted} ||= $whom =~ /coordinator|mpirun|supervisor/;
      return;
    }
    delete $weight{$whom};
  }
}

# --- one run

sub start {
  my (@arguments) = @_;
  my @command = ($program, @arguments);
  @command = ('ip', 'netns', 'exec', "$hosts_tag-node0", 'unshare', '--uts', 'sh', '-c',
              'hostname node0; exec "$@"', 'sh', @command) if $run{over_hosts};
  my $pid = fork // die "fork: $!\n";
  return $pid if $pid;
  chdir $folder;
  setpgrp;
  %ENV = (%ENV, %hosts_environment) if $run{over_hosts};
  open STDIN,  '<', '/dev/null';
  open STDOUT, '>', 'out';
  open STDERR, '>>', 'err';
  exec @command or POSIX::_exit(127);
}

sub ended { my ($pid) = @_; return waitpid($pid, WNOHANG) == $pid; }

sub marks { my $text = content("$folder/marks"); return $text =~ tr/\n//; }

sub leftover_fault {
  my ($left) = @_;
  $leftovers += keys %$left;
  fault('left behind: ' . join(', ', map { "$_ ($left->{$_}{name})" } sort keys %$left));
  kill 'KILL', keys %$left;
}

# Ranks on a host that was cut off are looked at again later.
sub leftover_check {
  my $until = time + $leftover_seconds;
  my %left = processes();
  while (%left && time < $until) { sleep 0.02; %left = processes(); }
  return unless %left;
  return leftover_fault(\%left) unless $run{over_hosts};
  push @cut_off, map { [$_, time + $cut_off_seconds] } keys %left;
}

sub cut_off_check {
  @cut_off = grep { state_of($_->[0]) !~ /[ZX]/ } @cut_off;
  my %late = map { time > $_->[1] ? ($_->[0] => { name => 'cut off' }) : () } @cut_off;
  leftover_fault(\%late) if %late;
  @cut_off = grep { !$late{ $_->[0] } } @cut_off;
}

sub begin_run {
  my $over_hosts = $hosts_tag && $runs % $runs_per_host_run == 3;
  my $cuts_links = $over_hosts && rand() < 0.5;
  # MPI is most in danger where a worker dies while large frames travel between hosts.
  my $size  = $over_hosts && !$cuts_links ? $sizes[-1] : $sizes[rand @sizes];
  my $ranks = 2 + int rand 4;
  %run = (
    isolated   => rand() < 0.5,
    over_hosts => $over_hosts,
    cuts_links => $cuts_links,
    expected   => serial_of($size),
    hits       => 4 + int rand 10,
    next       => 3 + int rand 30,  # in chunks begun
    begun      => time,
    stopped    => [],
  );
  @run{qw(hits next)} = (4, 60 + int rand 60) if $cuts_links;
  $run_text = "$size bytes on " . ($run{over_hosts} ? 'three hosts' : "$ranks ranks") . ($run{isolated} ? ', isolated' : '');
  unlink glob "$folder/*";
  my @where  = $run{over_hosts} ? ('--hostfile', "$ENV{SOAK_HOSTS_FOLDER}/hosts") : ('-n', $ranks);
  my @launch = ('launch', @where, '--threads', 1, '--progress', 'off', '-q');
  $run{first} = [@launch, '--journal', 'journal', '--retries', 50, ($run{isolated} ? '--isolate' : ()), job($size),
                 '--milliseconds', 15, '--mark-file', "$folder/marks"];
  $run{again} = [@launch, 'resume', 'journal'];
  $run{supervisor} = start(@{ $run{first} });
}

# Whether the run goes on: a user goes on by hand with one whose supervisor was killed, or gave up
# because we killed one start after the other before anything was done.
sub goes_on_after {
  my ($status) = @_;
  my $given_up = $status == 4 << 8
    && content("$folder/err") =~ /; gave up after 3 starts without progress; what is done is kept/;
  if ($status == 9 || $given_up) {
    leftover_check();
    ++$given_up_count if $given_up;
    unlink "$folder/err";
    $run{supervisor} = start(@{ -s "$folder/journal" ? $run{again} : $run{first} });
    return 1;
  }
  my $out = content("$folder/out");
  fault("status $status, '$out' instead of '$run{expected}': " . content("$folder/err"))
    unless $status == 0 && $out eq $run{expected};
  return 0;
}

sub one_run {
  ++$runs;
  begin_run();
  while (1) {
    if (ended($run{supervisor})) {
      next if goes_on_after($?);
      last;
    }
    if ($run{hits} > 0 && marks() >= $run{next}) {
      --$run{hits};
      hit_somebody();
      $run{next} = marks() + 5 + int rand 30;
    }
    @{ $run{stopped} } = grep { $_->[1] > time || (kill('CONT', $_->[0]), 0)[1] } @{ $run{stopped} };
    mend_link() if $run{link_down} && defined $run{link_down}{until} && time > $run{link_down}{until};
    if (time - $run{begun} > $deadline_seconds) {
      fault("no end within $deadline_seconds s: " . content("$folder/err"));
      kill 'KILL', $run{supervisor};
      waitpid $run{supervisor}, 0;
      last;
    }
    sleep 0.005;
  }
  mend_link();
  leftover_check();
  cut_off_check();
}

my $begun = time;
while ($kills < $kills_wanted && $faults < 5) {
  one_run();
  printf STDERR "\r%d of %d in %d runs ", $kills, $kills_wanted, $runs if -t STDERR;
}
while (@cut_off) { sleep 0.1; cut_off_check(); }
print STDERR "\r" if -t STDERR;
printf "%d kills, stops and cuts (%s) in %d runs (%d given up and resumed by hand), %.0f s, seed %d: "
  . "%d faults, %d processes left behind\n",
  $kills, join(', ', map { "$done_to{$_} $_" } sort keys %done_to), $runs, $given_up_count,
  time - $begun, $seed, $faults, $leftovers;
exit($faults > 0 ? 1 : 0);
