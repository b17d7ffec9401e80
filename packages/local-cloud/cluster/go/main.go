// Command cluster is a Kubernetes cluster in one program: see package program.
package main

import (
	"all.in.one/cluster/controlplane/inprocess"
	"all.in.one/cluster/program"
)

func main() { program.Main(inprocess.ControlPlane{}) }
