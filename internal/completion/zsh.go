package completion

import (
	"fmt"
	"slices"
	"strings"
)

// The script is a file for a folder of fpath, where compinit finds it by its first line,
// and can be sourced, too. (-) means that flags after the command are the command's.
const zshScript = `#compdef NAME
# Completes command lines of NAME in zsh. Printed by 'NAME completion zsh'.

_NAME() {
	local context state state_descr line
	typeset -A opt_args
	local -a commands common
	commands=(
NAMES	)
	common=(
COMMON	)
	_arguments -C $common BARE'(-)1:command:->command' '(-)*::argument:->argument'
	case $state in
	command) _describe -t commands command commands ;;
	argument)
		case $line[1] in
COMMANDS		esac
		;;
	esac
}

if [[ $funcstack[1] = _NAME ]]; then
	_NAME "$@"
else
	compdef _NAME NAME
fi
`

func (p Program) zsh() string {
	var names, common, commands strings.Builder
	for _, c := range p.Commands {
		fmt.Fprintf(&names, "\t\t%s\n", zshQuoted(c.Name+":"+zshEscaped(c.Usage, `:`)))
	}
	for _, spec := range zshFlags(p.Flags) {
		fmt.Fprintf(&common, "\t\t%s\n", spec)
	}
	for _, c := range p.Commands {
		fmt.Fprintf(&commands, "\t\t%s)\n\t\t\t_arguments $common", c.Name)
		specs := zshFlags(c.Flags)
		for i, a := range c.Arguments {
			specs = append(specs, zshQuoted(fmt.Sprint(i+1)+zshArgument(a)))
		}
		if c.More.Kind != Nothing {
			specs = append(specs, zshQuoted("*"+zshArgument(c.More)))
		}
		for _, spec := range specs {
			fmt.Fprintf(&commands, " \\\n\t\t\t\t%s", spec)
		}
		commands.WriteString("\n\t\t\t;;\n")
	}
	bare := strings.Join(append(zshFlags(p.Bare), ""), " \\\n\t\t")
	return strings.NewReplacer("NAMES", names.String(), "NAME", p.Name, "COMMON", common.String(),
		"BARE", "\\\n\t\t"+bare, "COMMANDS", commands.String()).Replace(zshScript)
}

// zshFlags returns the specifications of flags for _arguments, quoted.
func zshFlags(flags []Flag) (specs []string) {
	for _, f := range flags {
		names := spelt(f)
		for _, name := range names {
			spec := name
			switch {
			case f.Repeated:
				spec = "*" + spec
			case len(names) > 1: // each spelling excludes the other
				spec = "(" + strings.Join(names, " ") + ")" + spec
			}
			if f.Value.Kind != Nothing && strings.HasPrefix(name, "--") {
				spec += "=" // the value follows it, or is the next word
			}
			spec += "[" + zshEscaped(f.Usage, `[]`) + "]" + zshValue(f.Value)
			specs = append(specs, zshQuoted(spec))
		}
	}
	return specs
}

// zshValue returns the part of a specification for a value.
func zshValue(v Value) string {
	message := ":" + zshEscaped(v.Name, `:`) + ":"
	switch v.Kind {
	case Nothing:
		return ""
	case Text:
		return message + " "
	case Files:
		return message + "_files"
	case Folders:
		return message + "_files -/"
	case Words:
		return message + "(" + strings.Join(v.Words, " ") + ")"
	}
	panic(fmt.Sprintf("completion: kind %d of a value is not known", v.Kind))
}

// zshArgument is zshValue for an argument. Its hint must not be shown when a flag has
// been started: zsh would then list the flag instead of completing it.
func zshArgument(v Value) string {
	if v.Kind == Text {
		name := zshEscaped(v.Name, `:`)
		return ":" + name + `:_guard "^-*" "` + name + `"`
	}
	return zshValue(v)
}

// zshEscaped puts a backslash before those characters, and before backslashes.
func zshEscaped(text, special string) string {
	var b strings.Builder
	for _, r := range text {
		if slices.Contains([]rune(special+`\`), r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func zshQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
