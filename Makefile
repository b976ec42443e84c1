# Everything here works on a fresh machine with Python 3.11; `make help` lists it.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PROMPT ?=
DURATION ?= 30
MINUTES ?= 10
SEED ?=
export PROMPT DURATION

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo up test lint types contracts unit format schema bench bench-api bench-queue bench-uploads bench-analysis bench-library bench-plays bench-likes bench-bulk bench-models bench-gpu soak clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(VENV)/.runtime ## install what the product needs (no PyTorch)

setup-dev: $(VENV)/.dev ## install what the tests need on top

demo: setup ## make a song: PROMPT="…" DURATION=30
	@$(BIN)/cadenza demo

up: setup ## start everything and keep it running until Ctrl-C
	@$(BIN)/cadenza up

test: lint types contracts unit ## lint, types, architecture contracts and all tests

lint: setup-dev ## style and the usual mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev ## mypy, strict
	$(BIN)/mypy .

contracts: setup-dev ## who may import whom
	$(BIN)/lint-imports --no-cache

unit: setup-dev ## all tests, on real servers where they need them
	$(BIN)/pytest

format: setup-dev ## let ruff format everything
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: setup ## write schema.graphql
	$(BIN)/cadenza schema -o schema.graphql

bench: setup ## measure the numbers that the README quotes
	$(BIN)/python -m tests.bench

bench-queue: setup ## arq as it comes beside the fair queue, on one Redis
	$(BIN)/python -m tests.bench.pick_up
	$(BIN)/python -m tests.bench.durable 2> /dev/null

bench-uploads: setup-dev ## how fast a file becomes a track, and what refusing hostile files takes
	$(BIN)/python -m tests.bench.uploads

bench-analysis: setup-dev ## how well beats, bars, sections, notes and copies of composed songs are found
	$(BIN)/python -m tests.bench.analysis
	$(BIN)/python -m tests.bench.recognition
	$(BIN)/python -m tests.bench.duplicates
	$(BIN)/python -m tests.bench.transcription

bench-library: setup-dev ## lists and searches of 100,000 tracks, beside MongoDB's own ways
	$(BIN)/python -m tests.bench.library

bench-plays: setup-dev ## reports of players: taking, counting, and what a kill loses
	$(BIN)/python -m tests.bench.plays

bench-likes: setup-dev ## thousands like one track, beside a counter in each like's transaction
	$(BIN)/python -m tests.bench.likes

bench-bulk: setup-dev ## 10,000 tracks tagged at once, beside one mutation a track
	$(BIN)/python -m tests.bench.bulk

bench-models: setup-dev ## token models of scores and of samples beside transformers, alone and in flight
	$(BIN)/python -m tests.bench.models 2> /dev/null
	$(BIN)/python -m tests.bench.musicgen 2> /dev/null

bench-gpu: setup-dev ## songs as samples on a CUDA device beside transformers; writes docs/benchmarks/DATE-DEVICE.md
	@$(BIN)/python -m tests.bench.gpu

bench-api: setup-dev ## the GraphQL edge beside strawberry's own, and under attack
	$(BIN)/python -m tests.bench.edge

soak: setup ## load and harm for MINUTES=10, then an audit; SEED=… repeats a run
	$(BIN)/python -m tests.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

clean: ## remove the environment and all local data
	rm -rf $(VENV) .cadenza out

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
		|| { echo "Cadenza needs Python 3.11 (the embedded Triton server is built for it). Install it, or set PYTHON=/path/to/python3.11."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/dev.txt
	@touch $@
