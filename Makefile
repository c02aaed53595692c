# Names for what the scripts do; CONTRIBUTING.md says more.
.PHONY: check bench bench-full

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

$(PYTHON):
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --editable .
