module example.com/cgopher/go-targets

go 1.17
