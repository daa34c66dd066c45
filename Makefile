# `make demo` and `make test` need Python >= 3.11, and a C compiler for speed, and nothing else: each
# makes its own virtual environment. Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
DEMO_ARGS ?=
TEST_ARGS ?=
BENCH_ARGS ?= --quick
SOURCES := $(shell find src refimpl backends fastpath -name '*.py' -o -name '*.pyx' -o -name '*.pxi') \
	setup.py pyproject.toml

# $(call install,ENVIRONMENT,EXTRA). pip leaves what it compiles in build/; removing it keeps old
# files out of the installation.
define install
	$(PYTHON) -m venv $(1)
	$(1)/bin/python -m pip install --quiet --upgrade pip
	rm -rf build
	$(1)/bin/python -m pip install ".[$(2)]"
	touch $(1)/installed
endef

.PHONY: demo test test-full lint bench clean
.NOTPARALLEL:

demo: .venv-demo/installed
	.venv-demo/bin/python examples/digits.py $(DEMO_ARGS)

test: .venv-test/installed
	.venv-test/bin/python -m pytest -m "not slow and not gpu" $(TEST_ARGS)

test-full: .venv-test/installed
	.venv-test/bin/python -m pytest $(TEST_ARGS)

lint: .venv-lint/installed
	.venv-lint/bin/ruff check .
	PATH="$(CURDIR)/.venv-lint/bin:$$PATH" cython-lint fastpath  # it looks for pycodestyle there
	.venv-lint/bin/mypy

bench: .venv-bench/installed
	cd asv_bench && ../.venv-bench/bin/asv machine --yes && ../.venv-bench/bin/asv run $(BENCH_ARGS)

.venv-demo/installed: $(SOURCES)
	$(call install,.venv-demo,demo)

.venv-test/installed: $(SOURCES)
	$(call install,.venv-test,test)

# These two look at the checkout, not at the installation: it needs no engine, nor to be fresh.
.venv-lint/installed .venv-bench/installed: export ISOGRAD_NO_EXT = 1
.venv-lint/installed: pyproject.toml
	$(call install,.venv-lint,dev)

.venv-bench/installed: pyproject.toml
	$(call install,.venv-bench,bench)

clean:
	rm -rf build dist *.egg-info src/*.egg-info .venv-demo .venv-test .venv-lint .venv-bench \
		fastpath/*.c fastpath/*.so fastpath/loops_generated.h
