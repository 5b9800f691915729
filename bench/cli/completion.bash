# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Completion of pktio-bench for bash. The words come from the command itself, so
# that they are those of the installed version.

_pktio_bench()
{
	local bench=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD - 1]} backend=af_packet i words=

	if [ "$word" = = ]; then
		word=
	elif [ "$previous" = = ]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" != --backend ] || backend=${COMP_WORDS[i + 1]-}
		[ "$backend" != = ] || backend=${COMP_WORDS[i + 2]-}
	done
	case $previous in
	--backend | --options)
		words=$("$bench" --list 2>/dev/null | sed 's/ .*//')
		;;
	--vs)
		words=$("$bench" --help 2>/dev/null | sed -n '/^  --vs/,/^  --i/s/^    *\([a-z_-]*\)  .*/\1/p')
		;;
	--suite) words="quick full smoke" ;;
	--sender)
		words="auto $("$bench" --help 2>/dev/null |
			sed -n '/^  --sender/,/^the/s/^    *\([a-z_-]*\)  .*/\1/p')"
		;;
	-o | --vary)
		words=$("$bench" --options "$backend" 2>/dev/null |
			sed -n 's/^  \([a-z][a-z0-9-]*\) .*/\1=/p')
		compopt -o nospace 2>/dev/null
		;;
	*)
		[[ $word != -* ]] ||
			words="$("$bench" --help 2>/dev/null | grep -o -- '--[a-z-]*')"
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word" | sort -u)
}

complete -o default -F _pktio_bench pktio-bench
