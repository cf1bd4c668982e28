module cgopher.bench/target

go 1.21
