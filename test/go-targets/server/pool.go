package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// mute is a database driver whose connections can be opened, and nothing else.
type mute struct{}

var errMute = errors.New("mute")

func (mute) Open(string) (driver.Conn, error)             { return mute{}, nil }
func (mute) Connect(context.Context) (driver.Conn, error) { return mute{}, nil }
func (mute) Driver() driver.Driver                        { return mute{} }
func (mute) Prepare(string) (driver.Stmt, error)          { return nil, errMute }
func (mute) Close() error                                 { return nil }
func (mute) Begin() (driver.Tx, error)                    { return nil, errMute }

var only *sql.Conn

//go:noinline
func startPool(waiters int) {
	if waiters == 0 {
		return
	}
	pool := sql.OpenDB(mute{})
	pool.SetMaxOpenConns(1)
	var err error
	only, err = pool.Conn(context.Background())
	check(err)
	for i := 0; i < waiters; i++ {
		go waitForConnection(pool)
	}
}

//go:noinline
func waitForConnection(pool *sql.DB) {
	_, err := pool.Conn(context.Background())
	check(err)
}
