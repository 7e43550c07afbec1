// Command floor is the baseline for measurements: a bare echo handler that sends a
// given answer, with the program's limits of net/http. Nothing that serves HTTP
// through net/http and echo can cost less.
//
//	floor ADDRESS ANSWER.json
package main

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/smallstep/pkcs7"
)

// An answer is what the program sent.
type answer struct {
	Method, Path string
	Header       http.Header // without what net/http adds
	Body         []byte
	// Certificate and Key are PEM files. With them the body is signed for each
	// request, because a signed profile cannot cost less.
	Certificate, Key string
}

// maxBody is how much of a request's body the program reads.
const maxBody = 16 << 10

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: floor ADDRESS ANSWER.json")
	}
	data, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return fmt.Errorf("%s: %w", args[2], err)
	}
	handler, err := handlerFor(a)
	if err != nil {
		return err
	}
	e := echo.New()
	e.Add(a.Method, a.Path, handler)
	return (&http.Server{
		Addr:              args[1],
		Handler:           e,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}).ListenAndServe()
}

func handlerFor(a answer) (echo.HandlerFunc, error) {
	if a.Key == "" {
		return func(c echo.Context) error { return send(c, a, a.Body) }, nil
	}
	pair, err := tls.LoadX509KeyPair(a.Certificate, a.Key)
	if err != nil {
		return nil, err
	}
	return func(c echo.Context) error {
		body, err := sign(a.Body, pair)
		if err != nil {
			return err
		}
		return send(c, a, body)
	}, nil
}

func send(c echo.Context, a answer, body []byte) error {
	if a.Method == http.MethodPost {
		var asked bytes.Buffer
		if _, err := io.Copy(&asked, http.MaxBytesReader(c.Response(), c.Request().Body, maxBody)); err != nil {
			return err
		}
	}
	h := c.Response().Header()
	for name, values := range a.Header {
		h[name] = values
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.Response().WriteHeader(http.StatusOK)
	_, err := c.Response().Write(body)
	return err
}

func sign(body []byte, pair tls.Certificate) ([]byte, error) {
	signed, err := pkcs7.NewSignedData(body)
	if err != nil {
		return nil, err
	}
	signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := signed.AddSigner(pair.Leaf, pair.PrivateKey.(crypto.Signer), pkcs7.SignerInfoConfig{}); err != nil {
		return nil, err
	}
	return signed.Finish()
}
