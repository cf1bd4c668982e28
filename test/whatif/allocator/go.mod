module cgopher.example/whatif

go 1.20
