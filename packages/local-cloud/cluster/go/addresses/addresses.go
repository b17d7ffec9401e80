// Package addresses gives each cluster of a machine address ranges of its own.
//
// The one address rule: what the API calls 10.a.b.c is 127.a.b.c on the machine. (The API refuses loopback addresses
// for endpoints; Linux answers on all of 127.0.0.0/8 without any set-up.)
package addresses

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
)

// 127.0.0.0/16 is what everybody else uses, and some resolvers listen there and in 127.1.0.0/16.
const first, last = 16, 239

// OnMachine is the machine's address for an address of the API.
func OnMachine(ip string) string {
	if rest, ok := strings.CutPrefix(ip, "10."); ok {
		return "127." + rest
	}
	return ip
}

// Range is a /16 that belongs to this process until it ends.
type Range struct{ number int }

// A listener that nothing refers to is closed by the garbage collector, and its range would be free again.
var guards []net.Listener

// Claim takes a range that no other cluster of this machine has. The guard is an abstract socket: the kernel gives
// its name to one process only, and takes it back however that process ends.
func Claim() (*Range, error) {
	for _, i := range rand.Perm(last - first + 1) {
		if guard, err := net.Listen("unix", fmt.Sprintf("@local-cloud/127.%d.0.0/16", first+i)); err == nil {
			guards = append(guards, guard)
			return &Range{first + i}, nil
		}
	}
	return nil, errors.New("no free address range: more than a hundred clusters run on this machine")
}

// CIDR is the range as the API knows it.
func (r *Range) CIDR() string { return fmt.Sprintf("10.%d.0.0/16", r.number) }

// Address is the n-th usable address of the range as the API knows it; n counts from 0 to Size-1.
func (r *Range) Address(n int) string { return fmt.Sprintf("10.%d.%d.%d", r.number, n/250, n%250+2) }

// Size is how many addresses a range has.
const Size = 250 * 250
