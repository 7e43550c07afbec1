# The same checks as in .ci/run, one by one, and what people need daily.

CHECKS := packages format vet staticcheck tidy generated test cross binary image

.PHONY: build run check golden fuzz ci $(CHECKS)

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

# Each fuzz target for ten seconds.
fuzz:
	@git grep -Eo '^func Fuzz[A-Za-z0-9_]+' -- '*_test.go' | sed -E 's,^(.*)/[^/]*:func (.*),\1 \2,' | \
	while read -r folder target; do \
		echo "$$folder $$target"; go test "./$$folder" -run '^$$' -fuzz "^$$target\$$" -fuzztime 10s || exit 1; \
	done

ci:
	.ci/run

$(CHECKS):
	.ci/run $@
