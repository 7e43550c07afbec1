# Completes command lines of sample in bash. Printed by 'sample completion bash'.

# _sample_value FLAG sets value to what comes after the flag: files, folders, text, or
# "words" and the words. It is empty if nothing does.
_sample_value() {
	case $1 in
	--table) value='files' ;;
	--domain | --listen) value='text' ;;
	--mode) value='words off files acme' ;;
	--root) value='folders' ;;
	*) value= ;;
	esac
}

# _sample_command COMMAND sets flags, arguments, and more: what comes after those.
_sample_command() {
	case $1 in
	'')
		flags='--version -v --mode --listen --root --table --domain --help -h'
		arguments=('words serve check render export import quit')
		;;
	serve)
		flags='--mode --listen --root --table --domain --help -h'
		;;
	check)
		flags='--table --domain --help -h'
		more='files'
		;;
	render)
		flags='--table --domain --help -h'
		arguments=('words autoconfig autodiscover json' 'text')
		;;
	export)
		flags='--table --domain --help -h'
		arguments=('folders')
		;;
	import)
		flags='--prune --table --domain --help -h'
		arguments=('words ispdb' 'files')
		;;
	quit)
		flags='--table --domain --help -h'
		;;
	*) return 1 ;;
	esac
}

_sample() {
	local IFS=$' \t\n' cur=${COMP_WORDS[COMP_CWORD]} command= value= flags= more= prefix= word i
	local -a arguments=()
	local -i count=0
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		= | : | ::) # bash cuts words here: what follows belongs to the word before
			value=${value:-text}
			continue
			;;
		esac
		if [ -n "$value" ]; then
			value=
			continue
		fi
		case $word in
		-*) _sample_value "$word" ;;
		*)
			if [ -z "$command" ]; then
				command=$word
			else
				count+=1
			fi
			;;
		esac
	done
	_sample_command "$command" || return 0

	case $cur in
	= | : | ::)
		cur=
		value=${value:-text}
		;;
	esac
	if [ -z "$value" ]; then
		case $cur in
		-*=*) # only where "=" was taken out of COMP_WORDBREAKS
			_sample_value "${cur%%=*}"
			prefix=${cur%%=*}=
			cur=${cur#*=}
			;;
		-*) value="words $flags" ;;
		*) value=${arguments[count]:-$more} ;;
		esac
	fi
	case $value in
	words*) COMPREPLY=($(compgen -P "$prefix" -W "${value#words }" -- "$cur")) ;;
	files) compopt -o default 2>/dev/null ;;
	folders) compopt -o dirnames 2>/dev/null ;;
	esac
}

if type compopt >/dev/null 2>&1; then
	complete -F _sample sample
else # before bash 4: files wherever there is nothing else
	complete -o default -F _sample sample
fi
