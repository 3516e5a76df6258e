# The project's commands. `make install` is what the others call first.
PYTHON ?= python3
BIN := .venv/bin
LOOK := muse_site/static/muse docs/look

.PHONY: install demo reset up test faults soak nasty test-browser test-fast lint format typecheck pictures docs bench bench-peers

install: .venv/installed

.venv/installed: requirements/dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	touch $@

# Three tenants with sixty days of payments, two models, change requests to decide, live traffic. Run again, it goes on.
demo: install
	@$(BIN)/python manage.py demo

# Asks first; FORCE=1 does not.
reset: install
	@$(BIN)/python manage.py reset $(if $(filter 1,$(FORCE)),--yes)

up: install
	$(BIN)/python manage.py up

# People at their browsers mostly wait for a product to start, so they come two at a time. The others that start one load
# it, or hurt it: they come one after the other, with the machine for themselves.
test: test-fast test-browser .venv-peers/fastapi/installed
	$(BIN)/python -m pytest -m "live and not browser"

# People at their browsers, on the running product. Needs Chromium on the machine.
test-browser: install
	$(BIN)/python -m pytest -n 2 --dist loadfile -m browser

# The product hurt under load, one fault after the other; writes the table of docs/reliability.md.
faults: install
	FAULTS=all $(BIN)/python -m pytest -m live -s tests/faults
	$(BIN)/python -m benchmarks.fairness --report docs/reliability.md

# Mixed work for a while, and what grows meanwhile; red where something leaks. ARGS="--report docs/reliability.md" keeps the table.
MINUTES := 30
soak: install
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES) $(ARGS)

# The long form of what is sent to do harm: thousands of bad requests, hundreds of bad files, every reader and every operation.
nasty: install
	NASTY=all $(BIN)/python -m pytest -s tests/nasty

# Without those that start the product's own processes or a browser.
test-fast: install
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not live and not browser"

lint: install typecheck
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/oxfmt --check $(LOOK)
	$(BIN)/djangofmt --check templates

# Python, style sheets, scripts and templates, as `make lint` wants them.
format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/oxfmt $(LOOK)
	$(BIN)/djangofmt templates

typecheck: install
	$(BIN)/python -m mypy .

# Of every page, light and dark, 1440 and 390 wide, of a product with the demonstration in it. Needs Chromium.
# ARGS="--docs" renews those of the documentation; ARGS=--help tells the rest.
pictures: install
	$(BIN)/python -m muse_site.driving.pictures $(ARGS)

# The documentation, to site/.
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# What a request for a score costs beside what only runs the model. Needs wrk. ARGS="--row bare" is one line of the table.
bench: install
	$(BIN)/python -m benchmarks.serving $(ARGS)

# The same, beside services of others, each in an environment of its own; PEERS="fastapi kserve" makes only these.
PEERS := fastapi kserve ray mlserver mlflow bentoml litserve
bench-peers: install $(PEERS:%=.venv-peers/%/installed)
	$(BIN)/python -m benchmarks.serving $(ARGS)

.venv-peers/%/installed: benchmarks/serving/apps/%.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@
