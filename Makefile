.DEFAULT_GOAL := help
.PHONY: help setup demo demo-en test bench lint format docs pictures messages lock model clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

setup: ## install Debian packages and .venv, as far as anything is missing
	@bin/setup

demo: setup ## work through a rehearsed campaign in Mandarin and show what happened
	@.venv/bin/dissuade demo

demo-en: setup ## the same in English
	@.venv/bin/dissuade demo --language en

test: lint ## everything: lint and all tests
	.venv/bin/pytest --numprocesses auto --maxprocesses 4 -m "unit or virtual or voice or program" --durations=10
	.venv/bin/pytest -m "wire or acceptance" --durations=10

bench: setup ## 100 live calls on this machine, beside bare pjsua2 and Vosk alone (10 minutes)
	.venv/bin/python -m benchmarks.live

lint: setup ## style, types, who may import whom
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

format: setup ## lay the code out
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

docs: setup ## write the generated parts of docs/ anew
	.venv/bin/python -m dissuade.cli.reference docs/cli.md
	.venv/bin/python bin/rooms

pictures: setup ## take the pictures of the desk in docs/ anew
	.venv/bin/python -m tests.desk.screenshots docs/desk desk-offer call floor

messages: setup ## add new texts of the desk to its catalogue, and list what lacks a translation
	.venv/bin/python -m console.desk.catalogues

lock: setup ## write requirements.lock anew from pyproject.toml
	bin/lock

model: setup ## make the bundled speech models anew from synthetic speech, and measure them (an hour)
	bin/model

clean: ## remove .venv and caches; what the program wrote (var/) stays
	rm -rf .venv .venv-model build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
