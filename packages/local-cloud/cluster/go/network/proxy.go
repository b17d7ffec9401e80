package network

import (
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"
)

const dialLimit = 2 * time.Second

// proxy spreads the connections to one port of a Service over its endpoints.
type proxy struct {
	listener net.Listener
	mu       sync.Mutex
	backends []string
}

func startProxy(address string, backends []string) (*proxy, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, backends: backends}
	go p.serve()
	return p, nil
}

// close refuses further connections; those that are open go on.
func (p *proxy) close() { _ = p.listener.Close() }

func (p *proxy) setBackends(to []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backends = to
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.forward(client)
	}
}

func (p *proxy) forward(client net.Conn) {
	defer client.Close()
	p.mu.Lock()
	to := slices.Clone(p.backends)
	p.mu.Unlock()
	rand.Shuffle(len(to), func(i, j int) { to[i], to[j] = to[j], to[i] })
	for _, address := range to {
		backend, err := net.DialTimeout("tcp", address, dialLimit)
		if err != nil {
			continue // an endpoint may go before its removal is known here
		}
		defer backend.Close()
		go func() {
			_, _ = io.Copy(backend, client)
			_ = backend.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(client, backend)
		return
	}
}
