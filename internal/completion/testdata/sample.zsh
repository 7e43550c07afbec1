#compdef sample
# Completes command lines of sample in zsh. Printed by 'sample completion zsh'.

_sample() {
	local context state state_descr line
	typeset -A opt_args
	local -a commands common
	commands=(
		'serve:serve\: the usual [one], and Jane'\''s'
		'check:check, and \\ mind'
		'render:print'
		'export:write'
		'import:read'
		'quit:do nothing'
	)
	common=(
		'*--table=[a table \[or two\]]:FILE:_files'
		'*--domain=[a domain]:DOMAIN[\:PORT]: '
		'(--help -h)--help[show help]'
		'(--help -h)-h[show help]'
	)
	_arguments -C $common \
		'(--version -v)--version[print it]' \
		'(--version -v)-v[print it]' \
		'--mode=[Jane'\''s way]:MODE:(off files acme)' \
		'--listen=[where: to]:ADDRESS: ' \
		'--root=[what to open]:FOLDER:_files -/' \
		'(-)1:command:->command' '(-)*::argument:->argument'
	case $state in
	command) _describe -t commands command commands ;;
	argument)
		case $line[1] in
		serve)
			_arguments $common \
				'--mode=[Jane'\''s way]:MODE:(off files acme)' \
				'--listen=[where: to]:ADDRESS: ' \
				'--root=[what to open]:FOLDER:_files -/'
			;;
		check)
			_arguments $common \
				'*:FILE:_files'
			;;
		render)
			_arguments $common \
				'1:FORMAT:(autoconfig autodiscover json)' \
				'2:ADDRESS:_guard "^-*" "ADDRESS"'
			;;
		export)
			_arguments $common \
				'1:DIR:_files -/'
			;;
		import)
			_arguments $common \
				'--prune[leave out]' \
				'1:ispdb:(ispdb)' \
				'2:SOURCE:_files'
			;;
		quit)
			_arguments $common
			;;
		esac
		;;
	esac
}

if [[ $funcstack[1] = _sample ]]; then
	_sample "$@"
else
	compdef _sample sample
fi
