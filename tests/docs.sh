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
exit "$status"
