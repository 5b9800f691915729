#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/layers.sh [TREE]
#
# Checks the includes of each layer: frontends -> core <- backends. docs/design.md
# gives the reasons.
set -eu

cd "${1:-$(dirname "$0")/..}"
status=0

refuse()
{
	echo "$1: $2" >&2
	status=1
}

# component_of FILE: the directory that its quoted includes start from: core, or
# one backend or frontend. core/util is for every component.
component_of()
{
	case $1 in
	frontends/zeek/*) echo frontends/zeek/src ;;
	backends/*/* | frontends/*/*) echo "$1" | cut -d / -f 1,2 ;;
	*) echo "$1" | cut -d / -f 1 ;;
	esac
}

# check FILE PUBLIC LIBRARIES: PUBLIC is the pattern of <pktio/...> headers that
# it may use, LIBRARIES that of headers from outside libc and the kernel.
check()
{
	file=$1
	component=$(component_of "$file")
	includes=$(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*//p' "$file")
	while read -r header _; do
		case $header in
		'') ;;
		\"*\")
			own=${header#\"}
			own=${own%\"}
			case $own in
			util/*) directory=core ;;
			*) directory=$component ;;
			esac
			[ -f "$directory/$own" ] ||
				refuse "$file" "$header is not a path below $directory"
			# bench/report reads documents and no other part of bench.
			case $file:$own in
			bench/report/*:report/*) ;;
			bench/report/*) refuse "$file" "$header is not for this layer" ;;
			esac
			;;
		'<pktio/'*)
			echo "$header" | grep -qx "<pktio/\\($2\\)\\.h>" ||
				refuse "$file" "$header is not for this layer"
			;;
		'<pcap'* | '<hwloc'* | '<jansson'* | '<libmnl'* | '<criterion'*)
			echo "$header" | grep -qx "<\\($3\\)[/.].*" ||
				refuse "$file" "$header: a library that this layer does not use"
			;;
		esac
	done <<-EOF
		$includes
	EOF
}

checked=0
# shellcheck disable=SC2044 # no blanks in names
for file in $(find core backends frontends bench/report -name '*.[ch]'); do
	none='^$'
	case $file in
	core/include/pktio/pktio.h) check "$file" "$none" "$none" ;;
	core/include/pktio/*) check "$file" pktio "$none" ;;
	core/filter/*) check "$file" 'pktio\|filter\|packet' pcap ;;
	core/*) check "$file" 'pktio\|backend' "$none" ;;
	backends/pcap_live/*) check "$file" 'pktio\|backend' pcap ;;
	backends/*) check "$file" 'pktio\|backend' "$none" ;;
	frontends/*) check "$file" 'pktio\|filter\|packet' "$none" ;;
	bench/report/*) check "$file" "$none" jansson ;;
	esac
	checked=$((checked + 1))
done
# Tests use the checks of tests/support/expect.h.
found=$(grep -rlE 'cr_(assert|expect)' tests --include='*.[ch]' --include='*.cc' |
	grep -vx tests/support/expect.c || :)
[ -z "$found" ] || refuse "$found" "use the checks of tests/support/expect.h"
[ "$checked" -gt 0 ] || refuse "$PWD" "no sources here"
exit "$status"
