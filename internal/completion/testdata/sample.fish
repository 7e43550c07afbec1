# Completes command lines of sample in fish. Printed by 'sample completion fish'.

# Prints the command and the arguments that are typed, without flags and their values.
function __sample_words
	set -l value no
	set -l words (commandline -opc)
	set -e words[1]
	for word in $words
		if test $value = yes
			set value no
			continue
		end
		switch $word
			case --table --domain --mode --listen --root
				set value yes
			case '-*'
			case '*'
				echo $word
		end
	end
end

# __sample_in COMMAND [LOW HIGH] tests whether that command is typed, and so many arguments
# after it. An empty COMMAND means none.
function __sample_in
	set -l words (__sample_words)
	set -l command ''
	if set -q words[1]
		set command $words[1]
		set -e words[1]
	end
	test "$command" = "$argv[1]"
	or return 1
	set -q argv[2]
	or return 0
	test (count $words) -ge $argv[2]
	and test (count $words) -le $argv[3]
end

complete -c sample -f
complete -c sample -l table -r -F -d 'a table [or two]'
complete -c sample -l domain -x -d 'a domain'
complete -c sample -l help -s h -d 'show help'
complete -c sample -n '__sample_in ""' -l version -s v -d 'print it'
complete -c sample -n '__sample_in ""' -l mode -x -a 'off files acme' -d 'Jane\'s way'
complete -c sample -n '__sample_in ""' -l listen -x -d 'where: to'
complete -c sample -n '__sample_in ""' -l root -x -a '(__fish_complete_directories (commandline -ct))' -d 'what to open'
complete -c sample -n '__sample_in "" 0 0' -a serve -d 'serve: the usual [one], and Jane\'s'
complete -c sample -n '__sample_in "" 0 0' -a check -d 'check, and \\ mind'
complete -c sample -n '__sample_in "" 0 0' -a render -d 'print'
complete -c sample -n '__sample_in "" 0 0' -a export -d 'write'
complete -c sample -n '__sample_in "" 0 0' -a import -d 'read'
complete -c sample -n '__sample_in "" 0 0' -a quit -d 'do nothing'
complete -c sample -n '__sample_in serve' -l mode -x -a 'off files acme' -d 'Jane\'s way'
complete -c sample -n '__sample_in serve' -l listen -x -d 'where: to'
complete -c sample -n '__sample_in serve' -l root -x -a '(__fish_complete_directories (commandline -ct))' -d 'what to open'
complete -c sample -n '__sample_in check 0 999' -r -F
complete -c sample -n '__sample_in render 0 0' -x -a 'autoconfig autodiscover json'
complete -c sample -n '__sample_in export 0 0' -x -a '(__fish_complete_directories (commandline -ct))'
complete -c sample -n '__sample_in import' -l prune -d 'leave out'
complete -c sample -n '__sample_in import 0 0' -x -a 'ispdb'
complete -c sample -n '__sample_in import 1 1' -r -F
