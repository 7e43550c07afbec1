package export

import "embed"

// guides are the files of an export that do not depend on the table: its README
// and the web server configurations.
//
//go:embed files
var guides embed.FS

func (w *writer) guides() error {
	for _, name := range []string{"README.txt", "nginx.conf", "Caddyfile", rolloutFolder + "/README.txt"} {
		text, err := guides.ReadFile("files/" + name)
		if err != nil {
			return err
		}
		if err := w.write(file{name, text}); err != nil {
			return err
		}
	}
	return nil
}
