package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
)

//go:noinline
func startLookups(count int) {
	if count == 0 {
		return
	}
	nobody, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(err)
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", nobody.LocalAddr().String())
	}}
	for i := 0; i < count; i++ {
		go blockedInLookup(resolver, fmt.Sprintf("name%d.example.", i))
	}
}

// The resolver gives up after some seconds and is asked again.
//
//go:noinline
func blockedInLookup(resolver *net.Resolver, name string) {
	for {
		_, _ = resolver.LookupHost(context.Background(), name)
	}
}

//go:noinline
func startIdle(count int, address string) {
	for i := 0; i < count; i++ {
		client := &http.Client{Transport: &http.Transport{}}
		response, err := client.Get(address)
		check(err)
		_, err = io.Copy(io.Discard, response.Body)
		check(err)
		check(response.Body.Close())
	}
}

var silentPeers []net.Conn

//go:noinline
func startSilent(count int) {
	if count == 0 {
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	for i := 0; i < count; i++ {
		peer, err := net.Dial("tcp", listener.Addr().String())
		check(err)
		accepted, err := listener.Accept()
		check(err)
		silentPeers = append(silentPeers, peer)
		go blockedInNetworkRead(accepted)
	}
}

//go:noinline
func blockedInNetworkRead(connection net.Conn) {
	_, _ = connection.Read(make([]byte, 1))
}
