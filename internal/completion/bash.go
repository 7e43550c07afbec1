package completion

import (
	"fmt"
	"slices"
	"strings"
)

// The script runs in bash 3.2, which macOS has, and without the package bash-completion.
// NAME is replaced by the program, VALUES and COMMANDS by lines of a case statement.
const bashScript = `# Completes command lines of NAME in bash. Printed by 'NAME completion bash'.

# _NAME_value FLAG sets value to what comes after the flag: files, folders, text, or
# "words" and the words. It is empty if nothing does.
_NAME_value() {
	case $1 in
VALUES	*) value= ;;
	esac
}

# _NAME_command COMMAND sets flags, arguments, and more: what comes after those.
_NAME_command() {
	case $1 in
COMMANDS	*) return 1 ;;
	esac
}

_NAME() {
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
		-*) _NAME_value "$word" ;;
		*)
			if [ -z "$command" ]; then
				command=$word
			else
				count+=1
			fi
			;;
		esac
	done
	_NAME_command "$command" || return 0

	case $cur in
	= | : | ::)
		cur=
		value=${value:-text}
		;;
	esac
	if [ -z "$value" ]; then
		case $cur in
		-*=*) # only where "=" was taken out of COMP_WORDBREAKS
			_NAME_value "${cur%%=*}"
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
	complete -F _NAME NAME
else # before bash 4: files wherever there is nothing else
	complete -o default -F _NAME NAME
fi
`

func (p Program) bash() string {
	var values, commands strings.Builder
	var seen []string
	for _, f := range p.allFlags() {
		if v := bashValue(f.Value); v != "" && !slices.Contains(seen, v) {
			seen = append(seen, v)
			same := p.withValue(func(other Value) bool { return bashValue(other) == v })
			fmt.Fprintf(&values, "\t%s) value='%s' ;;\n", strings.Join(same, " | "), v)
		}
	}
	command := func(name string, flags []Flag, arguments []Value, more Value) {
		fmt.Fprintf(&commands, "\t%s)\n\t\tflags='%s'\n", name, strings.Join(spelt(slices.Concat(flags, p.Flags)...), " "))
		if len(arguments) > 0 {
			commands.WriteString("\t\targuments=(")
			for i, a := range arguments {
				if i > 0 {
					commands.WriteString(" ")
				}
				fmt.Fprintf(&commands, "'%s'", bashValue(a))
			}
			commands.WriteString(")\n")
		}
		if more.Kind != Nothing {
			fmt.Fprintf(&commands, "\t\tmore='%s'\n", bashValue(more))
		}
		commands.WriteString("\t\t;;\n")
	}
	names := Value{Kind: Words}
	for _, c := range p.Commands {
		names.Words = append(names.Words, c.Name)
	}
	command("''", p.Bare, []Value{names}, Value{})
	for _, c := range p.Commands {
		command(c.Name, c.Flags, c.Arguments, c.More)
	}
	return strings.NewReplacer("NAME", p.Name, "VALUES", values.String(), "COMMANDS", commands.String()).Replace(bashScript)
}

// bashValue returns a value as the script writes it.
func bashValue(v Value) string {
	switch v.Kind {
	case Nothing:
		return ""
	case Text:
		return "text"
	case Files:
		return "files"
	case Folders:
		return "folders"
	case Words:
		return "words " + strings.Join(v.Words, " ")
	}
	panic(fmt.Sprintf("completion: kind %d of a value is not known", v.Kind))
}
