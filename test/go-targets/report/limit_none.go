//go:build !go1.19

package report

func memoryLimit() string { return "" }
