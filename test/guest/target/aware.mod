module example.com/cgopher/target

go 1.25
