# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Completion of pktio for bash. The words come from the command itself, so that
# they are those of the installed version.

# _pktio_names BACKEND: the options of a backend, or of all, each with "="
_pktio_names()
{
	local backend=$1
	"$pktio" list "${backend:--v}" 2>/dev/null |
		sed -n 's/^  \([a-z][a-z0-9-]*\) .*/\1=/p'
}

# _pktio_backend N: the backend of the operand N of copy, if it is a URI
_pktio_backend()
{
	local operand=0 i word
	for ((i = 2; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-o | -O | -c | -s | -f)
			((i++))
			[ "${COMP_WORDS[i + 1]-}" != = ] || ((i += 2))
			;;
		-?*) ;;
		*)
			[ "${COMP_WORDS[i + 1]-}" != : ] || word+=:
			((++operand < $1)) || break
			while [[ ${COMP_WORDS[i + 1]-} == [:=] ]]; do
				((i += 2))
			done
			;;
		esac
	done
	[ "$operand" -ne "$1" ] || [ "${word%:}" = "$word" ] || echo "${word%:}"
}

_pktio()
{
	local pktio=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]-} words=

	if [ "$COMP_CWORD" -eq 1 ]; then
		words="$("$pktio" help 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p') --help --version"
	elif [ "$verb" = help ]; then
		words=$("$pktio" help 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p')
	elif [ "$previous" = -o ]; then
		words=$(_pktio_names "$(_pktio_backend 1)")
	elif [ "$previous" = -O ]; then
		words=$(_pktio_names "$(_pktio_backend 2)")
	elif [[ $word == -* ]]; then
		words="$("$pktio" help "$verb" 2>/dev/null |
			grep -o -- '--*[a-zA-Z][a-z-]*') --help"
	elif [ "$verb" = list ]; then
		words=$("$pktio" list 2>/dev/null | sed -n '/^$/q; s/ .*//p')
	elif [ "$verb" = copy ] && [[ $previous != [:=] ]]; then
		# The backends, then, after an empty line, the interfaces.
		words=$("$pktio" list 2>/dev/null |
			sed -n '/^$/,$s/^af_packet:\([^ ]*\) .*/\1/p; 1,/^$/s/ .*/:/p')
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word" | sort -u)
	if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[=:] ]]; then
		compopt -o nospace 2>/dev/null
	fi
}

complete -o default -F _pktio pktio
