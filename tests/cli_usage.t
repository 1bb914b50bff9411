#!/usr/bin/env bash
# What is printed when asked for help, and when asked for something that cannot be: one line on
# standard error that names what is wrong and what would be right, exit status 2. TAP.
# shellcheck disable=SC2317,SC2329 # check() calls the tests by name
set -uo pipefail
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

transports="mmap, null, pipe, posix-mq"
cd "$scratch" || exit 1 # what is measured by mistake would leave its file here

# --- help -----------------------------------------------------------------------------------------

# helps TEXT -- ARGUMENT...: a text on standard output that begins with TEXT, and success.
helps() {
    local start=$1
    shift 2
    exits 0 try "$@" && is_empty err && [[ $(<out) == "$start"* ]]
}

same_help() {
    "$program" help "$1" | cmp - <("$program" "$1" --help) &&
        "$program" "$1" -h | cmp - <("$program" "$1" --help)
}

help_names_every_option() {
    local option
    exits 0 try run --help || return 1
    for option in transport pattern size burst rate arrivals idle filter suite trials precision \
        budget time warmup cold seed touch placement cpus mem output resume dry-run; do
        says out "--$option" || return 1
    done
    says out Examples: "Exit status:"
}

prints_version() {
    exits 0 try --version && is_empty err && grep -Eqx 'ipcbench [0-9]+\.[0-9]+\.[0-9]+ \(.+\)' out
}

without_arguments() {
    exits 2 try && is_empty out && says err "ipcbench run" "ipcbench list" "ipcbench show"
}

check "--help" helps "ipcbench: " -- --help
check "-h" helps "ipcbench: " -- -h
check "help" helps "ipcbench: " -- help
for verb in run list show compare ab history findings advise plot report topology doctor export import help; do
    check "$verb --help" helps "ipcbench $verb" -- "$verb" --help
    check "help $verb and $verb -h say the same" same_help "$verb"
done
check "run --help names every option and exit status" help_names_every_option
check "--help wins over what stands before it" helps "ipcbench run" -- run -t pipe --help
check "--version" prints_version
check "no argument at all: the help, on standard error" without_arguments

# --- refused --------------------------------------------------------------------------------------

# no WHAT TEXT... -- ARGUMENT...
no() {
    local what=$1
    shift
    check "refused: $what" refuses "$@"
}

no "unknown verb" "no verb 'frob'" "run, list, show, compare, " " or help" -- frob
no "unknown option instead of a verb" "no verb '--frob'" "--help" -- --frob
no "help for an unknown verb" "no verb 'frob'" "run, list, show, compare, " " or help" -- help frob

no "unknown long option" "run: unknown option --frob" "run --help" -- run --frob
no "unknown short option" "run: unknown option -z" "run --help" -- run -z
no "unknown option behind good ones" "unknown option --frob" -- run -t pipe --frob
no "ambiguous short form of an option" "unknown option --t" -- run --t pipe
no "unexpected word" "unexpected 'frob'" "run --help" -- run frob
no "unexpected word behind options" "unexpected 'frob'" "run --help" -- run -t pipe frob
no "unexpected word behind --" "unexpected 'frob'" -- run -- frob
for option in -t -p -s -f -o --transport --pattern --size --filter --output --trials --time \
    --warmup --seed --touch --cpus --placement --mem --idle --suite --resume; do
    no "$option without its value" "option $option needs a value" "run --help" -- run "$option"
done

no "unknown transport" "no transport 'frob'" "$transports" "uds-stream" "xsi-mq" -- run -t frob
no "unknown transport behind good ones" "no transport 'frob'" "$transports" -- run -t pipe,frob
no "unknown transport in a second -t" "no transport 'frob'" "$transports" -- run -t pipe -t frob
no "transport's beginning" "no transport 'uds'" "$transports" -- run -t uds
no "very long transport" "no transport 'xxx" -- run -t "$(printf 'x%.0s' {1..5000})"
no "transport that is not UTF-8" "no transport" "$transports" -- run -t $'\xff\xfe'
no "transport with a line break" "no transport 'a?b'" "$transports" -- run -t $'a\nb'
no "empty transport" "--transport: ''" "name at least one" -- run -t ''
no "transport list of commas" "--transport: ','" "name at least one" -- run -t ,
no "options for all" "all takes no options" -- run -t all:wait=spin
no "unknown transport option" "pipe: unknown option 'frob'" "capacity, wait" -- run -t pipe:frob=1
no "transport option without value" "'wait'" "key=value" -- run -t pipe:wait
no "transport option twice" "'wait' is given twice" -- run -t pipe:wait=spin,wait=block
no "unknown choice" "pipe: wait=frob" "block|spin|poll|epoll" -- run -t pipe:wait=frob
no "empty choice" "pipe: wait=" "block|spin|poll|epoll" -- run -t pipe:wait=
no "bad size in an option" "capacity: 'x'" "64, 4K" -- run -t pipe:capacity=x
no "negative size in an option" "capacity: '-1'" "negative" -- run -t pipe:capacity=-1
no "count too small in an option" "depth=0" "from 1 to 65536" -- run -t posix-mq:depth=0
no "count too large in an option" "priority=99999" "from 0 to" -- run -t posix-mq:priority=99999
no "option of another transport" "null: unknown option 'wait'" -- run -t null:wait=spin

