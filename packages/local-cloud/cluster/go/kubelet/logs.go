package kubelet

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"k8s.io/klog/v2"
)

const followEvery = 100 * time.Millisecond

// serveLogs answers the API server's requests for the logs of containers: whole, the last lines, followed, or those of
// the time before the last restart.
func (k *kubelet) serveLogs() (port int, err error) {
	config, err := k.Credentials.KubeletServer()
	if err != nil {
		return 0, err
	}
	listener, err := tls.Listen("tcp", hostAddress+":0", config)
	if err != nil {
		return 0, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.answerLogs)
	go func() { klog.ErrorS(http.Serve(listener, mux), "Logs are no longer served") }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (k *kubelet) answerLogs(w http.ResponseWriter, r *http.Request) {
	p := k.podNamed(r.PathValue("namespace"), r.PathValue("pod"))
	if p == nil {
		http.NotFound(w, r)
		return
	}
	path := filepath.Join(p.dir, filepath.Base(r.PathValue("container"))+".log")
	if r.FormValue("previous") == "true" {
		path += ".previous"
	}
	f, err := os.Open(path)
	if err != nil {
		http.Error(w, "the container has no log yet", http.StatusNotFound)
		return
	}
	defer f.Close()
	if lines, err := strconv.Atoi(r.FormValue("tailLines")); err == nil {
		text, _ := io.ReadAll(f)
		_, _ = w.Write(tail(text, lines))
	} else {
		_, _ = io.Copy(w, f)
	}
	for r.FormValue("follow") == "true" {
		w.(http.Flusher).Flush()
		over := !sleep(followEvery, p.done) || r.Context().Err() != nil
		if n, _ := io.Copy(w, f); n == 0 && over {
			return
		}
	}
}

func tail(text []byte, lines int) []byte {
	all := bytes.SplitAfter(text, []byte("\n"))
	if len(all[len(all)-1]) == 0 {
		all = all[:len(all)-1]
	}
	return bytes.Join(all[max(0, len(all)-lines):], nil)
}
