# Hilo's one door. Needs GNU make and Python 3.11 or newer with its venv module, and nothing else.
# Stamps in .venv remember what is installed, so that a second `make run` starts at once.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory --no-builtin-rules
SHELL := /bin/sh

# Both may be given: make VENV=elsewhere PYTHONS=python3.11 test
VENV := .venv
PYTHONS := python3.13 python3.12 python3.11 python3
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip install --quiet --no-input --disable-pip-version-check
# Only what was locked, and only ready-built: nothing is ever compiled on a small server.
LOCKED := $(PIP) --require-hashes --only-binary :all: -r
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header
# Four workers for two processors: many tests wait for a bot or a browser. Tests start Hilo some thousand times: what was
# compiled is kept, whatever the environment says of that.
PYTEST := PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest -q -n 4 --dist loadgroup
# More words for pytest, tests.bench or uv: make test ARGS='-k courier', make lock ARGS=--upgrade
ARGS :=

# Say it in the console's language: $(call say,en español,in English), without commas.
say = case "$${HILO_LANGUAGE:-$${LC_ALL:-$${LC_MESSAGES:-$${LANG:-}}}}" in \
	es*) echo '· $(1)' ;; *) echo '· $(2)' ;; esac
could_not_fetch = { $(call say,No se pudo instalar todo: revisa la red y repite la orden.,Not everything could be \
installed: check the network and run the same command again.) >&2; exit 1; }

.PHONY: help setup run test prove-short prove oldest check bench bench-compare mutants fuzz sbom audit lock

help:
	@$(call say,make setup  instala lo necesario y pregunta lo que una organización necesita,make setup  installs what is needed and asks for what an organisation needs)
	@$(call say,make run    prepara todo y arranca Hilo; de práctica mientras no haya nada real,make run    sets everything up and starts Hilo; in practice while nothing real exists)
	@$(call say,make test   prepara todo y corre las pruebas rápidas,make test   sets everything up and runs the quick tests)
	@$(call say,make prove-short  corre las pruebas que tardan: muertes · semanas enteras · pantallas,make prove-short  runs the tests that take long: kills · whole weeks · screens)
	@$(call say,make prove  corre todas en su forma larga: horas,make prove  runs all in their long form: hours)
	@$(call say,make oldest  corre una parte de las pruebas con el Python más viejo que haya,make oldest  runs a part of the tests on the oldest Python there is)
	@$(call say,make check  estilo · tipos · quién importa a quién,make check  style · types · who imports whom)
	@$(call say,make bench  mide el tiempo y la memoria,make bench  measures time and memory)
	@$(call say,make bench-compare  los compara con los de la versión de la que se partió,make bench-compare  compares them with those of the commit it started from)
	@$(call say,make mutants  cambia el código de a poco y mira si alguna prueba lo nota,make mutants  changes the code bit by bit and sees whether a test notices)
	@$(call say,make fuzz   da a cada lector de lo que mandan otros diez minutos de datos al azar,make fuzz   gives each parser of what strangers send ten minutes of random input)
	@$(call say,make sbom   escribe de qué bibliotecas está hecho Hilo (CycloneDX),make sbom   writes which libraries Hilo is made of (CycloneDX))
	@$(call say,make audit  pregunta por fallas conocidas en las bibliotecas,make audit  asks for known faults in the libraries)
	@$(call say,make lock   vuelve a fijar las versiones de las bibliotecas,make lock   pins the versions of the libraries anew)

# What a server needs, workers' part only where it is installed already, and nothing for tests; then the questions. Again, it goes on where it stopped.
setup: $(VENV)/.run
	@exec $(BIN)/hilo setup $(ARGS)

run: $(VENV)/.run
	@exec $(BIN)/hilo run $$($(PYTHON) -m bot.config)

test: $(VENV)/.dev
	@$(PYTEST) -m 'not proof' $(ARGS)

# The tests that take long; and all tests, in their long form, which tests/amounts.py sets.
prove-short: $(VENV)/.dev
	@$(PYTEST) -m proof $(ARGS)

prove: $(VENV)/.dev
	@HILO_PROVE=1 $(PYTEST) --overtime inf $(ARGS)

# Another seventh of the tests each day, in another order, on the oldest Python there is: many servers have no newer one.
DAY = $(shell echo $$(($$(date +%s) / 86400)))
oldest:
	@for python in python3.11 python3.12; do \
		$$python -c 'import ensurepip, venv' >/dev/null 2>&1 || continue; \
		exec $(MAKE) VENV=build/$$python PYTHONS=$$python test ARGS='--part $(DAY)/7 --shuffle $(DAY) $(ARGS)'; \
	done; \
	$(call say,Aquí no hay un Python más viejo que probar.,There is no older Python here to try.)

