# Names for what the scripts do; CONTRIBUTING.md says more.
.PHONY: check bench bench-full fuzz

PYTHON := .venv/bin/python

# Format, lint, types, import contract, tests.
check:
	./check

# Figures of reading, beside others, about ten minutes; SECTIONS="reading peers" runs some.
bench: $(PYTHON)
	$(PYTHON) benchmarks/run.py $(SECTIONS)

# The same, with curves up to 1,000 MB and 5,000,000 rows.
bench-full: $(PYTHON)
	$(PYTHON) benchmarks/run.py --full $(SECTIONS)

# An hour of coverage-guided fuzzing of all readers (see fuzzing/README.md).
fuzz: $(PYTHON)
	$(PYTHON) -m pip install --quiet atheris
	$(PYTHON) -m fuzzing.fuzz --seconds 3600

$(PYTHON):
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --editable .
