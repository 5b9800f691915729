#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/docs.sh - what the documents point at is there, and what is there is
# mentioned: links between files, backends, options of ./run.
# shellcheck disable=SC2044,SC2013 # no blanks in the names looked at
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

for backend in backends/*/; do
	backend=$(basename "$backend")
	grep -q "^| \`$backend\`" README.md ||
		refuse "README.md: the table of backends has no '$backend'"
done

for verb in $(./run help | sed -n 's,.*\./run \([a-z]*\).*,\1,p' | sort -u); do
	grep -q "\./run $verb" README.md CONTRIBUTING.md ||
		[ "$verb" = help ] ||
		refuse "neither README.md nor CONTRIBUTING.md mentions ./run $verb"
done

# The options that a page lists for the example are those that it has.
for option in $(sed -n 's/.*\.name = "\([a-z-]*\)",$/\1/p' docs/examples/backend/hex.c |
	grep -v '^hex$'); do
	grep -q "^| \`$option\`" docs/examples/backend/README.md ||
		refuse "docs/examples/backend/README.md: no option '$option'"
done

# Man pages are clean, and have every option of their command.
if command -v groff >/dev/null; then
	for page in docs/man/*; do
		[ -z "$(groff -ww -man -Tutf8 "$page" 2>&1 >/dev/null)" ] ||
			refuse "$page: groff -ww has complaints"
	done
fi
documented()
{
	for option in $(sed -n 's/^\t{ "\([a-z-]*\)", .*_argument,.*/\1/p' "$1"); do
		grep -q -- "--$option" <<-EOF || refuse "$2: no option --$option"
			$(sed 's/\\//g' "$2")
		EOF
	done
}
documented frontends/cli/options.c docs/man/pktio.1
documented bench/cli/options.c docs/man/pktio-bench.1
exit "$status"
