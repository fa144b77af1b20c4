# What people and CI both run. `make help` lists it; the work beyond one line is in tools/.
PYTHON ?= python3
PREPARE = @$(PYTHON) -m tools
BIN = .venv/bin
CODE = $(wildcard src tests tools bench)

.DEFAULT_GOAL := help
.PHONY: help run test check fix bench soak lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: ## start Tandem on this machine, with everything it needs (ARGS="--port 8080")
	$(PREPARE) run
	@exec $(BIN)/tandem run $(ARGS)

test: ## every test, on a real database and in a real browser (ARGS="tests/db -k kill")
	$(PREPARE) test
	@$(BIN)/pytest -n 4 --dist worksteal $(ARGS)

check: ## style, types and layers, of both languages
	$(PREPARE) check
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy --strict $(CODE)
	$(BIN)/lint-imports --no-logo
	$(PREPARE) npm run check

fix: ## put right what a machine can put right
	$(PREPARE) check
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)
	$(PREPARE) npm run --if-present fix

bench: ## the benchmarks (ARGS="search")
	$(PREPARE) run
	@$(BIN)/python -m bench $(ARGS)

soak: ## hours of traffic with processes killed under it (ARGS="--hours 1")
	$(PREPARE) run
	@$(BIN)/python -m bench.soak $(ARGS)

lock: ## choose versions anew and write the lock files
	$(PREPARE) lock

clean: ## remove everything that was built; data stays
	rm -rf .venv .build build dist web/node_modules src/tandem/web/static
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
