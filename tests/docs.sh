#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/docs.sh - checks the documents against the tree: links, paths, names in
# code style, backends, commands of ./run, options of the man pages.
# shellcheck disable=SC2013,SC2016,SC2020,SC2044 # no blanks in names; backquotes
set -eu

cd "$(dirname "$0")/.."
status=0

refuse()
{
	echo "$*" >&2
	status=1
}

for page in $(find . -name '*.md' ! -path './build/*'); do
	for link in $(grep -o '](\([^)#: ]*\)[^)]*)' "$page" | sed 's/](\([^)#]*\).*/\1/'); do
		case $link in
		*:*) ;;
		*) [ -e "$(dirname "$page")/$link" ] ||
			refuse "$page: link to '$link', which is not there" ;;
		esac
	done
done

# Names in code style that are examples, or not from this tree.
foreign="option
interface
program_version
runts_left_out
left_out
isb_ifdrop
isb_osdrop
pktio_object_verb
pktio_verb
ret_x
snake_case
zeek-real
disable-af-packet
pktio_buffer_size
pktio_fanout_mode
pcap-linux.c
daq_afpacket.c
net/packet/af_packet.c"

# A name in code style is a word of the sources: an option, a counter, a function,
# a test. A path in code style is in the tree. The old names of options are not
# used any more.
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
find . -type f ! -path './build/*' ! -path './.git/*' ! -path '*/corpus/*' >"$tmp/files"
grep -v '\.md$\|^\./docs/man/' "$tmp/files" | tr '\n' '\0' |
	xargs -0 grep -Ihow '[A-Za-z0-9_][A-Za-z0-9_-]*' | sort -u >"$tmp/words"
find backends -name '*.c' -exec grep -h '\.name = "\|^.{ "[a-z-]*",$\|^.{ "[a-z-]*", "[^"]* ' {} + |
	sed -n 's/^[^"]*"\([a-z-]*\)".*/\1/p' | sort -u >"$tmp/current"
find backends -name '*.c' -exec \
	sed -n '/struct pktio_renamed_opt .*= {/,/^}/s/^.*{ "\([a-z]*-[a-z-]*\)", .*/\1/p' {} + |
	sort -u | comm -23 - "$tmp/current" >"$tmp/old"
for page in README.md CONTRIBUTING.md bench/README.md tests/README.md docs/*.md docs/*/*/*.md; do
	# Code blocks have other words, of a shell or of a program.
	sed '/^```/,/^```/d; /^    /d' "$page" | grep -o '`[^`]*`' | tr -d '`' |
		tr ' ,;' '\n\n\n' | sed 's,^\./,,; s/^-D//; s/^--*//; s/()$//; s/[=:.]*$//; s/=.*//' |
		grep -vxF "$foreign" | sort -u >"$tmp/names"
	for name in $(grep -x '[A-Za-z0-9]*\([_-][A-Za-z0-9]\{1,\}\)\{1,\}' "$tmp/names" |
		comm -23 - "$tmp/words"); do
		refuse "$page: '$name' is not in the sources"
	done
	# option=value
	for name in $(sed '/^```/,/^```/d; /^    /d' "$page" |
		grep -o '[`?& ][a-z][a-z-]*=[a-zA-Z0-9.]' | sed 's/^.//; s/=.*//' |
		grep -vxF "$foreign" | sort -u | comm -23 - "$tmp/current"); do
		refuse "$page: no option '$name'"
	done
	for name in $(comm -12 "$tmp/names" "$tmp/old"); do
		refuse "$page: '$name' is the old name of an option"
	done
	for name in $(grep -x '[A-Za-z0-9_.-]*\(/[A-Za-z0-9_.-]\{1,\}\)\{1,\}/\{0,1\}\|[a-z0-9_.-]*\.\(c\|h\|sh\|md\|map\|txt\)' "$tmp/names" |
		grep -v '^/\|^build/\|NAME\|\.so$'); do
		grep -q "/${name%/}\(/\|\$\)" "$tmp/files" || refuse "$page: no file '$name'"
	done
done

# README.md and pktio.h show the same program.
sed -n '/^```c$/,/^```$/p' README.md | sed '/^```/d' | tr -s ' \t' ' ' >"$tmp/readme"
sed -n '/^ \* .*struct pktio_ring \*ring;$/,/pktio_close/s/^ \*//p' core/include/pktio/pktio.h |
	tr -s ' \t' ' ' | sed 's/^ //' >"$tmp/header"
sed 's/^ //' "$tmp/readme" | diff "$tmp/header" - >"$tmp/diff" || {
	cat "$tmp/diff" >&2
	refuse "README.md and core/include/pktio/pktio.h show different programs"
}
# The program compiles.
{
	echo '#include <stdio.h>'
	echo '#include <pktio/pktio.h>'
	echo 'void look_at(const void *data, uint32_t size);'
	echo 'int loop(void);'
	echo 'int loop(void) {'
	cat "$tmp/readme"
	echo 'return ring != NULL; }'
} >"$tmp/loop.c"
${CC:-cc} -std=c99 -Wall -Wextra -Werror -Icore/include -fsyntax-only "$tmp/loop.c" ||
	refuse "README.md: the program does not compile"

for backend in backends/*/; do
	backend=$(basename "$backend")
	grep -q "^| \`$backend\`" README.md ||
		refuse "README.md: the table of backends has no '$backend'"
	grep -q "\.name = \"$backend\"" tests/contract/backends.c ||
		refuse "tests/contract/backends.c: no row for '$backend'"
done

for verb in $(./run help | sed -n 's,.*\./run \([a-z]*\).*,\1,p' | sort -u); do
	grep -q "\./run $verb" README.md CONTRIBUTING.md ||
		[ "$verb" = help ] ||
		refuse "neither README.md nor CONTRIBUTING.md mentions ./run $verb"
done

# The README of the example lists all of its options.
for option in $(sed -n 's/.*\.name = "\([a-z-]*\)",$/\1/p' docs/examples/backend/hex.c |
	grep -v '^hex$'); do
	grep -q "^| \`$option\`" docs/examples/backend/README.md ||
		refuse "docs/examples/backend/README.md: no option '$option'"
done

# groff accepts the man pages, and they describe every option of their command.
if command -v groff >/dev/null; then
	for page in docs/man/*; do
		[ -z "$(groff -ww -man -Tutf8 "$page" 2>&1 >/dev/null)" ] ||
			refuse "$page: groff -ww prints warnings"
	done
fi
documented()
{
	options=$(sed -n 's/^\t{ "\([a-z-]*\)", .*_argument,.*/\1/p' "$1")
	[ "$options" ] || refuse "$1: no options found"
	for option in $options; do
		grep -q -- "--$option" <<-EOF || refuse "$2: no option --$option"
			$(sed 's/\\//g' "$2")
		EOF
	done
}
documented frontends/cli/options.c docs/man/pktio.1
documented bench/cli/options_parse.c docs/man/pktio-bench.1
exit "$status"
