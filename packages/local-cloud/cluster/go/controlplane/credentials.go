package controlplane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Credentials are made anew for each cluster and die with its folder. Elliptic curves, since finding RSA primes would
// take a noticeable part of the start.
type Credentials struct {
	dir        string
	authority  *x509.Certificate
	key        *ecdsa.PrivateKey
	AdminToken string
}

func newCredentials(dir string) (*Credentials, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificate("cluster authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	authority, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	token := make([]byte, 24)
	_, _ = rand.Read(token) // never fails
	c := &Credentials{dir: dir, authority: authority, key: key, AdminToken: hex.EncodeToString(token)}
	if err := c.write("ca.crt", "CERTIFICATE", der); err != nil {
		return nil, err
	}
	for _, name := range []string{"service-accounts", "api-server", "api-server-to-kubelet"} {
		if _, err := c.issue(name); err != nil {
			return nil, err
		}
	}
	tokens := c.AdminToken + `,admin,admin,"system:masters"` + "\n"
	return c, os.WriteFile(c.path("tokens.csv"), []byte(tokens), 0o600)
}

func certificate(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62)) // never fails
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
}

// issue makes NAME.key and NAME.crt; every certificate holds for this machine and for the API's names in the cluster.
func (c *Credentials) issue(name string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := certificate(name)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	template.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
	der, err := x509.CreateCertificate(rand.Reader, template, c.authority, key.Public(), c.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	if err := c.write(name+".key", "EC PRIVATE KEY", private); err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, c.write(name+".crt", "CERTIFICATE", der)
}

// KubeletServer lets a kubelet answer the API server and nobody else.
func (c *Credentials) KubeletServer() (*tls.Config, error) {
	own, err := c.issue("kubelet")
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	clients.AddCert(c.authority)
	return &tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}, nil
}

func (c *Credentials) path(name string) string { return filepath.Join(c.dir, name) }

func (c *Credentials) write(name, kind string, der []byte) error {
	return os.WriteFile(c.path(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
