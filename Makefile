# `make demo` and `make test` need Python >= 3.11 and a C compiler, and nothing else: each makes its
# own virtual environment. Other interpreters: make test PYTHON=python3.12

PYTHON ?= python3
DEMO_ARGS ?=
TEST_ARGS ?=
SOURCES := $(shell find src refimpl backends fastpath -name '*.py' -o -name '*.pyx' -o -name '*.pxi') \
	setup.py pyproject.toml

# pip leaves what it compiles in build/; a fresh copy keeps old files out of the installation.
define install
	$(PYTHON) -m venv $(1)
	$(1)/bin/python -m pip install --quiet --upgrade pip
	rm -rf build
	$(1)/bin/python -m pip install ".[$(2)]"
	touch $(1)/installed
endef

.PHONY: demo test test-full lint bench clean

demo: .venv-demo/installed
	.venv-demo/bin/python examples/digits.py $(DEMO_ARGS)

test: .venv-test/installed
	.venv-test/bin/python -m pytest -m "not slow and not gpu" $(TEST_ARGS)

test-full: .venv-test/installed
	.venv-test/bin/python -m pytest $(TEST_ARGS)

.venv-demo/installed: $(SOURCES)
	$(call install,.venv-demo,demo)

.venv-test/installed: $(SOURCES)
	$(call install,.venv-test,test)

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m cython_lint fastpath
	$(PYTHON) -m mypy

bench:
	cd asv_bench && $(PYTHON) -m asv run --quick

clean:
	rm -rf build dist .venv-demo .venv-test src/*.egg-info fastpath/*.c fastpath/*.so \
		fastpath/loops_generated.h
