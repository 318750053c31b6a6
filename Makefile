# `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# uv takes a tenth of pip's time
INSTALL := $(if $(shell command -v uv),uv pip install --python $(VENV),$(BIN)/pip install) --quiet
export BENTOML_DO_NOT_TRACK := True
# uv leaves compiling to the first import: unless kept, each process would spend ten seconds on it
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install lock repro test e2e test-all mutants lint docs docs-serve serve image image-test mlflow bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## virtual environment with exactly what requirements.lock says

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
		|| { echo "Python 3.11 to 3.14 is needed: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is needed: apt install python3-venv (Debian, Ubuntu)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

lock:  ## resolve pyproject.toml into requirements.lock anew
	uv pip compile pyproject.toml --extra cluster --extra excel --extra s3 --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-package cartelera --upgrade --quiet \
		--custom-compile-command "make lock" -o requirements.lock

repro: install  ## the whole pipeline, on the embedded sample unless conf/local says otherwise
	dvc repro
	@echo
	@echo "  Look:    data/reports/eda.html    what is in the data, which columns matter"
	@echo "           data/reports/model.html  how good the model is, spot checks"
	@echo "  Compare: make mlflow              every run and trial, on localhost:5000"
	@echo "  Serve:   make serve               queries and recommendations, on localhost:3000"

# Two processes share the cores; threads of linear algebra on top of them would wait for each other.
test test-all: export OPENBLAS_NUM_THREADS := 1

test: install  ## unit tests
	pytest -n 2 --dist loadgroup -m "not e2e"

e2e: install  ## the pipeline, kills, bad input and a real server, end to end
	pytest -m e2e

test-all: install  ## unit and end-to-end tests in one run
	pytest -n 2 --dist loadgroup

mutants: install  ## change the code in 300 small ways, and see whether the tests notice: an hour
	$(INSTALL) -e '.[mutants]'
	python tests/mutants/run.py

lint: install  ## style, types and the direction of imports
	ruff check
	ruff format --check
	pyright
	lint-imports

# silent about what may one day become of its libraries
docs docs-serve: export NO_MKDOCS_2_WARNING := 1

docs: install  ## the documentation as a site, in dist/site
	mkdocs build --strict

docs-serve: install  ## the same on localhost:8000, made again while you write
	mkdocs serve --strict

serve: install  ## the packaged service on localhost:3000
	cartelera serve

image: install  ## container image of the packaged service, by docker, podman or buildah
	@test -f data/bento/bento.yaml || $(MAKE) repro
	deploy/build_image.sh

image-test: install  ## build the image from nothing, run it with no rights, ask, hurt and stop it
	tests/e2e/deploy/image_test.sh

# without MLflow's queues of jobs, ten more processes that nothing here asks for
mlflow: install  ## the MLflow UI on localhost:5000
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false mlflow server --backend-store-uri sqlite:///mlflow.db --host 127.0.0.1 --port 5000

bench: install  ## benchmarks, against the peers that are installed: pip install -e '.[bench]'
	@for benchmark in benchmarks/bench_*.py; do python $$benchmark || exit 1; done

clean:  ## remove what the pipeline made; runs and studies too
	find data -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	rm -rf dvc.lock mlflow.db .mlflow.db.lock mlartifacts optuna.journal* .dvc/tmp .dvc/cache
