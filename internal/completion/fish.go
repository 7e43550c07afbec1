package completion

import (
	"fmt"
	"strings"
)

const fishScript = `# Completes command lines of NAME in fish. Printed by 'NAME completion fish'.

# Prints the command and the arguments that are typed, without flags and their values.
function __NAME_words
	set -l value no
	set -l words (commandline -opc)
	set -e words[1]
	for word in $words
		if test $value = yes
			set value no
			continue
		end
		switch $word
			case VALUES
				set value yes
			case '-*'
			case '*'
				echo $word
		end
	end
end

# __NAME_in COMMAND [LOW HIGH] tests whether that command is typed, and so many arguments
# after it. An empty COMMAND means none.
function __NAME_in
	set -l words (__NAME_words)
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

complete -c NAME -f
`

func (p Program) fish() string {
	var b strings.Builder
	line := func(condition, rest string) {
		b.WriteString("complete -c " + p.Name)
		if condition != "" {
			b.WriteString(" -n " + fishQuoted(condition))
		}
		b.WriteString(rest + "\n")
	}
	flags := func(condition string, list []Flag) {
		for _, f := range list {
			rest := " -l " + f.Name
			if f.Letter != "" {
				rest += " -s " + f.Letter
			}
			line(condition, rest+fishValue(f.Value)+" -d "+fishQuoted(f.Usage))
		}
	}
	flags("", p.Flags)
	in := "__" + p.Name + "_in "
	flags(in+`""`, p.Bare)
	for _, c := range p.Commands {
		line(in+`"" 0 0`, " -a "+c.Name+" -d "+fishQuoted(c.Usage))
	}
	for _, c := range p.Commands {
		flags(in+c.Name, c.Flags)
		for i, a := range c.Arguments {
			if a.Kind != Text {
				line(fmt.Sprintf("%s%s %d %d", in, c.Name, i, i), fishValue(a))
			}
		}
		if c.More.Kind != Nothing {
			line(fmt.Sprintf("%s%s %d 999", in, c.Name, len(c.Arguments)), fishValue(c.More))
		}
	}
	values := strings.Join(p.withValue(func(v Value) bool { return v.Kind != Nothing }), " ")
	return strings.NewReplacer("NAME", p.Name, "VALUES", values).Replace(fishScript) + b.String()
}

// fishValue returns the options of complete for a value.
func fishValue(v Value) string {
	switch v.Kind {
	case Nothing:
		return ""
	case Text:
		return " -x"
	case Files:
		return " -r -F"
	case Folders:
		return " -x -a '(__fish_complete_directories (commandline -ct))'"
	case Words:
		return " -x -a " + fishQuoted(strings.Join(v.Words, " "))
	}
	panic(fmt.Sprintf("completion: kind %d of a value is not known", v.Kind))
}

func fishQuoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
