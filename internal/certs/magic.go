package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"sync/atomic"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// magic does the work on one name with certmagic, one operation at a time.
// certmagic's in-memory cache, timer and on-demand mode are not used otherwise.
type magic struct {
	config  *certmagic.Config
	cache   *certmagic.Cache
	issuer  *certmagic.ACMEIssuer
	storage *Storage
	bound   bool // to an external account
	log     *zap.Logger

	started, succeeded, failed atomic.Uint64 // orders
}

func newMagic(cfg ACMEConfig) (*magic, error) {
	m := &magic{storage: cfg.Storage, log: zap.New(newSlogCore(cfg.Log, cfg.Email))}
	m.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return m.config, nil },
		// This interval also affects when a renewal is due: always when less than
		// five intervals are left.
		RenewCheckInterval: cfg.CheckInterval,
		Logger:             m.log,
	})
	template := certmagic.Config{
		Storage: cfg.Storage.main,
		Logger:  m.log,
		// Let's Encrypt ended OCSP in 2025 (https://letsencrypt.org/2024/12/05/ending-ocsp).
		OCSP:      certmagic.OCSPConfig{DisableStapling: true},
		KeySource: certmagic.StandardKeyGenerator{KeyType: certmagic.P256},
		OnEvent:   m.count,
	}
	if cfg.Storage.cache != nil { // an interface that holds a nil would not be nil
		template.LocalCache = cfg.Storage.cache
	}
	m.config = certmagic.New(m.cache, template)
	issuer := certmagic.ACMEIssuer{
		CA:                   cfg.Directory,
		Email:                cfg.Email,
		Agreed:               true,
		Profile:              cfg.Profile,
		AltHTTPPort:          cfg.HTTPPort,
		DisableHTTPChallenge: cfg.HTTPPort == 0,
		AltTLSALPNPort:       cfg.TLSPort,
		ListenHost:           cfg.ListenHost,
		Logger:               m.log,
	}
	if len(cfg.RootPEM) > 0 {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(cfg.RootPEM) {
			m.cache.Stop()
			return nil, errors.New("the root certificates for the certification authority contain no certificate in PEM")
		}
		issuer.TrustedRoots = roots
	}
	if cfg.ExternalAccountFile != "" {
		account, err := loadExternalAccount(cfg.ExternalAccountFile)
		if err != nil {
			m.cache.Stop()
			return nil, err
		}
		issuer.ExternalAccount, m.bound = account, true
	}
	m.issuer = certmagic.NewACMEIssuer(m.config, issuer)
	m.issuer.TestCA = "" // otherwise repeated attempts would go there first
	m.config.Issuers = []certmagic.Issuer{m.issuer}
	return m, nil
}

// load reads a name's certificate from the storage, from the local copy if there is
// one; fs.ErrNotExist if there is none, [errDamaged] if it is unusable.
func (m *magic) load(ctx context.Context, name string) (*tls.Certificate, error) {
	cert, err := m.config.CacheManagedCertificate(ctx, name)
	if err != nil {
		return nil, m.markDamaged(ctx, name, err)
	}
	m.forget(name)
	return &cert.Certificate, nil
}

// update makes one attempt to get a name a good certificate: it orders one, renews it
// if that is due or the authority asks for it, or uses what another replica has stored.
//
// A renewal names the certificate that it replaces, which exempts it from the limits of
// Let's Encrypt. An authority refuses that if the certificate belongs to another account
// (RFC 9773, section 5), as after a change of the address. So every second attempt omits
// it; certmagic does that when told that two attempts have failed.
func (m *magic) update(ctx context.Context, name string, failures int) (*tls.Certificate, error) {
	m.forget(name)
	if failures%2 == 1 {
		attempts := 2
		ctx = context.WithValue(ctx, certmagic.AttemptsCtxKey, &attempts)
	}
	err := m.config.ManageSync(ctx, []string{name})
	if err != nil && m.accountIsNew(ctx, err) {
		err = m.config.ManageSync(ctx, []string{name})
	}
	if err != nil {
		return nil, explainAccount(m.markDamaged(ctx, name, err), m.bound)
	}
	return m.load(ctx, name)
}

// forget makes certmagic read the storage the next time.
func (m *magic) forget(name string) {
	m.cache.RemoveManaged([]certmagic.SubjectIssuer{{Subject: name}})
}

// stored returns the names with a certificate in the storage, or only those with one
// on the local disk.
func (m *magic) stored(ctx context.Context, local bool) ([]string, error) {
	storage := m.storage.main
	if local && m.storage.cache != nil {
		storage = m.storage.cache
	}
	keys, err := storage.List(ctx, certmagic.StorageKeys.CertsPrefix(m.issuer.IssuerKey()), false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the stored certificates cannot be listed: %w", err)
	}
	for i, key := range keys {
		keys[i] = path.Base(key)
	}
	return keys, nil
}

// challenge answers the authority's challenge by TLS (RFC 8737), also for an order of
// another replica.
func (m *magic) challenge(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	return m.config.GetCertificate(hello)
}

// httpChallenge answers the authority's challenge by HTTP (RFC 8555, section 8.3),
// also for an order of another replica. false: the request is not a challenge, and
// nothing was answered.
func (m *magic) httpChallenge(w http.ResponseWriter, r *http.Request) bool {
	return m.issuer.HandleHTTPChallenge(w, r)
}

// clean removes certificates that expired two weeks ago, once a day for all replicas
// together.
func (m *magic) clean(ctx context.Context) error {
	return certmagic.CleanStorage(ctx, m.storage.main, certmagic.CleanStorageOptions{
		Logger:                 m.log,
		Interval:               24 * time.Hour,
		ExpiredCerts:           true,
		ExpiredCertGracePeriod: 14 * 24 * time.Hour,
	})
}

func (m *magic) count(_ context.Context, event string, _ map[string]any) error {
	switch event {
	case "cert_obtaining":
		m.started.Add(1)
	case "cert_obtained":
		m.succeeded.Add(1)
	case "cert_failed":
		m.failed.Add(1)
	}
	return nil
}

func (m *magic) orders() OrderCounts {
	return OrderCounts{Started: m.started.Load(), Succeeded: m.succeeded.Load(), Failed: m.failed.Load()}
}

func (m *magic) stop() { m.cache.Stop() }
