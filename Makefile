# The project's commands. `make install` is what the others call first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install up test lint

install: .venv/installed

.venv/installed: requirements/dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	touch $@

up: install
	$(BIN)/python manage.py up

test: install
	$(BIN)/python -m pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy .
	$(BIN)/lint-imports
