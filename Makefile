# The README says what to type on a machine without make.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: book page test lab notebooks form benchmark coverage mutants soak student picture zip oldest lock clean

book: $(READY)  # the published book, executed where something changed
	$(BIN)/jupyter-book build . -W --keep-going --quiet
	@echo "The book: $(CURDIR)/_build/html/index.html"

page: $(READY)  # a few pages alone, quickly: make page ONLY=book/krugman/basic_trade.ipynb
	$(BIN)/python book/_extensions/excerpt.py $(ONLY)

test: book  # the solvers, every notebook's stored outputs, the built pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/numpydoc lint $$(git ls-files 'lib/*.py')
	$(BIN)/pytest -n 2 tests; failed=$$?; \
	$(BIN)/pytest -n 2 --dist loadscope -W default --nbval --nbval-current-env book && exit $$failed

lab: $(READY)  # the chapters in JupyterLab, to change and run
	$(BIN)/jupyter lab --config book/_jupyter/config.py

notebooks: $(READY)  # run every changed notebook and store what it prints; or make notebooks ONLY=path
	$(BIN)/python book/_extensions/notebooks.py $(ONLY)

form: $(READY)  # words, open cells, checks and questions of each chapter
	$(BIN)/python book/_extensions/form.py

benchmark: book  # what the claims about speed rest on; LIGHTHOUSE names a folder that has it
	$(BIN)/pytest benchmarks --benchmark-columns=min,median,rounds
	$(BIN)/python -m benchmarks.gomory_boundary
	$(BIN)/python -m benchmarks.gomory_equilibria
	$(BIN)/python -m benchmarks.beyond
	$(BIN)/python benchmarks/pages.py --lighthouse "$(LIGHTHOUSE)"

coverage: $(READY)  # lines and branches of lib that no test reaches: there must be none
	$(BIN)/coverage run -m pytest -q -n 2 tests --ignore=tests/browser --ignore=tests/test_build.py
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

mutants: $(READY)  # change lib in 300 places, one at a time: do the tests notice? Half a day
	$(BIN)/python tests/mutate.py

soak: $(READY)  # 100,000 economies of each Krugman model, 10,000 of Gomory's. Hours
	$(BIN)/python tests/soak.py

student: $(READY)  # the same book without the solutions
	EDITION=student $(BIN)/jupyter-book build . -W --keep-going --quiet --path-output _build/student
	@echo "The student edition: $(CURDIR)/_build/student/_build/html/index.html"

zip: book  # the whole book in one file, for a USB stick
	$(BIN)/python book/_extensions/downloads.py

picture: book  # the README's picture, taken from the built book
	$(BIN)/python book/_extensions/picture.py

lock: $(READY)  # the exact versions, from the ranges in requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --upgrade \
		--custom-compile-command "make lock" --output-file requirements.lock requirements.txt

OLDEST := _build/oldest
oldest:  # lib, ledger and notebooks on the lowest versions in requirements.txt
	$(PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/pip install --quiet --disable-pip-version-check "uv>=0.5"
	$(OLDEST)/bin/uv pip install --quiet --python $(OLDEST) --resolution lowest-direct \
		--only-binary :all: -r requirements.txt
	PYTHONPATH="$(CURDIR)" $(OLDEST)/bin/python -m pytest -n 2 tests --ignore=tests/browser --ignore=tests/test_build.py; \
	failed=$$?; PYTHONPATH="$(CURDIR)" $(OLDEST)/bin/python -m pytest -n 2 --dist loadscope -W default \
		--nbval --nbval-current-env book && exit $$failed

clean:
	rm -rf _build .venv

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@
