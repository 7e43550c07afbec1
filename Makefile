# The same checks as in .ci/run, one by one, and what people need daily.

CHECKS := needed format vet staticcheck tidy generated test fuzz faults-short cross binary image packages

.PHONY: build run check golden faults soak bench ci $(CHECKS)

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o mailsetup .

run:
	go run .

# What to run before a commit; it needs Go alone.
check: format vet staticcheck
	go test ./...

# Write the golden files and the help texts anew. Look at the difference.
golden:
	go test $$(git grep -l 'flag.Bool("update"' -- '*_test.go' | xargs -n 1 dirname | sort -u | sed 's,^,./,') -update

# Every fault that must not harm the program, with figures, and half an hour of load.
# 'make soak FOR=3m' takes less.
FOR ?= 30m
faults:
	go run ./bench faults
soak:
	go run ./bench -for $(FOR) soak

# What an answer costs beside a handler that does nothing: docs/performance.md and
# its chart. It needs wrk, takes some ten minutes and wants a quiet machine. One round
# in a minute and a half: 'make bench ROUNDS=1'.
ROUNDS ?= 5
bench:
	go run ./bench/performance -rounds $(ROUNDS)

ci:
	.ci/run

$(CHECKS):
	.ci/run $@
