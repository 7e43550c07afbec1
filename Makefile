# The checks of .ci/run, one by one, and targets for daily work.

CHECKS := needed format vet staticcheck tidy generated test fuzz faults-short cross binary image packages

.PHONY: build run check golden faults soak bench ci $(CHECKS)

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o mailsetup .

run:
	go run .

# Run this before a commit; it needs only Go.
check: format vet staticcheck
	go test ./...

# Rewrite the golden files and the help texts. Read the diff.
golden:
	go test $$(git grep -l 'flag.Bool("update"' -- '*_test.go' | xargs -n 1 dirname | sort -u | sed 's,^,./,') -update

# Every fault that must not harm the program, with figures, and half an hour of load.
# 'make soak FOR=3m' takes less.
FOR ?= 30m
faults:
	go run ./bench faults
soak:
	go run ./bench -for $(FOR) soak

# The cost of an answer compared with a handler that does nothing: docs/performance.md
# and its chart. It needs wrk, about ten minutes and a quiet machine. 'make bench
# ROUNDS=1' takes a minute and a half.
ROUNDS ?= 5
bench:
	go run ./bench/performance -rounds $(ROUNDS)

ci:
	.ci/run

$(CHECKS):
	.ci/run $@