no "unknown pattern" "'frob'" "oneway, burst, paced, load, stream, pagewalk, linewalk or memory" -- run -p frob
no "unknown pattern behind a good one" "'frob'" "oneway, burst, paced, load, stream, pagewalk, linewalk or memory" -- run -p stream,frob
no "empty pattern" "--pattern: ''" "name at least one" -- run -p ''
no "size over 64 MiB" "'65M'" "0 bytes to 64 MiB" -- run -s 65M
no "several walks at once" "--pairs: not with pagewalk" -- \
    run -t mmap:copy=no -p pagewalk -s 4K --pairs 2
no "stride of nothing" "order=sequential|random|stride:N" "from 1 to 16777216" -- run -t shm:order=stride:0
no "stride without a number" "order=stride" "sequential|random|stride:N" -- run -t shm:order=stride
no "size far over" "'99999999999999999999'" "over 2^63-1" -- run -s 99999999999999999999
no "size that is none" "'x'" "64, 4K, 1.5M" -- run -s x
no "negative size" "'-1'" "negative" -- run -s -1
no "unknown unit" "'1X'" "K, M, G" -- run -s 1X
no "part of a byte" "'1.3'" "whole number of bytes" -- run -s 1.3
no "empty size" "--size: ''" "name at least one" -- run -s ''
no "size with a line break" "1?2" -- run -s $'1\n2'
no "unknown idle policy" "idle=frob" "default or poll" -- run --idle frob
no "empty idle policy" "--idle: ''" "name at least one" -- run --idle=

no "unknown suite" "--suite: no suite 'frob'" "quick, default, full, load, pages or memory" -- run --suite frob
no "one CPU" "--cpus: '0'" "comma" -- run --cpus 0
no "three CPUs" "--cpus: '0,1,2'" "comma" -- run --cpus 0,1,2
no "CPUs that are no numbers" "--cpus: 'a,b'" "comma" -- run --cpus a,b
no "CPU that is not there" "CPU 9999 is not online" "may use" -- run --cpus 9999,9998
no "unknown memory policy" "--mem: " "frob" "interleave or a NUMA node" -- run --mem frob
no "NUMA node that is not there" "--mem: NUMA node 1000" "memory on node" -- run --mem 1000
no "touch some" "--touch: 'some'" "all or none" -- run --touch some
no "0 trials" "--trials: 0" "1 to 100000" -- run --trials 0
no "too many trials" "--trials: 100001" "1 to 100000" -- run --trials 100001
no "trials that are no number" "--trials: 'x'" "whole number" -- run --trials x
no "no time" "--time: 0" "from 0.001 s to 600 s" -- run --time 0
no "too much time" "--time: 601" "from 0.001 s to 600 s" -- run --time 601
no "negative time" "--time: '-1'" "0.5, 200ms" -- run --time -1
no "time that is none" "--time: 'x'" "0.5, 200ms" -- run --time x
no "unknown unit of time" "--time: '1h'" "s, ms, us" -- run --time 1h
no "too much warm-up" "--warmup: 601" "from 0 s to 600 s" -- run --warmup 601
no "warm-up that is none" "--warmup: 'nan'" "0.5, 200ms" -- run --warmup nan
no "seed that is no number" "--seed: 'x'" "whole number" -- run --seed x
no "seed too large" "--seed: '18446744073709551616'" "2^63-1" -- run --seed 18446744073709551616
no "broken regular expression" "--filter: '('" -- run -f '('
no "filter that nothing matches" "no cell matches 'nothing'" -- run -f nothing
no "empty output" "--output: " "file name" -- run -o ''
no "empty file to resume" "--resume: " "file name" -- run --resume ''
no "resume beside other options" "--resume: " "--dry-run" -- run --resume x.json -t pipe

no "list: unknown option" "list: unknown option --frob" "list --help" -- list --frob
no "list: unknown short options" "list: unknown option -xj" "list --help" -- list -xj
no "list: value for --json" "list: unknown option --json=1" "list --help" -- list --json=1
no "list: unexpected word" "list: unexpected 'frob'" -- list frob
no "show: no file" "show: one result file is expected" "show --help" -- show
no "show: two files" "show: one result file is expected" "show --help" -- show a b
no "show: file that is not there" "show: reading nowhere.json" "No such file" -- show nowhere.json
no "show: folder" "show: reading /" "Is a directory" -- show /

# --- standard output that takes nothing -----------------------------------------------------------

# full_output ARGUMENT...: what is lost must not look like success.
full_output() {
    local status=0
    "$program" "$@" >/dev/full 2>"$scratch/err" </dev/null || status=$?
    ((status == 2)) && complains "standard output: No space left on device"
}

if [[ -c /dev/full ]]; then
    check "full standard output: --version" full_output --version
    check "full standard output: run --help" full_output run --help
    check "full standard output: list" full_output list
    check "full standard output: list --json" full_output list --json
    check "full standard output: --dry-run" full_output run --dry-run
else
    skip "full standard output" "there is no /dev/full"
fi

left_nothing() {
    [[ ! -e results && ! -e x.json.journal ]] || { ls -R .; return 1; }
}
check "nothing was measured or written" left_nothing

finish
