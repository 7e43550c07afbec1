// Package dovecot runs a real Dovecot as an IMAP server with one mailbox and one
// login, so that a test shows whether a client's set-up ends in a session and not
// only in settings that look right.
package dovecot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"mailsetup/e2e/world"
)

// Config describes a server.
type Config struct {
	// Binary is the program.
	Binary string
	// Dir is an existing folder for its configuration, state and mail.
	Dir string
	// Listen is the address for IMAP over TLS.
	Listen string
	// CertFile and KeyFile are its certificate, as PEM.
	CertFile, KeyFile string
	// Name and Password are the only login.
	Name, Password string
	// Nobody makes the server run as the user nobody; see [world.Demote].
	Nobody bool
}

// A Server is a running Dovecot.
type Server struct {
	process *exec.Cmd
	ended   chan struct{}
	log     string
}

// Installed returns the program, if this machine has it.
func Installed() (string, error) {
	if path, err := exec.LookPath("/usr/sbin/dovecot"); err == nil {
		return path, nil
	}
	return exec.LookPath("dovecot")
}

// Start starts the server and returns when it accepts connections.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	s := &Server{ended: make(chan struct{}), log: filepath.Join(cfg.Dir, "dovecot.log")}
	file := filepath.Join(cfg.Dir, "dovecot.conf")
	who, err := runAs(cfg.Nobody)
	if err != nil {
		return nil, err
	}
	text, err := configuration(cfg, s.log, who)
	if err != nil {
		return nil, err
	}
	users := fmt.Sprintf("%s:{PLAIN}%s\n", cfg.Name, cfg.Password)
	if err := errors.Join(os.WriteFile(file, []byte(text), 0o600),
		os.WriteFile(filepath.Join(cfg.Dir, "users"), []byte(users), 0o600)); err != nil {
		return nil, err
	}
	s.process = exec.Command(cfg.Binary, "-F", "-c", file)
	if cfg.Nobody {
		world.Demote(s.process, who.uid, who.gid)
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() {
		s.process.Wait()
		close(s.ended)
	}()
	for {
		if conn, err := net.Dial("tcp", cfg.Listen); err == nil {
			return s, conn.Close()
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-s.ended:
			return nil, fmt.Errorf("dovecot has ended: %s\n%s", s.process.ProcessState, s.Log())
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("dovecot does not listen: %w\n%s", ctx.Err(), s.Log()), s.Close())
		}
	}
}

// An account of the system.
type account struct {
	user, group string
	uid, gid    int
}

// runAs returns the user nobody or the current one.
func runAs(nobody bool) (a account, err error) {
	who, err := user.Current()
	if nobody {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		return a, err
	}
	group, err := user.LookupGroupId(who.Gid)
	if err != nil {
		return a, err
	}
	a.user, a.group = who.Username, group.Name
	if a.uid, err = strconv.Atoi(who.Uid); err == nil {
		a.gid, err = strconv.Atoi(who.Gid)
	}
	return a, err
}

// configuration lets Dovecot 2.3 run everything as one user, without the users and
// folders that its package sets up.
func configuration(cfg Config, log string, who account) (string, error) {
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[2]s
info_log_path = %[2]s
listen = %[3]s
protocols = imap
ssl = required
ssl_cert = <%[5]s
ssl_key = <%[6]s
disable_plaintext_auth = yes
auth_mechanisms = plain login
default_internal_user = %[7]s
default_internal_group = %[8]s
default_login_user = %[7]s
first_valid_uid = 0
mail_location = maildir:%[1]s/mail
passdb {
  driver = passwd-file
  args = %[1]s/users
}
userdb {
  driver = static
  args = uid=%[9]d gid=%[10]d home=%[1]s/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = %[4]s
    ssl = yes
  }
}
service anvil {
  chroot =
}
namespace inbox {
  inbox = yes
}
`, cfg.Dir, log, host, port, cfg.CertFile, cfg.KeyFile, who.user, who.group, who.uid, who.gid), nil
}

// Log returns what the server has logged so far.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// LoggedIn reports whether somebody has logged in under a name over TLS.
func (s *Server) LoggedIn(name string) bool {
	login := regexp.MustCompile(`imap-login: .*Login: user=<` + regexp.QuoteMeta(name) + `>.*, TLS`)
	return login.MatchString(s.Log())
}

// Close ends the server.
func (s *Server) Close() error {
	err := s.process.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
		return nil
	case <-time.After(20 * time.Second):
		return errors.Join(err, errors.New("dovecot does not stop"), s.process.Process.Kill())
	}
}
