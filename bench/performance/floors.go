//go:build linux

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mailsetup/bench/wrk"
)

// A floorAnswer is what bench/floor sends.
type floorAnswer struct {
	Method, Path     string
	Header           http.Header
	Body             []byte
	Certificate, Key string
}

// addFloors adds a row for each kind of answer, with a floor that sends the same.
func (w *world) addFloors(ctx context.Context, plain *process, overlay string) error {
	certificate, key, err := w.keyPair()
	if err != nil {
		return err
	}
	signing, err := w.launch(ctx, w.serve("--providers", overlay, "--sign-cert", certificate, "--sign-key", key))
	if err != nil {
		return err
	}
	get := func(path string) wrk.Request {
		return wrk.Request{Method: "GET", Path: path, Host: "autoconfig." + hostedDomain}
	}
	profile := get("/profile.mobileconfig?emailaddress=jane%40icloud.com")
	for _, row := range []struct {
		name      string
		request   wrk.Request
		goal      float64
		benchmark string
		signed    bool
	}{
		{"GET autoconfig, own domain", autoconfig("icloud.com"), 1.10, "Autoconfig/own", false},
		{"GET autoconfig, hosted domain", autoconfig(hostedDomain), 1.10, "Autoconfig/hosted", false},
		{"GET autoconfig, as ISPDB", get("/v1.1/icloud.com"), 1.10, "Autoconfig/ISPDB", false},
		{"GET autoconfig, mapped login", autoconfig(mappedDomain), 1.20, "Autoconfig/mapped", false},
		{"POST Autodiscover, own domain", pox("icloud.com"), 1.50, "Autodiscover/POST", false},
		{"POST Autodiscover, hosted domain", pox(hostedDomain), 1.50, "Autodiscover/POST_hosted", false},
		{"GET Autodiscover JSON", get("/autodiscover/autodiscover.json?Email=jane%40icloud.com&Protocol=AutodiscoverV1"), 1.15, "Autodiscover/JSON", false},
		{"GET profile, generic", get("/profile/icloud.mobileconfig"), 1.10, "Profile/generic", false},
		{"GET page", get("/"), 1.10, "Page", false},
		{"GET profile, personal", profile, 1.30, "Profile/personal", false},
		{"GET profile, signed (P-256)", profile, 1.30, "Profile/signed", true},
	} {
		// The floor of a signed answer gets the unsigned one and signs it itself.
		answer, err := capture(ctx, plain, row.request)
		if err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		subject := plain
		if row.signed {
			subject, answer.Certificate, answer.Key = signing, certificate, key
		}
		data, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		file := filepath.Join(w.folder, fmt.Sprintf("answer-%d.json", len(w.pairs)))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return err
		}
		base, err := w.launch(ctx, command{args: []string{w.floor, "ADDRESS", file}, ask: "/", host: "floor"})
		if err != nil {
			return err
		}
		if err := sameAnswer(ctx, subject, base, row.request, row.signed); err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		w.pairs = append(w.pairs, &pair{
			section: floorSection, name: row.name, request: row.request, subject: subject, base: base,
			goal: row.goal, benchmark: row.benchmark,
		})
	}
	return nil
}

// sameAnswer fails if the floor sends something other than the program.
// Signatures contain the time, and so differ.
func sameAnswer(ctx context.Context, subject, base *process, r wrk.Request, signed bool) error {
	a, errA := capture(ctx, subject, r)
	b, errB := capture(ctx, base, r)
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	if fmt.Sprint(a.Header) != fmt.Sprint(b.Header) {
		return fmt.Errorf("the floor sends the headers %v, the program %v", b.Header, a.Header)
	}
	if !signed && string(a.Body) != string(b.Body) {
		return errors.New("the floor's body differs from the program's")
	}
	if difference := len(a.Body) - len(b.Body); signed && max(difference, -difference) > 16 {
		return fmt.Errorf("the floor signs %d bytes, the program %d", len(b.Body), len(a.Body))
	}
	return nil
}

// capture asks once.
func capture(ctx context.Context, p *process, r wrk.Request) (a floorAnswer, err error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, "http://"+p.address+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return a, err
	}
	request.Host = r.Host
	if r.ContentType != "" {
		request.Header.Set("Content-Type", r.ContentType)
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	response, err := client.Do(request)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	a.Method, a.Path, a.Header = r.Method, request.URL.Path, response.Header
	// The body has the length, and net/http the date and the end of the connection.
	for _, name := range []string{"Date", "Content-Length", "Connection"} {
		a.Header.Del(name)
	}
	if a.Body, err = io.ReadAll(response.Body); err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", response.StatusCode)
	}
	return a, err
}

// keyPair makes a key of P-256 and a certificate for it.
func (w *world) keyPair() (certificate, key string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "setup.example.com"}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return "", "", err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", err
	}
	certificate, key = filepath.Join(w.folder, "sign.crt"), filepath.Join(w.folder, "sign.key")
	return certificate, key, errors.Join(
		os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))
}