check: $(VENV)/.dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports
	@$(call say,Todo en orden.,All in order.)

bench: $(VENV)/.dev
	@$(PYTHON) -m tests.bench $(ARGS)

bench-compare: $(VENV)/.dev
	@$(PYTHON) -m tests.bench.compare $(ARGS)

# Changes stay in memory: the tree is not written to. A run that was stopped goes on; ARGS='--number 800 --seed 1'.
mutants: $(VENV)/.mutants
	@$(PYTHON) -m tests.mutants $(ARGS)

# Ten minutes of a processor for each parser, two at a time; ARGS='--seconds 60 --only jpeg'.
fuzz: $(VENV)/.fuzz
	@$(PYTHON) -m tests.fuzz $(ARGS)

sbom: $(VENV)/.run
	@$(PYTHON) -m tests.supply.sbom $(ARGS)

# Ends with 1 when a fault is known, with 2 when something could not be looked up. ARGS=--all
audit: $(VENV)/.run
	@$(PYTHON) -m tests.supply.audit $(ARGS)

lock: $(VENV)/.dev
	@$(LOCK) requirements.in --output-file requirements.txt $(ARGS)
	@$(LOCK) requirements-scale.in --constraints requirements.txt --output-file requirements-scale.txt $(ARGS)
	@$(LOCK) requirements-dev.in --constraints requirements-scale.txt --output-file requirements-dev.txt $(ARGS)
	@$(LOCK) requirements-mutants.in --constraints requirements-dev.txt --constraints requirements.txt \
		--no-emit-package yattag \
		--output-file requirements-mutants.txt $(ARGS)
	@$(LOCK) requirements-fuzz.in --output-file requirements-fuzz.txt $(ARGS)

# The stamp carries the folder's path. A folder that was moved, or a Python that is no more, makes the stamp
# useless, and .venv is made anew.
ifneq ($(CURDIR),$(shell $(PYTHON) -c '' 2>/dev/null && cat $(VENV)/.made 2>/dev/null))
.PHONY: $(VENV)/.made
endif

$(VENV)/.made:
	@new=; python=; \
	for candidate in $(PYTHONS); do \
		$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
		new=$$candidate; \
		if $$candidate -c 'import ensurepip, venv' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$new" ]; then \
		echo 'Hilo necesita Python 3.11 o más nuevo: usa Debian 12 o 13, o Ubuntu 24.04 (Ubuntu 22.04 trae Python 3.10 y no alcanza) · Hilo needs Python 3.11 or newer: use Debian 12 or 13, or Ubuntu 24.04 (Ubuntu 22.04 has Python 3.10, which is not enough).' >&2; \
		exit 1; \
	elif [ -z "$$python" ]; then \
		echo "A $$new le falta su módulo venv: en Debian o Ubuntu, apt install python3-venv · $$new lacks its venv module: on Debian or Ubuntu, apt install python3-venv." >&2; \
		exit 1; \
	fi; \
	if [ -s $@ ] || ! $(PYTHON) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		$(call say,Preparo una carpeta propia para Python ($(VENV)).,Making a folder of its own for Python ($(VENV)).); \
		rm -rf $(VENV) && $$python -m venv $(VENV); \
	fi && printf '%s' '$(CURDIR)' > $@

$(VENV)/.run: $(VENV)/.made requirements.txt requirements-scale.txt pyproject.toml
	@$(call say,Instalo lo que Hilo necesita: tarda uno o dos minutos.,Installing what Hilo needs: this takes a minute or two.)
	@$(LOCKED) requirements.txt || $(could_not_fetch)
	@! $(PYTHON) -c 'import procrastinate' 2>/dev/null || $(LOCKED) requirements-scale.txt || $(could_not_fetch)
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@$(call say,Instalo lo que piden las pruebas.,Installing what the tests need.)
	@$(LOCKED) requirements-dev.txt || $(could_not_fetch)
	@touch $@

# One library of cosmic-ray's comes only as source, for reports that are not made here: it is left out.
$(VENV)/.mutants: $(VENV)/.dev requirements-mutants.txt
	@$(call say,Instalo lo que piden los mutantes.,Installing what mutants need.)
	@$(LOCKED) requirements-mutants.txt --no-deps || $(could_not_fetch)
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev requirements-fuzz.txt
	@$(call say,Instalo lo que piden los datos al azar.,Installing what fuzzing needs.)
	@$(LOCKED) requirements-fuzz.txt || $(could_not_fetch)
	@touch $@
