module cgopher.example/stall

go 1.20
